import IdSyncCore
import TestSupport
import Testing

/// Law 6 and the gates: what is refused, with which gate, and that the rest of the plan is still there.
struct PlannerBlocksTests {
    private static let one = Build.identity("ID1")
    private static let old = Build.identity("OLD")
    private static let absentOld = DesiredIdentity(
        id: old,
        location: nil,
        presence: .absent,
        origin: Build.origin(4)
    )

    private func gates(_ plan: Plan) -> [String] { plan.blocked.map { "\($0.address) \($0.gate.rawValue)" } }

    @Test("A missing VM blocks its own row only")
    func missingTarget() {
        let desired = DesiredState(
            machines: [
                Build.desired(Build.vm("a"), have: [Self.one]),
                Build.desired(Build.vm("b"), have: [Self.one]),
            ]
        )
        let live = LiveState(
            identities: [Self.one: .found(Build.live(Self.one))],
            machines: [
                Build.vm("a"): .absent("ResourceNotFound"),
                Build.vm("b"): .found(Build.machine(Build.block(), id: Build.vm("b"))),
            ]
        )
        let plan = Build.plan(desired, live)
        #expect(gates(plan) == ["vm/a missing-target"])
        #expect(plan.changes.map(\.address) == ["vm/b"])
        #expect(plan.blocked.first?.origin == Build.origin(10))
    }

    @Test("A missing identity blocks its machine as a whole: half of a swap would leave it with neither")
    func missingIdentity() {
        let gone = Build.identity("GONE")
        let other = Build.vm("other")
        let plan = Build.plan(
            DesiredState(
                machines: [
                    Build.desired(have: [gone], remove: [Self.one]), Build.desired(other, have: [Self.one]),
                ]
            ),
            Build.state(
                [Build.machine(Build.block([Self.one])), Build.machine(Build.block(), id: other)],
                identities: [Self.one],
                absent: [gone]
            )
        )
        #expect(gates(plan) == ["vm/myVM missing-identity"])
        #expect(plan.changes.map(\.address) == ["vm/other"])
    }

    @Test("An identity that is to be absent and is gone already is still taken off")
    func goneButAttached() {
        let absent = DesiredIdentity(id: Self.one, location: nil, presence: .absent, origin: Build.origin())
        let plan = Build.plan(
            DesiredState(identities: [absent], machines: [Build.desired()]),
            Build.state([Build.machine(Build.block(system: true, [Self.one]))], absent: [Self.one])
        )
        #expect(plan.changes.map(\.address) == ["vm/myVM"])
        #expect(plan.changes.first?.delta?.remove.map(\.key) == [Self.one.key])
    }

    @Test("An unknown type token means no request, whatever is asked")
    func unknownType() {
        let block = IdentityBlock(type: IdentityType(parsing: "SystemAssigned, Foo"))
        let live = Build.state([Build.machine(block)], identities: [Self.one])
        for machine in [
            Build.desired(system: true), Build.desired(system: false), Build.desired(have: [Self.one]),
        ] {
            let plan = Build.plan(DesiredState(machines: [machine]), live)
            #expect(gates(plan) == ["vm/myVM unknown-type"])
            #expect(plan.changes.isEmpty)
        }
        #expect(Build.plan(DesiredState(machines: [Build.desired(remove: [Self.one])]), live).blocked.isEmpty)
    }

    @Test(
        "What cannot be read is refused with the gate of its cause",
        arguments: [
            (ReadFailure.Kind.permission, "permission"), (.authentication, "authentication"),
            (.malformed, "unreadable"),
            (.unavailable, "unreadable"), (.rejected, "unreadable"),
        ]
    )
    func unreadable(kind: ReadFailure.Kind, gate: String) {
        let live = LiveState(machines: [
            Build.vm(): .unreadable(ReadFailure(kind: kind, message: "GET … 403"))
        ])
        let plan = Build.plan(DesiredState(machines: [Build.desired(system: true)]), live)
        #expect(gates(plan) == ["vm/myVM \(gate)"])
        #expect(Build.plan(DesiredState(machines: [Build.desired()]), LiveState()).blocked.count == 1)
    }

    @Test("A VM in Deleting is refused only when something would be sent (F41)")
    func deleting() {
        let machine = LiveMachine(
            id: Build.vm(),
            block: Build.block([Self.one]),
            provisioningState: "Deleting"
        )
        let live = Build.state([machine], identities: [Self.one])
        #expect(
            gates(Build.plan(DesiredState(machines: [Build.desired(system: true)]), live)) == [
                "vm/myVM deleting"
            ]
        )
        #expect(gates(Build.plan(DesiredState(machines: [Build.desired(have: [Self.one])]), live)) == [])
    }

    @Test("Protected, encryption and the caller's own identity are never detached")
    func guardedRemovals() {
        let machine = LiveMachine(
            id: Build.vm(),
            block: Build.block(system: true, [Self.one]),
            encryptionIdentityKey: Self.one.key
        )
        let desired = DesiredState(
            machines: [Build.desired(system: false, remove: [Self.one])],
            protected: [GlobPattern("testrg/id*")]
        )
        let caller = CallerIdentity(
            objectID: "11111111-1111-1111-1111-111111111111",
            resourceID: Self.one.description.uppercased()
        )
        let plan = Build.plan(desired, Build.state([machine]), caller: caller)
        #expect(
            gates(plan) == [
                "vm/myVM protected", "vm/myVM encryption-identity", "vm/myVM self", "vm/myVM self",
            ]
        )
        #expect(plan.changes.isEmpty)
    }

    @Test("exclusive keeps what is ignored, protected or not a resource id")
    func exclusive() throws {
        let names = ["Built-In-Identity-westus", "kept", "surplus"]
        let attached = names.map { AttachedIdentity(spelling: Build.identity($0).description) }
        let block = IdentityBlock(
            type: .known(system: false, user: true),
            attached: attached + [AttachedIdentity(spelling: "garbage")]
        )
        let plan = Build.plan(
            DesiredState(
                machines: [
                    Build.desired(have: [Self.one], exclusive: true, ignore: ["*/Built-In-Identity-*"])
                ],
                protected: [GlobPattern("kept")]
            ),
            Build.state([Build.machine(block)], identities: [Self.one])
        )
        let change = try #require(plan.changes.first)
        #expect(change.delta?.remove.map(\.display) == [Build.identity("surplus").description])
        #expect(change.kept.map { "\($0.why)" } == ["azure-policy", "protected", "unmanaged"])
        #expect(plan.warnings.map(\.code) == [PlanCode.opaqueKey])
    }

    @Test("The location of an existing identity cannot change (F28)")
    func location() {
        let moved = DesiredIdentity(id: Self.one, location: "eastus", origin: Build.origin())
        let same = DesiredIdentity(id: Self.one, location: "West US", origin: Build.origin())
        let live = Build.state([], identities: [Self.one])
        #expect(
            gates(Build.plan(DesiredState(identities: [moved]), live)) == ["identity/ID1 location-change"]
        )
        #expect(
            Build.plan(DesiredState(identities: [same]), live)
                == Plan(changes: [], scopes: live.scopes, reads: 1)
        )
    }

    @Test("What leaves a VM leaves for a reason that the manifest gives")
    func reasons() throws {
        let names = ["named", "surplus", "OLD", "GONE", "Built-In-Identity-westus"]
        let ids = names.map { Build.identity($0) }
        let entry = DesiredMachine(
            id: Build.vm(),
            systemAssigned: false,
            userAssigned: [Build.reference(Self.one)],
            remove: [Build.reference(ids[0])],
            exclusive: true,
            ignore: [GlobPattern("GONE")],
            removeDangling: true,
            origin: Build.origin()
        )
        let plan = Build.plan(
            DesiredState(identities: [Self.absentOld], machines: [entry]),
            Build.state(
                [Build.machine(Build.block(system: true, ids))],
                identities: [Self.one, Self.old, ids[0], ids[1], ids[4]],
                absent: [ids[3]]
            )
        )
        let removed = try #require(plan.changes.first).removed
        let texts = removed.map { entry in
            let id = entry.id.flatMap { try? ResourceID(parsing: $0) }
            return [id?.name ?? "(system)", entry.why.rawValue, entry.writer].compactMap(\.self)
                .joined(separator: " ")
        }
        #expect(
            texts == [
                "(system) system", "Built-In-Identity-westus exclusive azure-policy", "GONE dangling",
                "named remove", "OLD absent", "surplus exclusive",
            ]
        )
    }

    @Test("Deleting an identity detaches it from declared VMs first")
    func deleteDetaches() throws {
        let plan = Build.plan(
            DesiredState(identities: [Self.absentOld], machines: [Build.desired()]),
            Build.state(
                [Build.machine(Build.block(system: true, [Self.old, Self.one]))],
                identities: [Self.old]
            )
        )
        #expect(plan.blocked.isEmpty)
        #expect(plan.changes.map(\.action) == ["assign", "delete"])
        #expect(plan.changes[0].delta?.remove.map(\.key) == [Self.old.key])
        #expect(plan.changes[0].delta?.add == [])
    }

    @Test("An identity that an undeclared VM carries is neither deleted nor detached (F27)")
    func deleteInUse() {
        let other = Build.machine(Build.block([Self.old]), id: Build.vm("other"))
        let plan = Build.plan(
            DesiredState(identities: [Self.absentOld], machines: [Build.desired()]),
            Build.state([Build.machine(Build.block([Self.old])), other], identities: [Self.old])
        )
        #expect(gates(plan) == ["identity/OLD dangling-reference"])
        #expect(plan.blocked.first?.evidence == [Build.vm("other").description])
        #expect(plan.changes.isEmpty)
    }

    @Test("A delete is refused when idsync cannot look, or cannot detach first")
    func deleteUnsure() {
        let base = Build.state([Build.machine(Build.block([Self.old]))], identities: [Self.old])
        let gap = LiveState(
            identities: base.identities,
            machines: base.machines,
            whereUsedGap: ReadFailure(kind: .permission, message: "403")
        )
        let desired = DesiredState(identities: [Self.absentOld], machines: [Build.desired()])
        #expect(gates(Build.plan(desired, gap)) == ["identity/OLD where-used"])
        let deleting = LiveMachine(
            id: Build.vm(),
            block: Build.block([Self.old]),
            provisioningState: "Deleting"
        )
        let stuck = Build.plan(desired, Build.state([deleting], identities: [Self.old]))
        #expect(gates(stuck) == ["identity/OLD detach"])
        #expect(stuck.changes.isEmpty)
    }

    @Test("An identity of a group that does not exist is not created")
    func missingGroup() {
        let live = LiveState(identities: [Self.one: .absent("ResourceGroupNotFound")])
        let identity = DesiredIdentity(id: Self.one, location: "westus", origin: Build.origin())
        let plan = Build.plan(
            DesiredState(identities: [identity], machines: []),
            live
        )
        #expect(gates(plan) == ["identity/ID1 missing-group"])
    }

    @Test(
        "Limits count what the plan takes away, as counts and shares",
        arguments: [
            (Limits(deletes: .init(count: 0)), ["limits limits"]),
            (Limits(deletes: .init(count: 1), unassigns: .init(count: 2)), []),
            (Limits(unassigns: .init(count: 1)), ["limits limits"]),
            (Limits(unassigns: .init(percent: 66)), ["limits limits"]),
            (Limits(unassigns: .init(percent: 67)), []),
            (Limits(deletes: .init(percent: 99)), ["limits limits"]),
        ]
    )
    func limits(limits: Limits, expected: [String]) {
        let plan = Build.plan(
            DesiredState(identities: [Self.absentOld], machines: [Build.desired(system: false)]),
            Build.state(
                [Build.machine(Build.block(system: true, [Self.old, Self.one]))],
                identities: [Self.old]
            ),
            limits: limits
        )
        #expect(gates(plan) == expected)
        #expect(plan.changes.count == 2)
    }

    @Test(
        "A limit that blocks says who set it",
        arguments: [
            (
                Limits(), Limits(deletes: .init(count: 0)),
                "the plan deletes 1 identity; --max-deletes allows 0"
            ),
            (
                Limits(deletes: .init(count: 0, origin: Build.origin(26))),
                Limits(deletes: .init(count: 0, origin: Build.origin(26))),
                "the plan deletes 1 identity; limits.deletes in manifest.yaml:26 allows 0"
            ),
            (
                Limits(unassigns: .init(count: 5, origin: Build.origin(26))),
                Limits(unassigns: .init(count: 5, percent: 50, origin: Build.origin(26))),
                "the plan takes 2 identities off VMs; --max-unassigns allows 50% of 3"
            ),
        ]
    )
    func limitSource(stated: Limits, limits: Limits, message: String) {
        let plan = Build.plan(
            DesiredState(
                identities: [Self.absentOld],
                machines: [Build.desired(system: false)],
                limits: stated
            ),
            Build.state(
                [Build.machine(Build.block(system: true, [Self.old, Self.one]))],
                identities: [Self.old]
            ),
            limits: limits
        )
        #expect(plan.blocked.map(\.message) == [message])
    }

    @Test("The default limit is called so")
    func defaultLimit() {
        let machines = (1...101).map { Build.desired(Build.vm("vm\($0)"), system: false) }
        let live = machines.map { Build.machine(Build.block(system: true), id: $0.id) }
        let plan = Build.plan(DesiredState(machines: machines), Build.state(live))
        #expect(
            plan.blocked.map(\.message) == [
                "the plan takes 101 identities off VMs; the default limit is 100"
            ]
        )
    }

    @Test("Only the guard makes an approved plan, and only of a plan without blocked rows")
    func guarding() throws {
        let blocked = Plan(changes: [], blocked: [BlockedItem(address: "vm/a", gate: .deleting, message: "")])
        #expect(throws: GateRefusal(blocked: blocked.blocked)) { _ = try PlanGuard.approve(blocked) }
        #expect(try PlanGuard.approve(blocked, skippingBlocked: true).changes == [])
        let limited = Plan(changes: [], blocked: [BlockedItem(address: "limits", gate: .limits, message: "")])
        #expect(throws: GateRefusal.self) { _ = try PlanGuard.approve(limited, skippingBlocked: true) }
    }

    @Test("Tags merge by name without case; what the manifest does not name stays")
    func tags() throws {
        let live = LiveIdentity(id: Self.one, location: "westus", tags: ["Owner": "a", "policy": "x"])
        let identity = DesiredIdentity(
            id: Self.one,
            location: "westus",
            tags: ["owner": "b", "new": "1"],
            origin: Build.origin()
        )
        let state = LiveState(identities: [Self.one: .found(live)])
        let change = try #require(Build.plan(DesiredState(identities: [identity]), state).changes.first)
        #expect(
            change.requests.map(\.body) == [["tags": ["Owner": "b", "policy": "x", "new": "1"]]]
        )
        #expect(change.requests.map(\.method) == ["PATCH"])
        let kept = DesiredIdentity(id: Self.one, location: nil, tags: ["OWNER": "a"], origin: Build.origin())
        #expect(Build.plan(DesiredState(identities: [kept]), state).changes.isEmpty)
    }
}
