import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// Whether the checker would notice: idsync is broken on purpose, and the sweep must say so by the right rule.
@Suite("Chaos with a planted bug") struct ChaosSabotageTests {
    /// Seeds that are tried until the bug shows.
    static let patience: UInt64 = 400

    struct Planted: Sendable, CustomTestStringConvertible {
        let sabotage: Sabotage
        /// The rules of the checker that may catch it.
        let rules: [String]

        var testDescription: String { sabotage.name }
    }

    static let bugs = [
        Planted(
            sabotage: Sabotage(name: "the type forgets the system-assigned identity") { request, _ in
                rewrite(request) { $0["type"] = dropping("SystemAssigned", from: $0["type"]) }
            },
            rules: ["an unnamed identity is never removed"]
        ),
        Planted(
            sabotage: Sabotage(name: "the type forgets the user-assigned identities") { request, _ in
                rewrite(request) { identity in
                    identity["type"] = dropping("UserAssigned", from: identity["type"])
                    identity["userAssignedIdentities"] = nil
                    identity["identityIds"] = nil
                }
            },
            rules: ["an unnamed identity is never removed"]
        ),
        Planted(
            sabotage: Sabotage(name: "everything that is attached is nulled") { request, state in
                rewrite(request) { identity in
                    guard var map = identity["userAssignedIdentities"]?.object,
                        let machine = try? ResourceID(parsing: request.url.path(percentEncoded: false)),
                        let block = state.identityBlock(of: machine)
                    else { return }
                    for attached in block.attached where map[attached.spelling] == nil {
                        map[attached.spelling] = .null
                    }
                    identity["userAssignedIdentities"] = .object(map)
                }
            },
            rules: ["an unnamed identity is never removed"]
        ),
        Planted(
            sabotage: Sabotage(name: "the array forgets its last entry") { request, _ in
                rewrite(request) { identity in
                    guard let list = identity["identityIds"]?.array, list.count > 1 else { return }
                    identity["identityIds"] = .array(list.dropLast())
                }
            },
            rules: ["an unnamed identity is never removed", "nothing beyond the approved plan is removed"]
        ),
        Planted(
            sabotage: Sabotage(name: "one identity too many is added") { request, state in
                rewrite(request) { identity in
                    guard var map = identity["userAssignedIdentities"]?.object,
                        let other = state.identities.max()
                    else { return }
                    map[other.description] = map[other.description] ?? [:]
                    identity["userAssignedIdentities"] = .object(map)
                }
            },
            rules: ["only planned identities are added"]
        ),
        Planted(
            sabotage: Sabotage(name: "If-Match is left out") { request, _ in
                var request = request
                request.headers.removeAll { $0.name.lowercased() == "if-match" }
                return request
            },
            rules: ["If-Match carries the last ETag"]
        ),
        Planted(
            sabotage: Sabotage(name: "a machine is replaced instead of patched") { request, _ in
                guard request.method == .patch, request.url.path().contains("Microsoft.Compute") else {
                    return request
                }
                return HTTPRequest(.put, request.url, headers: request.headers, body: request.body)
            },
            rules: ["only PATCH touches a machine"]
        ),
        Planted(
            sabotage: Sabotage(name: "another identity is deleted") { request, state in
                guard request.method == .delete,
                    let other = state.identities.min(),
                    var parts = URLComponents(url: request.url, resolvingAgainstBaseURL: false)
                else { return request }
                parts.path = other.description
                return parts.url.map { HTTPRequest(.delete, $0, headers: request.headers) } ?? request
            },
            rules: ["only planned writes are sent", "only absent identities are deleted"]
        ),
        Planted(
            sabotage: Sabotage(
                name: "failures are called successes",
                report: { report in
                    Report(
                        outcomes: report.outcomes.map { $0.with(status: .applied, writes: $0.writes) },
                        identities: report.identities,
                        signal: report.signal
                    )
                }
            ),
            rules: [
                "success means that the wish holds", "an error goes with a failure",
                "success means that it was seen to exist", "success means that it is gone",
            ]
        ),
        Planted(
            sabotage: Sabotage(
                name: "writes are kept quiet",
                report: { report in
                    Report(
                        outcomes: report.outcomes.map { $0.with(status: $0.status, writes: 0) },
                        identities: report.identities,
                        signal: report.signal
                    )
                }
            ),
            rules: ["no write goes unreported"]
        ),
    ]

    @Test("The checker catches it", arguments: bugs)
    func caught(_ bug: Planted) async throws {
        for seed in ChaosTests.base..<(ChaosTests.base + Self.patience) {
            let scenario = ScenarioGenerator.scenario(seed: seed)
            let run = try ChaosRun(scenario, sabotage: bug.sabotage)
            let checker = Checker.check(try await run.play())
            guard
                let violation = checker.violations.first(where: { text in
                    bug.rules.contains { text.hasPrefix($0 + ":") }
                })
            else { continue }
            print("\(bug.sabotage.name): seed \(seed): \(violation)")
            return
        }
        Issue.record("\(bug.sabotage.name): not caught in \(Self.patience) runs")
    }

    /// The request with another identity block, when it is a PATCH of a machine.
    private static func rewrite(
        _ request: HTTPRequest,
        _ change: (inout [String: JSONValue]) -> Void
    ) -> HTTPRequest {
        guard request.method == .patch, let body = request.body,
            var identity = (try? JSONValue(parsing: body))?["identity"]?.object
        else { return request }
        change(&identity)
        var request = request
        request.body = JSONValue.object(["identity": .object(identity)]).canonicalData()
        return request
    }

    private static func dropping(_ word: String, from type: JSONValue?) -> JSONValue? {
        guard let text = type?.string, text.contains(","), text.contains(word) else { return type }
        return .string(word == "SystemAssigned" ? "UserAssigned" : "SystemAssigned")
    }
}

extension ChangeOutcome {
    fileprivate func with(status: ChangeStatus, writes: Int) -> ChangeOutcome {
        ChangeOutcome(
            change: change,
            status: status,
            attempts: attempts,
            writes: writes,
            duration: duration,
            httpStatus: httpStatus,
            error: status == .applied ? nil : error,
            notes: notes
        )
    }
}
