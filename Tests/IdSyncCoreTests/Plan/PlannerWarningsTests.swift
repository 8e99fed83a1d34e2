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

    private static let noneLeft = "no identity is left: every token request on this VM will fail"

    static let defaults: [Default] = [
        Default(
            testDescription: "one to two without system",
            live: Build.block([one]),
            wanted: Build.desired(have: [two]),
            message:
                "apps that name no client id get no token any more: 2 identities, none is the default"
        ),
        Default(
            testDescription: "system switched on over one",
            live: Build.block([one]),
            wanted: Build.desired(system: true),
            message:
                "apps that name no client id get tokens of the system-assigned identity instead of ID1"
        ),
        Default(
            testDescription: "system switched off, one stays",
            live: Build.block(system: true, [one]),
            wanted: Build.desired(system: false),
            message:
                "apps that name no client id get tokens of ID1 instead of the system-assigned identity"
        ),
        Default(
            testDescription: "swap",
            live: Build.block([one]),
            wanted: Build.desired(have: [two], remove: [one]),
            message: "apps that name no client id get tokens of ID2 instead of ID1"
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
            message: noneLeft
        ),
        Default(
            testDescription: "the last two go",
            live: Build.block([one, two]),
            wanted: Build.desired(remove: [one, two]),
            message: noneLeft
        ),
        Default(
            testDescription: "the system identity was the last",
            live: Build.block(system: true),
            wanted: Build.desired(system: false),
            message: noneLeft
        ),
        Default(
            testDescription: "system switched off, unseen ones may stay",
            live: IdentityBlock(type: .known(system: true, user: true)),
            wanted: Build.desired(system: false),
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
            plan.warnings.map(\.code) == [
                PlanCode.defaultIdentity, PlanCode.managedBy, PlanCode.provisioningState, PlanCode.unguarded,
            ]
        )
        #expect(plan.changes.count == 1)
    }
}
