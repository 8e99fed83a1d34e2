import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// One VM from plan to done, against the emulator with everything that can come between.
struct MachineRunTests {
    private static let one = Build.identity("ID1")
    private static let two = Build.identity("ID2")
    private static let foreign = Build.identity("FOREIGN", group: "Other")

    private func world(
        _ block: IdentityBlock,
        compute: String = "2024-07-01",
        faults: [FaultRule] = [],
        settings: (inout EmulatorSettings) -> Void = { _ in }
    ) throws -> World {
        try World(
            machines: [Build.machine(block)],
            identities: [Self.one, Self.two, Self.foreign],
            apiVersions: APIVersions(compute: compute)
        ) { file in
            file.faults = faults
            settings(&file.settings)
        }
    }

    private func patch(_ action: FaultAction, nth: Int = 1, times: Int? = 1) -> FaultRule {
        FaultRule(method: .patch, path: "*/virtualMachines/*", nth: nth, times: times, action: action)
    }

    private let versions = ["2017-12-01", "2018-06-01", "2024-07-01"]

    @Test(
        "A swap beside a foreign identity and a system identity",
        arguments: ["2017-12-01", "2018-06-01", "2024-07-01"]
    )
    func swap(compute: String) async throws {
        let world = try world(Build.block(system: true, [Self.one, Self.foreign]), compute: compute)
        let report = try await world.apply(
            world.desired([Build.desired(have: [Self.two], remove: [Self.one])])
        )
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(report.outcomes.map(\.writes) == [1])
        #expect(world.carried() == ["system", Self.two.key, Self.foreign.key])
        let patches = world.log.writes
        #expect(patches.map(\.method) == [.patch])
        #expect((patches[0].header("If-Match") != nil) == (compute == "2024-07-01"))
        #expect(patches[0].header("Content-Type") == "application/json; charset=utf-8")
        #expect(patches[0].header("Authorization") == "Bearer test-token")
        let (_, plan) = try await world.plan(
            world.desired([Build.desired(have: [Self.two], remove: [Self.one])])
        )
        #expect(plan.changes.isEmpty)
    }

    @Test(
        "An identity that somebody adds between plan and PATCH survives",
        arguments: ["2017-12-01", "2018-06-01", "2024-07-01"]
    )
    func foreignAddedBefore(compute: String) async throws {
        let world = try world(Build.block([Self.one]), compute: compute)
        let desired = world.desired([Build.desired(remove: [Self.one])])
        let report = try await world.apply(desired) { _ in
            world.state.apply(OtherWriter(machine: Build.vm(), add: [Self.foreign.description]))
        }
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.carried() == [Self.foreign.key])
    }

    @Test("An identity added in the very moment between GET and PATCH survives through If-Match")
    func foreignAddedBetween() async throws {
        let writer = OtherWriter(machine: Build.vm(), add: [Self.foreign.description])
        let world = try world(Build.block(system: true, [Self.one]), faults: [patch(.otherWriter(writer))])
        let report = try await world.apply(world.desired([Build.desired(remove: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.log.writes.map(\.status) == [412, 200])
        #expect(world.carried() == ["system", Self.foreign.key])
    }

    @Test("A storm of 412 ends after five looks, with nothing lost")
    func storm() async throws {
        let world = try world(Build.block([Self.one]), faults: [patch(.precondition, times: nil)])
        let report = try await world.apply(world.desired([Build.desired(have: [Self.two])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.code == "PreconditionFailed")
        #expect(world.log.writes.count == ExecutionContext.raceLimit)
        #expect(world.carried() == [Self.one.key])
        #expect(!report.wroteAnything)
    }

    @Test("A change that would now take more than was approved is stale")
    func stale() async throws {
        let world = try world(Build.block([Self.one]))
        let exclusive = world.desired([Build.desired(have: [Self.two], exclusive: true)])
        let report = try await world.apply(exclusive) { _ in
            world.state.apply(OtherWriter(machine: Build.vm(), add: [Self.foreign.description]))
        }
        #expect(report.outcomes.map(\.status) == [.stale])
        #expect(world.log.writes.isEmpty)
        #expect(world.carried() == [Self.one.key, Self.foreign.key])
    }

    @Test("What somebody else has done already is not done again")
    func alreadyDone() async throws {
        let world = try world(Build.block([Self.one]))
        let report = try await world.apply(world.desired([Build.desired(have: [Self.two])])) { _ in
            world.state.apply(OtherWriter(machine: Build.vm(), add: [Self.two.description]))
        }
        #expect(report.outcomes.map(\.status) == [.alreadyDone])
        #expect(world.log.writes.isEmpty)
        #expect(report.converged)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let action: FaultAction
        var times: Int? = 1
        let status: ChangeStatus
        var code: String?
        let writes: Int
    }

    static let faults: [Fault] = [
        Fault(
            testDescription: "429 with Retry-After",
            action: .answer(FaultAnswer(status: 429, retryAfter: 7)),
            times: 2,
            status: .applied,
            writes: 3
        ),
        Fault(
            testDescription: "503 without",
            action: .answer(FaultAnswer(status: 503)),
            times: 3,
            status: .applied,
            writes: 4
        ),
        Fault(
            testDescription: "connection lost before",
            action: .reset(afterWrite: false),
            status: .applied,
            writes: 2
        ),
        Fault(
            testDescription: "connection lost after: done, and seen to be done",
            action: .reset(afterWrite: true),
            status: .applied,
            writes: 2
        ),
        Fault(
            testDescription: "answer cut off after the write",
            action: .truncate(20),
            status: .applied,
            writes: 2
        ),
        Fault(
            testDescription: "operation fails",
            action: .longRunning(LongRunningFault(.failed)),
            status: .failed,
            code: "InternalExecutionError",
            writes: 1
        ),
        Fault(
            testDescription: "operation fails, but the change is there (F63)",
            action: .longRunning(LongRunningFault(.failed, applied: true)),
            status: .applied,
            writes: 1
        ),
        Fault(
            testDescription: "operation canceled, then done",
            action: .longRunning(LongRunningFault(.canceled)),
            status: .applied,
            writes: 2
        ),
        Fault(
            testDescription: "operation never says Succeeded, machine is as wanted",
            action: .longRunning(LongRunningFault(.neverSucceeded)),
            status: .applied,
            writes: 1
        ),
        Fault(
            testDescription: "locked",
            action: .answer(FaultAnswer(status: 409, code: "ScopeLocked")),
            status: .failed,
            code: "ScopeLocked",
            writes: 1
        ),
        Fault(
            testDescription: "policy",
            action: .answer(FaultAnswer(status: 403, code: "RequestDisallowedByPolicy")),
            status: .failed,
            code: "RequestDisallowedByPolicy",
            writes: 1
        ),
        Fault(
            testDescription: "no permission",
            action: .answer(FaultAnswer(status: 403, code: "AuthorizationFailed")),
            status: .failed,
            code: "AuthorizationFailed",
            writes: 1
        ),
        Fault(
            testDescription: "conflict, then done",
            action: .answer(FaultAnswer(status: 409, code: "Conflict")),
            status: .applied,
            writes: 2
        ),
        Fault(
            testDescription: "a bug of ours",
            action: .answer(FaultAnswer(status: 400, code: "InvalidParameter")),
            status: .failed,
            code: "InvalidParameter",
            writes: 1
        ),
        Fault(
            testDescription: "operation URL elsewhere",
            action: .foreignOperation("https://evil.example"),
            status: .applied,
            writes: 1
        ),
        Fault(
            testDescription: "redirect",
            action: .redirect("https://evil.example/x"),
            times: nil,
            status: .failed,
            code: "redirect",
            writes: 1
        ),
    ]

    @Test("Faults on the PATCH", arguments: faults)
    func fault(_ row: Fault) async throws {
        let world = try world(
            Build.block(system: true, [Self.foreign]),
            faults: [patch(row.action, times: row.times)]
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        let outcome = try #require(report.outcomes.first)
        #expect(outcome.status == row.status, "\(outcome)")
        #expect(outcome.error?.code == row.code)
        #expect(world.log.writes.count == row.writes)
        #expect(world.carried().isSuperset(of: ["system", Self.foreign.key]))
        #expect(world.carried().contains(Self.one.key) == (row.status == .applied))
    }

    @Test("One identity that may not be assigned does not sink the others (F53)", arguments: [400, 403])
    func culprit(status: Int) async throws {
        let bad = Build.identity("bad", group: "rg.(x)")
        let good = (1...4).map { Build.identity("good\($0)") }
        let world = try World(machines: [Build.machine(Build.block(system: true))], identities: good + [bad])
        {
            $0.faults = [
                FaultRule(action: .identityError(identities: [bad.description], status: status))
            ].map { rule in
                var rule = rule
                rule.times = nil
                return rule
            }
        }
        let report = try await world.apply(world.desired([Build.desired(have: good + [bad])]))
        let outcome = try #require(report.outcomes.first)
        #expect(outcome.status == .failed)
        #expect(world.carried() == Set(good.map(\.key)).union(["system"]))
        let error = try #require(outcome.error)
        #expect(error.message.hasPrefix("identity bad (manifest.yaml:1:5) was refused: "), "\(error.message)")
        #expect(error.remedy?.contains("Managed Identity Operator") == (status == 403))
        #expect(error.remedy?.contains("lag behind") == (status == 400))
        #expect(outcome.writes == 1)
    }

    @Test("A refused identity that does not exist is told from one without permission (F52)")
    func missingCulprit() async throws {
        let world = try world(Build.block(), settings: { $0.missingIdentity = .forbidden })
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one, Self.two])])) { _ in
            world.state.apply(OtherWriter(deleteIdentity: Self.two))
        }
        let outcome = try #require(report.outcomes.first)
        #expect(outcome.status == .failed)
        #expect(outcome.error?.code == "missing-identity")
        #expect(outcome.error?.message == "identity ID2 (manifest.yaml:1:5) does not exist")
        #expect(world.carried() == [Self.one.key])
    }

    @Test("A refused mix of additions and removals becomes two requests, additions first (F9)")
    func mixed() async throws {
        let world = try world(Build.block([Self.one]), settings: { $0.mixedPatch = .refuse })
        let report = try await world.apply(
            world.desired([Build.desired(have: [Self.two], remove: [Self.one])])
        )
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.log.writes.map(\.status) == [400, 200, 200])
        #expect(world.carried() == [Self.two.key])
    }

    @Test("A refusal that names nobody is answered by sending one by one", arguments: [1, nil])
    func unnamedCulprit(times: Int?) async throws {
        let refusal = FaultAnswer(status: 403, code: "LinkedAuthorizationFailed", message: "no access")
        let world = try world(
            Build.block(system: true, [Self.foreign]),
            faults: [patch(.answer(refusal), times: times)]
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one, Self.two])]))
        #expect(report.outcomes.map(\.status) == [times == nil ? .failed : .applied])
        let kept: Set = ["system", Self.foreign.key]
        #expect(world.carried() == (times == nil ? kept : kept.union([Self.one.key, Self.two.key])))
        #expect(world.log.writes.map(\.status) == [403] + (times == nil ? [403, 403] : [200, 200]))
    }

    @Test("A swap whose new identity is refused leaves the old one on")
    func refusedSwap() async throws {
        let refusal = FaultAction.identityError(identities: [Self.two.description], status: 403)
        let world = try world(Build.block([Self.one]), faults: [FaultRule(times: nil, action: refusal)])
        let report = try await world.apply(
            world.desired([Build.desired(have: [Self.two], remove: [Self.one])])
        )
        let outcome = try #require(report.outcomes.first)
        #expect(outcome.status == .failed)
        #expect(world.carried() == [Self.one.key])
        #expect(
            outcome.notes.last
                == "ID1 was left on the machine, which would have none without the one that was refused"
        )
    }

    @Test("What was to stay and leaves with our write is told, whoever took it off")
    func notKept() async throws {
        let writer = OtherWriter(machine: Build.vm(), remove: [Self.foreign.description])
        let world = try world(
            Build.block(system: true, [Self.foreign]),
            faults: [
                FaultRule(method: .get, path: "*/operations/*", action: .otherWriter(writer))
            ]
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        let outcome = try #require(report.outcomes.first)
        #expect(outcome.status == .failed)
        #expect(outcome.error?.code == "not-kept")
        #expect(outcome.error?.message.hasPrefix("FOREIGN was on the machine before the request") == true)
    }

    @Test("Nobody is fought for ever: writers who take turns undoing us end the run (F17)")
    func contended() async throws {
        let undo = [Self.one, Self.two].map { OtherWriter(machine: Build.vm(), remove: [$0.description]) }
        let world = try world(
            Build.block(system: true),
            faults: (1...200).map { turn in
                FaultRule(
                    method: .get,
                    path: "*/operations/*",
                    nth: turn,
                    action: .otherWriter(undo[turn % 2])
                )
            },
            settings: { $0.polls = 0 }
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one, Self.two])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.code == "contended")
        #expect(world.log.writes.count < 10)
    }

    @Test("A missing ETag is no obstacle, and nothing is lost (F14)")
    func noETag() async throws {
        let world = try world(Build.block(system: true, [Self.one]), settings: { $0.etags = false })
        let report = try await world.apply(world.desired([Build.desired(remove: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.log.writes.map { $0.header("If-Match") } == [nil])
        #expect(world.carried() == ["system"])
    }

    @Test("More than 100 identities: a fresh ETag for each request, and resumption after a failed one (F66)")
    func chunks() async throws {
        let many = (1...250).map { Build.identity("id\($0)") }
        let world = try World(machines: [Build.machine(Build.block(system: true))], identities: many) {
            $0.faults = [
                FaultRule(
                    method: .patch,
                    path: "*/virtualMachines/*",
                    nth: 2,
                    times: 1,
                    action: .answer(FaultAnswer(status: 409, code: "ScopeLocked"))
                )
            ]
        }
        let desired = world.desired([Build.desired(have: many)])
        let first = try await world.apply(desired)
        #expect(first.outcomes.map(\.status) == [.failed])
        #expect(first.outcomes.map(\.writes) == [1])
        #expect(world.carried().count == 101)
        world.log.clear()
        let second = try await world.apply(desired)
        #expect(second.outcomes.map(\.status) == [.applied])
        #expect(world.log.writes.map(\.status) == [200, 200])
        let etags = world.log.writes.compactMap { $0.header("If-Match") }
        #expect(Set(etags).count == 2)
        #expect(world.carried().count == 251)
    }

    @Test("An accepted write that a GET never shows is not called applied (F49)")
    func notApplied() async throws {
        let undo = OtherWriter(machine: Build.vm(), remove: [Self.one.description])
        let world = try world(
            Build.block(system: true),
            faults: [
                FaultRule(
                    method: .get,
                    path: "*/virtualMachines/*",
                    nth: 2,
                    times: nil,
                    action: .otherWriter(undo)
                )
            ]
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.code == "not-applied")
        #expect(report.wroteAnything)
        #expect(world.log.writes.count == 3)
    }

    @Test("A run that is to stop begins no more writes")
    func stop() async throws {
        let stop = StopSignal()
        let world = try world(Build.block())
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]), stop: stop) {
            _ in
            stop.stop(.signal(2))
        }
        #expect(report.outcomes.map(\.status) == [.notStarted])
        #expect(report.signal == 2)
        #expect(world.log.writes.isEmpty)
    }
}
