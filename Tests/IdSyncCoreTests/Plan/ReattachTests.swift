import IdSyncCore
import TestSupport
import Testing

/// Dangling identities are cleaned up and re-created ones are re-attached, only when the manifest asks (F25, F26).
struct ReattachTests {
    private static let one = Build.identity("ID1")
    private static let gone = Build.identity("GONE")

    private func machine(
        removeDangling: Bool = false,
        reattach: Bool = false,
        have: [ResourceID] = [one]
    ) -> DesiredMachine {
        DesiredMachine(
            id: Build.vm(),
            userAssigned: have.map(Build.reference),
            removeDangling: removeDangling,
            reattach: reattach,
            origin: Build.origin()
        )
    }

    private func block(system: Bool = false, client: String?) -> IdentityBlock {
        IdentityBlock(
            type: .known(system: system, user: true),
            attached: [
                AttachedIdentity(spelling: Self.one.description, clientID: client, principalID: client),
                AttachedIdentity(spelling: Self.gone.description),
            ]
        )
    }

    private func plan(_ machine: DesiredMachine, _ block: IdentityBlock, protected: [String] = []) -> Plan {
        Build.plan(
            DesiredState(machines: [machine], protected: protected.map { GlobPattern($0) }),
            Build.state([Build.machine(block)], identities: [Self.one], absent: [Self.gone])
        )
    }

    @Test("Nothing happens unless it is asked for")
    func optIn() {
        #expect(plan(machine(), block(client: "old")).changes.isEmpty)
    }

    @Test("remove: [dangling] takes off just what does not exist, and never what is protected")
    func dangling() throws {
        let plan = plan(machine(removeDangling: true), block(client: "client-ID1"))
        #expect(
            try #require(plan.changes.first?.delta)
                == MachineDelta(remove: [AttachedIdentity(spelling: Self.gone.description)])
        )
        #expect(
            self.plan(machine(removeDangling: true), block(client: "client-ID1"), protected: ["GONE"]).changes
                .isEmpty
        )
    }

    @Test("reattach: true renews in two requests, the type right in each", arguments: ["old", nil])
    func reattach(client: String?) throws {
        let plan = plan(machine(reattach: true), block(system: true, client: client))
        let change = try #require(plan.changes.first)
        let map = { (value: JSONValue) in JSONValue.object([Self.one.description: value]) }
        let both = JSONValue.string("SystemAssigned, UserAssigned")
        #expect(
            change.requests.map(\.body) == [
                ["identity": ["type": both, "userAssignedIdentities": map(.null)]],
                ["identity": ["type": both, "userAssignedIdentities": map([:])]],
            ]
        )
        #expect(plan.summary.assign == 1 && plan.summary.unassign == 1)
        #expect(plan.warnings.map(\.code).contains(PlanCode.reattach))
        #expect(change.kept.map(\.why) == ["system", "unmanaged"])
        #expect(change.removed.map(\.why) == [.reattached])
    }

    @Test("reattach: true names nobody, so a protected one stays with a warning and everything else goes on")
    func protectedStays() throws {
        let two = Build.identity("ID2")
        let plan = Build.plan(
            DesiredState(
                machines: [machine(reattach: true, have: [Self.one, two])],
                protected: [GlobPattern("ID1")]
            ),
            Build.state(
                [Build.machine(block(client: "old"))],
                identities: [Self.one, two],
                absent: [Self.gone]
            )
        )
        #expect(plan.blocked == [])
        #expect(plan.changes.compactMap(\.delta) == [MachineDelta(add: [two])])
        #expect(
            plan.warnings.filter { $0.code == PlanCode.recreated }.map(\.message) == [
                "carries an earlier ID1 that was deleted and made anew; it is protected, so `reattach` leaves it alone "
                    + "and the VM cannot use the new one"
            ]
        )
    }

    @Test("No sweep takes off what is protected, whatever it finds", arguments: IdentityShape.allCases)
    func sweeps(shape: IdentityShape) {
        let lookups: [Lookup<LiveIdentity>?] = [
            nil, .absent("ResourceNotFound"), .found(Build.live(Self.one)),
            .unreadable(ReadFailure(kind: .permission, message: "no")),
        ]
        for lookup in lookups {
            for flags in 0..<32 {
                let isSet = { (bit: Int) in flags & (1 << bit) != 0 }
                let wish = DesiredMachine(
                    id: Build.vm(),
                    userAssigned: isSet(0) ? [Build.reference(Self.one)] : [],
                    exclusive: isSet(1),
                    removeDangling: isSet(2),
                    reattach: isSet(3),
                    origin: Build.origin()
                )
                let rules = { (protected: [GlobPattern]) -> MachineRules in
                    MachineRules(
                        desired: wish,
                        protected: protected,
                        shape: shape,
                        known: lookup.map { [Self.one: $0] } ?? [:],
                        arriving: isSet(4) ? [Self.one.key] : []
                    )
                }
                let live = Build.machine(block(client: "old"))
                let shielded = rules([GlobPattern("ID1")])
                #expect(shielded.delta(on: live.block).leaving.map(\.key).contains(Self.one.key) == false)
                guard case .go = shielded.verdict(on: live) else {
                    Issue.record("blocked: flags \(flags)")
                    continue
                }
                // A warning exactly for what `reattach` would have renewed.
                #expect(shielded.spared(on: live) == rules([]).delta(on: live.block).reattach)
            }
        }
    }

    @Test("The same client id, in any case, is no reason to renew")
    func converged() {
        #expect(plan(machine(reattach: true), block(client: "CLIENT-ID1")).changes.isEmpty == false)
        let exact = IdentityBlock(
            type: .known(system: false, user: true),
            attached: [
                AttachedIdentity(
                    spelling: Self.one.description,
                    clientID: "CLIENT-id1",
                    principalID: "principal-id1"
                )
            ]
        )
        #expect(plan(machine(reattach: true), exact).changes.isEmpty)
    }

    @Test("While an operation runs, missing ids prove nothing")
    func updating() {
        let live = LiveMachine(id: Build.vm(), block: block(client: nil), provisioningState: "Updating")
        let rules = MachineRules(
            desired: machine(reattach: true),
            shape: .dictionary,
            known: [Self.one: .found(Build.live(Self.one))]
        )
        #expect(rules.verdict(on: live) == .go(MachineDelta()))
    }
}
