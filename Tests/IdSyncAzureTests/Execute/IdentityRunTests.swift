import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// Identities from plan to done, and the order between them and machines.
struct IdentityRunTests {
    private static let new = Build.identity("NEW")
    private static let old = Build.identity("OLD")

    private func declared(_ id: ResourceID, tags: [String: String]? = nil) -> DesiredIdentity {
        DesiredIdentity(id: id, location: "westus", tags: tags, origin: Build.origin())
    }

    private func absent(_ id: ResourceID) -> DesiredIdentity {
        DesiredIdentity(id: id, location: nil, presence: .absent, origin: Build.origin())
    }

    @Test("Create, assign, detach and delete, in that order")
    func order() async throws {
        let world = try World(
            machines: [Build.machine(Build.block(system: true, [Self.old]))],
            identities: [Self.old]
        )
        let desired = world.desired(
            [Build.desired(have: [Self.new])],
            identities: [declared(Self.new, tags: ["a": "b"]), absent(Self.old)]
        )
        let report = try await world.apply(desired)
        #expect(report.outcomes.map(\.status) == [.applied, .applied, .applied])
        #expect(world.log.writes.map(\.method) == [.put, .patch, .delete])
        #expect(world.carried() == ["system", Self.new.key])
        #expect(world.state.identities == [Self.new])
        #expect(report.identities.map(\.id) == [Self.new])
        #expect(report.identities.first?.clientID != nil)
        let (_, plan) = try await world.plan(desired)
        #expect(plan.changes.isEmpty && plan.blocked.isEmpty)
    }

    @Test("An identity is not deleted when one detach failed")
    func deleteWaits() async throws {
        let vms = ["a", "b"].map { Build.vm($0) }
        let world = try World(
            machines: vms.map { Build.machine(Build.block([Self.old]), id: $0) },
            identities: [Self.old]
        ) {
            $0.faults = [
                FaultRule(
                    method: .patch,
                    path: "*/virtualMachines/b",
                    times: nil,
                    action: .answer(FaultAnswer(status: 409, code: "ScopeLocked"))
                )
            ]
        }
        let report = try await world.apply(
            world.desired(vms.map { Build.desired($0) }, identities: [absent(Self.old)])
        )
        #expect(
            report.outcomes.map { "\($0.change.address) \($0.status.rawValue)" } == [
                "vm/a applied", "vm/b failed", "identity/OLD not-started",
            ]
        )
        #expect(world.state.identities == [Self.old])
        #expect(world.carried(by: vms[1]) == [Self.old.key])
    }

    @Test("Replica lag after a create is waited for, then three steady answers are asked for (F31)")
    func lag() async throws {
        let world = try World {
            $0.faults = [FaultRule(method: .put, action: .notFoundFor(3))]
        }
        let report = try await world.apply(world.desired(identities: [declared(Self.new)]))
        #expect(report.outcomes.map(\.status) == [.applied])
        let gets = world.log.entries.drop { $0.method != .put }.dropFirst().filter {
            $0.path.hasSuffix("/NEW")
        }
        #expect(gets.prefix(6).map(\.status) == [404, 404, 404, 200, 200, 200])
    }

    @Test("Tags go out whole, and tags that came meanwhile make the change stale")
    func tags() async throws {
        let world = try World(identities: [Self.old])
        let desired = world.desired(identities: [declared(Self.old, tags: ["a": "1"])])
        #expect(try await world.apply(desired).outcomes.map(\.status) == [.applied])
        #expect(try await world.plan(desired).plan.changes.isEmpty)
    }

    @Test("Somebody else created it, or deleted it, first")
    func raced() async throws {
        let world = try World(identities: [Self.old])
        let desired = world.desired(identities: [declared(Self.new), absent(Self.old)])
        let report = try await world.apply(desired) { _ in
            world.state.apply(OtherWriter(createIdentity: Self.new))
            world.state.apply(OtherWriter(deleteIdentity: Self.old))
        }
        #expect(report.outcomes.map(\.status) == [.alreadyDone, .alreadyDone])
        #expect(world.log.writes.isEmpty)
    }

    @Test("A connection lost after the PUT is no second identity")
    func lostAnswer() async throws {
        let world = try World {
            $0.faults = [FaultRule(method: .put, action: .reset(afterWrite: true))]
        }
        let report = try await world.apply(world.desired(identities: [declared(Self.new)]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.state.identities == [Self.new])
    }
}

/// The last look before a deletion.
struct LateUsersTests {
    @Test("An identity that another machine got meanwhile is not deleted (F27)")
    func attachedMeanwhile() async throws {
        let old = Build.identity("OLD")
        let writer = OtherWriter(machine: Build.vm("b"), add: [old.description])
        let world = try World(
            machines: [
                Build.machine(Build.block([old]), id: Build.vm("a")),
                Build.machine(Build.block(), id: Build.vm("b")),
            ],
            identities: [old]
        ) {
            $0.faults = [FaultRule(method: .patch, path: "*/a", action: .otherWriter(writer))]
        }
        let report = try await world.apply(
            world.desired(
                [Build.desired(Build.vm("a"))],
                identities: [
                    DesiredIdentity(id: old, location: nil, presence: .absent, origin: Build.origin())
                ]
            )
        )
        #expect(report.outcomes.map(\.status) == [.applied, .stale])
        #expect(world.state.identities == [old])
        #expect(report.outcomes.last?.error?.message.hasPrefix("b carries it now") == true)
    }

    @Test("Conflicts are given time, used-up ETags are not")
    func backOff() async throws {
        for (status, code, isPatient) in [(409, "Conflict", true), (412, "PreconditionFailed", false)] {
            let world = try World(machines: [Build.machine(Build.block())]) {
                $0.faults = [
                    FaultRule(
                        method: .patch,
                        times: 3,
                        action: .answer(FaultAnswer(status: status, code: code))
                    )
                ]
            }
            let report = try await world.apply(world.desired([Build.desired(system: true)]))
            #expect(report.outcomes.map(\.status) == [.applied])
            let waited = world.time.sleeps.reduce(Duration.zero, +)
            #expect((waited >= .seconds(14)) == isPatient, "\(code) waited \(waited)")
        }
    }
}
