import Foundation
import TestSupport
import Testing

@testable import IdSyncCore

@Suite struct SavedPlanTests {
    private static let plans = [
        Sample.everything, Sample.chunked, Sample.everyGate, Sample.hostile, Sample.plan([]),
    ]

    private func message(_ data: Data) -> String {
        do throws(Diagnostic) {
            _ = try SavedPlan(parsing: data)
            return "accepted"
        } catch {
            return "\(error.code): \(error.message)"
        }
    }

    private func altered(_ change: (inout [String: JSONValue]) -> Void) -> Data {
        var members = Sample.document(Sample.everything).json.object ?? [:]
        change(&members)
        return JSONValue.object(members).canonicalData()
    }

    /// The document with a change made and its digest put right, as a newer or a hostile program would write it.
    private func rewritten(_ change: (inout [String: JSONValue]) -> Void) -> Data {
        altered {
            change(&$0)
            $0["digest"] = .string(PlanDigest.digest(of: .object($0)))
        }
    }

    @Test(arguments: plans) func roundTrip(plan: Plan) throws {
        let document = Sample.document(
            plan,
            target: PlanTarget(cloud: "custom", resourceManager: "https://arm.example", emulator: "s.json"),
            options: PlanOptions(maxDeletes: "25%"),
            diagnostics: [Diagnostic(.warning, code: "IDS1001", "x", at: Sample.place(1), notes: ["y"])]
        )
        for text in [
            document.json.prettyText(), String(decoding: document.json.canonicalData(), as: UTF8.self),
        ] {
            let saved = try SavedPlan(parsing: Data(text.utf8))
            #expect(saved.document == document)
            #expect(saved.document.json == document.json)
            #expect(saved.digest == document.digest)
            #expect(saved.target == document.target && saved.manifest == document.manifest)
            #expect(saved.options == document.options && saved.changes == plan.changes)
            #expect(PlanText(saved.document).render() == PlanText(document).render())
        }
    }

    @Test func cutOffFilesAreRefused() {
        let data = Sample.document(Sample.everything).json.canonicalData()
        for length in stride(from: 0, to: data.count, by: 97) {
            #expect(
                message(data.prefix(length))
                    == "IDS4001: the saved plan is not complete JSON: it was cut off or damaged"
            )
        }
    }

    @Test func otherFormatsAreRefused() {
        #expect(
            message(rewritten { $0["format"] = "idsync.plan/2" })
                == "IDS4002: the saved plan has format 'idsync.plan/2', this version of idsync reads 'idsync.plan/1'"
        )
        #expect(message(rewritten { $0["format"] = "idsync.plan/10" }).hasPrefix("IDS4002"))
        #expect(
            message(rewritten { $0["format"] = "idsync.report/1" })
                == "IDS4002: this is not a saved plan: its format is 'idsync.report/1'"
        )
        #expect(message(Data("{}".utf8)) == "IDS4002: this is not a saved plan: its format is missing")
        #expect(message(rewritten { $0["format"] = "idsync.plan/1.7" }) == "accepted")
    }

    @Test func newerMinorVersionsMayAddMembersButNotActions() {
        #expect(message(rewritten { $0["stack"] = "payments" }) == "accepted")
        let unknown = rewritten { members in
            var changes = members["changes"]?.array ?? []
            changes[0] = .object((changes[0].object ?? [:]).merging(["action": "adopt"]) { $1 })
            members["changes"] = .array(changes)
        }
        #expect(
            message(unknown)
                == "IDS4004: the document is not as its format says: expected an action that this version knows at "
                + "changes[0].action"
        )
    }

    @Test func missingMembersAreNamed() {
        #expect(
            message(rewritten { $0["target"] = nil })
                == "IDS4004: the document is not as its format says: expected a string at target.cloud"
        )
        #expect(
            message(rewritten { $0["manifest"] = ["files": [], "digest": "sha256:0"] })
                == "IDS4004: the document is not as its format says: expected the digest of the files listed at "
                + "manifest.digest"
        )
    }

    @Test func alteredPlansAreRefused() {
        let prefix = "IDS4003: the saved plan was damaged or altered after it was written: "
        #expect(message(altered { $0["digest"] = nil }) == prefix + "it carries no digest")
        #expect(
            message(altered { $0["blocked"] = [] }).hasPrefix(prefix + "its contents have the digest sha256:")
        )
        #expect(message(altered { $0["unknown"] = 1 }).hasPrefix(prefix))
        #expect(message(altered { $0["createdAt"] = "2020-01-01T00:00:00Z" }) == "accepted")
    }

    /// Whatever single byte is damaged: the file is refused, or still says the same plan.
    @Test(arguments: [UInt64(1), 2, 3]) func singleByteDamage(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let machine = Sample.id(.virtualMachine, "vm-é")
        let plan = Sample.plan([
            Sample.patch(1, machine, Sample.block(system: true), MachineDelta(add: [Sample.identity("ID1")]))
        ])
        let document = Sample.document(plan)
        let data = document.json.canonicalData()
        let covered = PlanDigest.covered(by: document.json)
        var refused = 0
        for _ in 0..<250 {
            var damaged = data
            let position = Int.random(in: 0..<damaged.count, using: &random)
            damaged[position] = damaged[position] ^ UInt8.random(in: 1...255, using: &random)
            do {
                let saved = try SavedPlan(parsing: damaged)
                #expect(
                    PlanDigest.covered(by: saved.document.json) == covered,
                    "seed \(seed), byte \(position)"
                )
            } catch {
                refused += 1
            }
        }
        #expect(refused > 200, "seed \(seed)")
    }

    @Test func reportsRoundTrip() throws {
        let document = Sample.reportDocument(Sample.report, exitCode: 7)
        let saved = try ReportDocument(parsing: document.json.canonicalData())
        #expect(saved.json == document.json)
        #expect(ReportText(saved).render() == ReportText(document).render())
    }

    @Test func kindOfDocument() {
        let report = Sample.reportDocument(Sample.report, exitCode: 7).json.canonicalData()
        let plan = Sample.document(Sample.everything).json.canonicalData()
        #expect(SavedDocument.kind(of: plan) == "plan")
        #expect(SavedDocument.kind(of: report) == "report")
        #expect(SavedDocument.kind(of: Data("[]".utf8)) == nil)
        #expect(SavedDocument.kind(of: Data("version: 1".utf8)) == nil)
    }
}
