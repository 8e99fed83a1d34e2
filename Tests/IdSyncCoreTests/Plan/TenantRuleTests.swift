import IdSyncCore
import TestSupport
import Testing

/// F55: an identity of another tenant is refused before anything is written.
struct TenantRuleTests {
    private static let own = Build.identity("OWN")
    private static let foreign = Build.identity("FOREIGN")

    private func live(_ block: IdentityBlock = Build.block(), foreignTenant: String?) -> LiveState {
        let identities = [(Self.own, "TENANT-a" as String?), (Self.foreign, foreignTenant)].map {
            id,
            tenant in
            (
                id,
                Lookup.found(
                    LiveIdentity(id: id, location: "westus", clientID: "c-\(id.name)", tenantID: tenant)
                )
            )
        }
        return LiveState(
            identities: Dictionary(uniqueKeysWithValues: identities),
            machines: [Build.vm(): .found(LiveMachine(id: Build.vm(), block: block, tenantID: "tenant-a"))]
        )
    }

    @Test(
        "Only two tenants that are both known and differ are refused",
        arguments: [
            ("tenant-a", "tenant-b", true), ("tenant-a", "Tenant-A", false), ("tenant-a", nil, false),
            (nil, "tenant-b", false), ("", "tenant-b", false), ("tenant-a", "", false), (nil, nil, false),
        ] as [(String?, String?, Bool)]
    )
    func rule(machine: String?, identity: String?, isRefused: Bool) {
        let identity = LiveIdentity(id: Self.foreign, location: "westus", tenantID: identity)
        let machine = LiveMachine(id: Build.vm(), block: .empty, tenantID: machine)
        #expect((TenantRule.refusal(attaching: identity, to: machine) != nil) == isRefused)
    }

    @Test("Attaching an identity of another tenant blocks the machine, and says what to do")
    func blocked() throws {
        let plan = Build.plan(
            DesiredState(machines: [Build.desired(have: [Self.own, Self.foreign])]),
            live(foreignTenant: "tenant-b")
        )
        #expect(plan.changes.isEmpty)
        let item = try #require(plan.blocked.first)
        #expect(plan.blocked.count == 1)
        #expect(item.address == "vm/myVM")
        #expect(item.gate == .crossTenant)
        #expect(item.gate.code == "IDS2019")
        #expect(
            item.message
                == "FOREIGN belongs to tenant tenant-b, and the machine to tenant tenant-a; identities cannot be "
                + "assigned across tenants"
        )
        #expect(item.evidence == [Self.foreign.description])
    }

    @Test("What is attached already may stay, and may go")
    func attached() {
        let block = Build.block([Self.foreign])
        for machine in [
            Build.desired(have: [Self.own, Self.foreign]), Build.desired(remove: [Self.foreign]),
        ] {
            let plan = Build.plan(
                DesiredState(machines: [machine]),
                live(block, foreignTenant: "tenant-b")
            )
            #expect(plan.blocked.isEmpty)
            #expect(plan.changes.count == 1)
        }
    }

    @Test("Attaching it again after it was made anew is refused as well")
    func reattached() {
        let block = IdentityBlock(
            type: .known(system: false, user: true),
            attached: [AttachedIdentity(spelling: Self.foreign.description, clientID: "earlier")]
        )
        let plan = Build.plan(
            DesiredState(
                machines: [
                    DesiredMachine(
                        id: Build.vm(),
                        userAssigned: [Build.reference(Self.foreign)],
                        reattach: true,
                        origin: Build.origin()
                    )
                ]
            ),
            live(block, foreignTenant: "tenant-b")
        )
        #expect(plan.blocked.map(\.gate) == [.crossTenant])
    }
}
