import Foundation
import IdSyncCore
import TestSupport
import Testing

/// What the digest covers, and what it does not.
@Suite struct PlanDigestTests {
    private static let seeds: [UInt64] = Array(1...20)

    /// A plan drawn from a seed; `shuffle` reorders whatever has no order of its own.
    private func document(seed: UInt64, shuffle: UInt64?) -> PlanDocument {
        var random = SeededRandom(seed: seed)
        var order = SeededRandom(seed: shuffle ?? 0)
        func mixed<T>(_ list: [T]) -> [T] { shuffle == nil ? list : list.shuffled(using: &order) }
        let ids = (0..<8).map {
            Sample.identity("ID\($0)", group: "G\(Int.random(in: 0..<3, using: &random))")
        }
        let changes = (1...5).map { number in
            let attached = ids.filter { _ in Bool.random(using: &random) }
            let add = ids.filter { !attached.contains($0) && Bool.random(using: &random) }
            let remove = attached.filter { _ in Bool.random(using: &random) }
            let system = Bool.random(using: &random)
            return Sample.patch(
                number,
                Sample.id(.virtualMachine, "vm-\(number)"),
                Sample.block(system: system, mixed(attached)),
                MachineDelta(
                    system: Bool.random(using: &random) ? !system : nil,
                    add: mixed(add),
                    remove: mixed(remove.map { AttachedIdentity(spelling: $0.description) })
                )
            )
        }
        let files = (0..<4).map {
            ManifestDigest.File(path: "f\($0).yaml", contents: Data("\($0 + Int(seed))".utf8))
        }
        return PlanDocument(
            plan: Sample.plan(changes, groups: mixed(["G0", "G1", "G2"])),
            createdAt: Date(timeIntervalSince1970: shuffle == nil ? 0 : 1_000_000),
            toolVersion: "1.0.0",
            manifest: ManifestDigest(files: mixed(files)),
            target: Sample.azure
        )
    }

    @Test(arguments: seeds) func orderAndTimeDoNotMatter(seed: UInt64) {
        let plain = document(seed: seed, shuffle: nil)
        let mixed = document(seed: seed, shuffle: seed &+ 99)
        #expect(plain.digest == mixed.digest, "seed \(seed)")
        #expect(plain.json["createdAt"] != mixed.json["createdAt"])
    }

    @Test func differentPlansHaveDifferentDigests() {
        let digests = Set(Self.seeds.map { document(seed: $0, shuffle: nil).digest })
        #expect(digests.count == Self.seeds.count)
    }

    @Test func theDigestIsInTheDocumentAndWellFormed() throws {
        let document = Sample.document(Sample.everything)
        #expect(document.json["digest"] == .string(document.digest))
        #expect(document.digest.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
    }

    private static let machine = Sample.id(.virtualMachine, "vm")

    private static func patch(
        system: Bool = false,
        add: [String] = ["ID1"],
        etag: String? = "\"1\"",
        warnings: [PlanWarning] = []
    ) -> Plan {
        let delta = MachineDelta(add: add.map { Sample.identity($0) })
        return Sample.plan([
            Sample.patch(
                1,
                machine,
                Sample.block(system: system),
                delta,
                warnings: warnings,
                etag: etag
            )
        ])
    }

    private static func requests(_ request: PlannedRequest) -> Plan {
        let change = patch().changes[0]
        return Sample.plan([
            Change(
                id: change.id,
                address: change.address,
                resourceID: change.resourceID,
                origin: change.origin,
                stage: change.stage,
                operation: change.operation,
                requests: [request]
            )
        ])
    }

    @Test func whatItDoesNotCover() {
        let reference = Sample.document(Self.patch()).digest
        #expect(Sample.document(Self.patch(etag: "\"2\"")).digest == reference)
        #expect(Sample.document(Self.patch(etag: nil)).digest == reference)
        let plan = Self.patch()
        let moreReads = Plan(changes: plan.changes, scopes: plan.scopes, reads: 99)
        #expect(Sample.document(moreReads).digest == reference)
        let diagnostics = [Diagnostic(.warning, code: "IDS1001", "x")]
        #expect(Sample.document(plan, diagnostics: diagnostics).digest == reference)
    }

    @Test func whatItCovers() {
        let path = Self.machine.description
        let body = Self.patch().changes[0].requests[0].body
        let variants: [PlanDocument] = [
            Sample.document(Self.patch()),
            Sample.document(Self.patch(system: true)),
            Sample.document(Self.patch(add: ["ID2"])),
            Sample.document(Self.patch(add: ["id1"])),
            Sample.document(Self.patch(warnings: [Sample.warning("IDS3004", "m", "vm/vm")])),
            Sample.document(Self.patch(), manifest: "version: 1 \n"),
            Sample.document(Self.patch(), options: PlanOptions(maxDeletes: "1")),
            Sample.document(
                Self.patch(),
                target: PlanTarget(cloud: "AzureChinaCloud", resourceManager: "https://x")
            ),
            Sample.document(
                Self.patch(),
                target: PlanTarget(
                    cloud: "AzureCloud",
                    resourceManager: "https://management.azure.com",
                    endpoint: "http://x"
                )
            ),
            Sample.document(
                Self.requests(PlannedRequest(method: "PUT", path: path, apiVersion: "2024-07-01", body: body))
            ),
            Sample.document(
                Self.requests(
                    PlannedRequest(method: "PATCH", path: path, apiVersion: "2023-09-01", body: body)
                )
            ),
            Sample.document(
                Self.requests(
                    PlannedRequest(method: "PATCH", path: path + "x", apiVersion: "2024-07-01", body: body)
                )
            ),
            Sample.document(
                Self.requests(
                    PlannedRequest(method: "PATCH", path: path, apiVersion: "2024-07-01", body: nil)
                )
            ),
        ]
        #expect(Set(variants.map(\.digest)).count == variants.count)
    }
}
