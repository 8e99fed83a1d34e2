import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// Re-created and dead identities from detection to repair, against the emulator.
struct ReattachRunTests {
    private static let one = Build.identity("ID1")
    private static let dead = Build.identity("DEAD")

    @Test(
        "An identity that was made anew is detached and attached again; its VM holds the new one afterwards"
    )
    func reattach() async throws {
        let world = try World(
            machines: [Build.machine(Build.block(system: true, [Self.one]))],
            identities: [Self.one]
        )
        world.state.apply(OtherWriter(deleteIdentity: Self.one))
        world.state.apply(OtherWriter(createIdentity: Self.one))
        let machine = DesiredMachine(
            id: Build.vm(),
            userAssigned: [Build.reference(Self.one)],
            reattach: true,
            origin: Build.origin()
        )
        let report = try await world.apply(world.desired([machine]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.log.writes.map(\.method) == [.patch, .patch])
        #expect(world.carried() == ["system", Self.one.key])
        let held = world.state.identityBlock(of: Build.vm())?.attached.first?.clientID
        let existing = try await world.live(for: world.desired([machine])).identities[Self.one]?.value?
            .clientID
        #expect(held != nil && held == existing)
        #expect(try await world.plan(world.desired([machine])).plan.changes.isEmpty)
    }

    @Test("Killed between the two requests, the next run attaches it")
    func interrupted() async throws {
        let world = try World(machines: [Build.machine(Build.block([Self.one]))], identities: [Self.one]) {
            $0.faults = [
                FaultRule(
                    method: .patch,
                    nth: 2,
                    times: 1,
                    action: .answer(FaultAnswer(status: 409, code: "ScopeLocked"))
                )
            ]
        }
        world.state.apply(OtherWriter(createIdentity: Self.one))
        let machine = DesiredMachine(
            id: Build.vm(),
            userAssigned: [Build.reference(Self.one)],
            reattach: true,
            origin: Build.origin()
        )
        let first = try await world.apply(world.desired([machine]))
        #expect(first.outcomes.map(\.status) == [.failed])
        #expect(first.wroteAnything)
        #expect(world.carried().isEmpty)
        let second = try await world.apply(world.desired([machine]))
        #expect(second.outcomes.map(\.status) == [.applied])
        #expect(world.carried() == [Self.one.key])
    }

    @Test(
        "A dead identity is detected by its 404 and cleaned up on request only",
        arguments: ["2017-12-01", "2024-07-01"]
    )
    func dangling(compute: String) async throws {
        let world = try World(
            machines: [Build.machine(Build.block(system: true, [Self.one, Self.dead]))],
            identities: [Self.one, Self.dead],
            apiVersions: APIVersions(compute: compute)
        )
        world.state.apply(OtherWriter(deleteIdentity: Self.dead))
        let (_, silent) = try await world.plan(world.desired([Build.desired(have: [Self.one])]))
        #expect(silent.changes.isEmpty)
        let machine = DesiredMachine(
            id: Build.vm(),
            userAssigned: [Build.reference(Self.one)],
            removeDangling: true,
            origin: Build.origin()
        )
        let report = try await world.apply(world.desired([machine]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.carried() == ["system", Self.one.key])
    }
}
