import IdSyncCore
import TestSupport
import Testing

/// Warnings are there when they should be, and only then.
struct PlannerWarningsTests {
    private static let one = Build.identity("ID1")
    private static let two = Build.identity("ID2")

    struct Default: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let live: IdentityBlock
        let wanted: DesiredMachine
        let message: String?
    }

    static let defaults: [Default] = [
        Default(
            testDescription: "one to two without system",
            live: Build.block([one]),
            wanted: Build.desired(have: [two]),
            message:
                "tokens requested without a client id: ID1 -> an error (2 identities, none is the default)"
        ),
        Default(
            testDescription: "system switched on over one",
            live: Build.block([one]),
            wanted: Build.desired(system: true),
            message: "tokens requested without a client id: ID1 -> the system-assigned identity"
        ),
        Default(
            testDescription: "system switched off, one stays",
            live: Build.block(system: true, [one]),
            wanted: Build.desired(system: false),
            message: "tokens requested without a client id: the system-assigned identity -> ID1"
        ),
        Default(
            testDescription: "swap",
            live: Build.block([one]),
            wanted: Build.desired(have: [two], remove: [one]),
            message: "tokens requested without a client id: ID1 -> ID2"
        ),
        Default(
            testDescription: "first one",
            live: Build.block(),
            wanted: Build.desired(have: [one]),
            message: nil
        ),
        Default(
            testDescription: "one more beside system",
            live: Build.block(system: true, [one]),
            wanted: Build.desired(have: [two]),
            message: nil
        ),
        Default(
            testDescription: "last one goes",
            live: Build.block([one]),
            wanted: Build.desired(remove: [one]),
            message: nil
        ),
        Default(
            testDescription: "two to one",
            live: Build.block([one, two]),
            wanted: Build.desired(remove: [one]),
            message: nil
        ),
    ]

    @Test("IMDS default identity (F24)", arguments: defaults)
    func defaultIdentity(row: Default) {
        let plan = Build.plan(
            DesiredState(machines: [row.wanted]),
            Build.state([Build.machine(row.live)], identities: [Self.one, Self.two])
        )
        #expect(plan.warnings.map(\.message) == (row.message.map { [$0] } ?? []))
    }

    @Test("A dangling and a re-created identity are shown, also on a VM that does not change (F25, F26)")
    func dangling() {
        let block = IdentityBlock(
            type: .known(system: false, user: true),
            attached: [
                AttachedIdentity(spelling: Self.one.description, clientID: "old", principalID: "old"),
                AttachedIdentity(spelling: Self.two.description),
            ]
        )
        let plan = Build.plan(
            DesiredState(machines: [Build.desired(have: [Self.one])]),
            Build.state([Build.machine(block)], identities: [Self.one], absent: [Self.two])
        )
        #expect(plan.changes.isEmpty)
        #expect(plan.warnings.map(\.code) == [PlanCode.dangling, PlanCode.recreated])
        let same = IdentityBlock(
            type: .known(system: false, user: true),
            attached: [
                AttachedIdentity(
                    spelling: Self.one.description,
                    clientID: "CLIENT-ID1",
                    principalID: "principal-id1"
                )
            ]
        )
        let clean = Build.plan(
            DesiredState(machines: [Build.desired(have: [Self.one])]),
            Build.state([Build.machine(same)], identities: [Self.one])
        )
        #expect(clean.warnings.isEmpty)
    }

    @Test("Owner, provisioning state and missing ETag are named")
    func circumstances() {
        let machine = LiveMachine(
            id: Build.vm(),
            block: Build.block([Self.one]),
            provisioningState: "Failed",
            managedBy: "/aks"
        )
        let plan = Build.plan(
            DesiredState(
                machines: [Build.desired(remove: [Self.one])],
                apiVersions: APIVersions(compute: "2020-06-01")
            ),
            Build.state([machine])
        )
        #expect(
            plan.warnings.map(\.code) == [PlanCode.managedBy, PlanCode.provisioningState, PlanCode.unguarded]
        )
        #expect(plan.changes.count == 1)
    }
}
