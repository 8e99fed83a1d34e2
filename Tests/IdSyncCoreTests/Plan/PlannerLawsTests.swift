import IdSyncCore
import TestSupport
import Testing

/// The laws of the planner, exhaustively over small worlds: every live type, every subset of three identities live,
/// every way to ask, both API shapes.
struct PlannerLawsTests {
    private static let pool = [
        Build.identity("ID1"), Build.identity("id-2", group: "Other-RG"), Build.identity("ID3"),
    ]

    /// One small world: what the VM has and what the manifest asks for.
    private struct World {
        let live: IdentityBlock
        let desired: DesiredMachine
        let protected: [GlobPattern]
        let shape: IdentityShape

        var rules: MachineRules { MachineRules(desired: desired, protected: protected, shape: shape) }
    }

    private static func subsets(_ ids: [ResourceID]) -> [[ResourceID]] {
        ids.reduce([[]]) { sets, id in sets + sets.map { $0 + [id] } }
    }

    /// 2 system flags x 8 live sets x 27 ways to name three identities x 3 system wishes x exclusive, ignore and
    /// protected on or off x 2 shapes.
    private static func worlds() -> [World] {
        var worlds: [World] = []
        let ways = subsets(pool).flatMap { wanted in
            subsets(pool.filter { !wanted.contains($0) }).map { (wanted, $0) }
        }
        for (wanted, remove) in ways {
            for system in [nil, true, false] as [Bool?] {
                for exclusive in [false, true] {
                    for pattern in ["", "*/id-2"] {
                        for hasSystem in [false, true] {
                            for attached in subsets(pool) {
                                for shape in IdentityShape.allCases {
                                    worlds.append(
                                        World(
                                            live: Build.block(system: hasSystem, attached),
                                            desired: Build.desired(
                                                system: system,
                                                have: wanted,
                                                remove: remove,
                                                exclusive: exclusive,
                                                ignore: exclusive && !pattern.isEmpty ? [pattern] : []
                                            ),
                                            protected: !exclusive && !pattern.isEmpty
                                                ? [GlobPattern(pattern)] : [],
                                            shape: shape
                                        )
                                    )
                                }
                            }
                        }
                    }
                }
            }
        }
        return worlds
    }

    /// What ARM would have after a body, by the rules of FACTS section 3, written apart from the planner.
    private static func armAfter(_ body: JSONValue, on live: IdentityBlock, shape: IdentityShape)
        -> (system: Bool, keys: Set<String>)
    {
        let type = body["identity"]?["type"]?.string ?? ""
        let system = type.contains("SystemAssigned")
        var keys = Set(live.attached.map(\.key))
        if !type.contains("UserAssigned") { return (system, []) }
        switch shape {
        case .dictionary:
            for (id, value) in body["identity"]?["userAssignedIdentities"]?.object ?? [:] {
                if value == .null { keys.remove(id.lowercased()) } else { keys.insert(id.lowercased()) }
            }
        case .array:
            keys = Set((body["identity"]?["identityIds"]?.array ?? []).compactMap { $0.string?.lowercased() })
        }
        return (system, keys)
    }

    @Test("Preservation, minimality, convergence and the encoder assertion hold in every small world")
    func laws() throws {
        let worlds = Self.worlds()
        #expect(worlds.count == 27 * 3 * 2 * 2 * 2 * 8 * 2)
        var failures: [String] = []
        var patches = 0
        for world in worlds {
            guard case .go(let delta) = world.rules.verdict(on: Build.machine(world.live)) else {
                // Only an explicit removal of a protected identity blocks here.
                if world.protected.isEmpty { failures.append("blocked: \(world)") }
                continue
            }
            failures += Self.violations(of: delta, in: world)
            if !delta.isEmpty { patches += 1 }
        }
        #expect(failures.prefix(3) == [])
        #expect(patches > 8_000)
    }

    private static func violations(of delta: MachineDelta, in world: World) -> [String] {
        let before = Set(world.live.attached.map(\.key))
        let wanted = Set(world.desired.userAssigned.map(\.id.key))
        let named = Set(world.desired.remove.map(\.id.key))
        // Law 1, computed apart: live − removals + additions.
        var expected = before.union(wanted).subtracting(named)
        if world.desired.exclusive {
            expected = expected.filter { key in
                wanted.contains(key) || (!world.desired.ignore.isEmpty && key == pool[1].key)
            }
        }
        let system = world.desired.systemAssigned ?? world.live.type.hasSystem
        let isNoop = expected == before && system == world.live.type.hasSystem
        if delta.isEmpty != isNoop { return ["minimality: \(world) gave \(delta)"] }
        guard !delta.isEmpty else { return [] }
        let body = IdentityBody.encode(delta, on: world.live, shape: world.shape)
        let after = armAfter(body, on: world.live, shape: world.shape)
        var found: [String] = []
        if after.keys != expected || after.system != system {
            found.append("preservation: \(world) sent \(body)")
        }
        if !BodyAssertion.violations(of: body, on: world.live, permitting: delta, shape: world.shape).isEmpty
        {
            found.append("assertion: \(world) sent \(body)")
        }
        if body["identity"]?["userAssignedIdentities"] == .object([:]) { found.append("empty map: \(world)") }
        let next = delta.applied(to: world.live)
        if !world.rules.delta(on: next).isEmpty { found.append("convergence: \(world)") }
        if world.shape == .dictionary, let map = body["identity"]?["userAssignedIdentities"]?.object,
            map.count != delta.identityCount
        {
            found.append("delta only: \(world)")
        }
        return found
    }

    @Test("Casing, spacing and order never make a difference")
    func spelling() {
        for type in [
            "SystemAssigned, UserAssigned", "systemassigned,userassigned", "UserAssigned,SystemAssigned",
        ] {
            for spell in [{ $0.lowercased() }, { $0.uppercased() }, { $0 }] as [@Sendable (String) -> String]
            {
                let block = IdentityBlock(
                    type: IdentityType(parsing: type),
                    attached: Self.pool.reversed().map { AttachedIdentity(spelling: spell($0.description)) }
                )
                let rules = MachineRules(
                    desired: Build.desired(system: true, have: Self.pool, exclusive: true),
                    shape: .dictionary
                )
                #expect(rules.verdict(on: Build.machine(block)) == .go(MachineDelta()))
            }
        }
    }

    @Test("A removal sends the key exactly as ARM spelled it")
    func removalSpelling() {
        let spelling = Self.pool[0].description.lowercased()
        let block = IdentityBlock(
            type: .known(system: false, user: true),
            attached: [AttachedIdentity(spelling: spelling), AttachedIdentity(spelling: "/odd//key")]
        )
        let rules = MachineRules(desired: Build.desired(remove: [Self.pool[0]]), shape: .dictionary)
        let body = IdentityBody.encode(rules.delta(on: block), on: block, shape: .dictionary)
        #expect(
            body == [
                "identity": ["type": "UserAssigned", "userAssignedIdentities": .object([spelling: .null])]
            ]
        )
    }

    @Test("The plan is the same whatever the order of the manifest", arguments: [7, 11, 2026] as [UInt64])
    func determinism(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let machines = (1...20).map { Build.desired(Build.vm("vm\($0)"), have: Self.pool) }
        let identities = Self.pool.map { DesiredIdentity(id: $0, location: "westus", origin: Build.origin()) }
        let live = Build.state(
            (1...20).map { Build.machine(Build.block(system: $0 % 2 == 0), id: Build.vm("vm\($0)")) },
            absent: Self.pool
        )
        let first = Build.plan(DesiredState(identities: identities, machines: machines), live)
        for _ in 1...10 {
            let shuffled = DesiredState(
                identities: identities.shuffled(using: &random),
                machines: machines.shuffled(using: &random)
            )
            #expect(Build.plan(shuffled, live) == first, "seed \(seed)")
        }
    }

    @Test("Creations come first, deletions after every detach of the identity")
    func order() {
        let old = Build.identity("OLD")
        let desired = DesiredState(
            identities: [
                DesiredIdentity(id: Self.pool[0], location: "westus", origin: Build.origin()),
                DesiredIdentity(id: old, location: nil, presence: .absent, origin: Build.origin()),
            ],
            machines: [
                Build.desired(Build.vm("a"), have: [Self.pool[0]]),
                Build.desired(Build.vm("b"), have: [Self.pool[0]]),
            ]
        )
        let live = Build.state(
            [
                Build.machine(Build.block([old]), id: Build.vm("a")),
                Build.machine(Build.block(), id: Build.vm("b")),
            ],
            identities: [old],
            absent: [Self.pool[0]]
        )
        let changes = Build.plan(desired, live).changes
        #expect(changes.map(\.address) == ["identity/ID1", "vm/a", "vm/b", "identity/OLD"])
        #expect(changes.map(\.dependsOn) == [[], ["c1"], ["c1"], ["c2"]])
    }
}
