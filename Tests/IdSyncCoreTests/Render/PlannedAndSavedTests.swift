import Foundation
import IdSyncCore
import TestSupport
import Testing

/// The real planner's plans through the saved file and the ceiling, in small random worlds.
@Suite struct PlannedAndSavedTests {
    private static let names = (1...5).map { Build.identity("ID\($0)") }

    /// What a manifest could ask for and what could be there.
    private struct World {
        var desired: DesiredState
        var live: LiveState

        init(seed: UInt64) {
            var random = SeededRandom(seed: seed)
            let machines = (1...3).map { number in
                let attached = names.filter { _ in random.oneIn(2) }
                return Build.machine(
                    Build.block(system: random.oneIn(2), attached),
                    id: Build.vm("vm\(number)"),
                    etag: "\"\(number)\""
                )
            }
            let wishes = machines.map { machine in
                let wanted = names.filter { _ in random.oneIn(3) }
                let system: Bool? = random.oneIn(3) ? random.oneIn(2) : nil
                return Build.desired(
                    machine.id,
                    system: system,
                    have: wanted,
                    remove: names.filter { !wanted.contains($0) && random.oneIn(3) }
                )
            }
            let versions = APIVersions(compute: random.oneIn(3) ? "2017-12-01" : "2024-07-01")
            desired = DesiredState(machines: wishes, apiVersions: versions)
            live = Build.state(machines, identities: names)
        }

        var plan: Plan { Build.plan(desired, live) }

        /// The same world with every machine changed by a function.
        func with(_ change: (LiveMachine) -> LiveMachine) -> World {
            var world = self
            world.live = Build.state(live.machines.values.compactMap(\.value).map(change), identities: names)
            return world
        }
    }

    private func outcomes(_ approved: Plan, _ fresh: World) throws -> [CeilingVerdict.Outcome] {
        let saved = try SavedPlan(parsing: Sample.document(approved).json.canonicalData())
        return Ceiling.compare(saved: saved, fresh: Sample.document(fresh.plan), live: fresh.live).map(
            \.outcome
        )
    }

    @Test(arguments: UInt64(1)...40) func savedPlansReadBackEqual(seed: UInt64) throws {
        let document = Sample.document(World(seed: seed).plan)
        let saved = try SavedPlan(parsing: Data(document.json.prettyText().utf8))
        #expect(saved.document.json == document.json, "seed \(seed)")
        #expect(PlanText(saved.document).render() == PlanText(document).render(), "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...40) func anotherSpellingAndETagStillGo(seed: UInt64) throws {
        let world = World(seed: seed)
        let shouted = world.with { machine in
            let attached = machine.block.attached.map {
                AttachedIdentity(spelling: $0.spelling.uppercased())
            }
            let block = IdentityBlock(type: machine.block.type, attached: attached)
            return LiveMachine(id: machine.id, block: block, etag: "\"99\"")
        }
        let outcomes = try outcomes(world.plan, shouted)
        #expect(outcomes == world.plan.changes.map { _ in .go }, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...40) func appliedPlansAreAlreadyDone(seed: UInt64) throws {
        let world = World(seed: seed)
        let after = Dictionary(
            world.plan.changes.compactMap { change in change.delta.map { (change.resourceID, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
        let applied = world.with { machine in
            let block = after[machine.id]?.applied(to: machine.block) ?? machine.block
            return LiveMachine(id: machine.id, block: block, etag: machine.etag)
        }
        let outcomes = try outcomes(world.plan, applied)
        #expect(outcomes == world.plan.changes.map { _ in .alreadyDone }, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...40) func aForeignIdentityMakesEveryTouchedMachineStale(seed: UInt64) throws {
        let world = World(seed: seed)
        let foreign = AttachedIdentity(spelling: Build.identity("foreign").description)
        let drifted = world.with { machine in
            let type = IdentityType.known(system: machine.block.type.hasSystem, user: true)
            let block = IdentityBlock(type: type, attached: machine.block.attached + [foreign])
            return LiveMachine(id: machine.id, block: block, etag: machine.etag)
        }
        let reason = "live state changed since the plan: + TestRG/foreign attached"
        let outcomes = try outcomes(world.plan, drifted)
        #expect(outcomes == world.plan.changes.map { _ in .stale(reason) }, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...40) func whatCannotBeDoneAnyMoreIsNotDone(seed: UInt64) throws {
        var world = World(seed: seed)
        let approved = world.plan
        // Every identity is deleted, so nothing can be assigned: additions vanish from the plan and are not on the VM.
        world.live = Build.state(world.live.machines.values.compactMap(\.value), absent: Self.names)
        for (change, outcome) in zip(approved.changes, try outcomes(approved, world)) {
            let adds = change.delta?.add.isEmpty == false
            #expect((outcome == .alreadyDone) == false, "seed \(seed)")
            if adds { #expect(outcome != .go, "seed \(seed)") }
        }
    }
}
