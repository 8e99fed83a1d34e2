import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport

/// Makes a scenario from a seed: the world, then the manifest, then what goes wrong.
struct ScenarioGenerator {
    var random: SeededRandom
    var scenario: Scenario

    static func scenario(seed: UInt64) -> Scenario {
        var generator = ScenarioGenerator(random: SeededRandom(seed: seed), scenario: Scenario(seed: seed))
        generator.makeWorld()
        generator.makeManifest()
        generator.makeTrouble()
        return generator.scenario
    }

    /// A scenario in which nothing goes wrong and nothing is blocked.
    static func calm(seed: UInt64) -> Scenario {
        var scenario = scenario(seed: seed)
        scenario.planFaults = []
        scenario.applyFaults = []
        scenario.intruders = []
        scenario.stopAt = nil
        scenario.settings.mixedPatch = .accept
        return scenario
    }

    // MARK: chance

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    mutating func some<Value>(of values: [Value], percent: Int) -> [Value] {
        values.filter { _ in chance(percent) }
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// An id as somebody may have typed it: ARM ignores case and keeps what it was given.
    mutating func spelled(_ id: ResourceID) -> String {
        let text = id.description
        switch number(0...5) {
        case 0: return text.lowercased()
        case 1: return text.uppercased()
        case 2:
            return String(text.enumerated().map { $0.offset % 3 == 0 ? flipped($0.element) : $0.element })
        default: return text
        }
    }

    private func flipped(_ character: Character) -> Character {
        guard character.isASCII else { return character }
        let text = character.isLowercase ? character.uppercased() : character.lowercased()
        return text.first ?? character
    }

    mutating func respelled(_ id: ResourceID) -> ResourceID { (try? ResourceID(parsing: spelled(id))) ?? id }

    // MARK: world

    private mutating func makeWorld() {
        scenario.groups = Array(["TestRG", "Other", "rg.(x)"].prefix(pick([1, 1, 2, 2, 3])))
        scenario.apiVersions = APIVersions(
            compute: pick([
                "2017-12-01", "2018-04-01", "2018-06-01", "2022-03-01", "2023-09-01", "2024-07-01",
                "2024-07-01", "2025-04-01",
            ]),
            managedIdentity: pick(["2015-08-31-preview", "2018-11-30", "2023-01-31", "2024-11-30"])
        )
        makeSettings()
        for index in 0..<number(4...8) {
            let name = (chance(15) ? "Keep" : "Id") + "\(index)"
            var identity = Scenario.Identity(id: Build.identity(name, group: pick(scenario.groups)))
            identity.exists = chance(85)
            if chance(30) { identity.tags = ["Team": pick(["a", "b"]), "old": "1"] }
            scenario.pool.append(identity)
        }
        for index in 0..<pick([1, 1, 1, 2, 2, 2, 3, 3, 4, 6]) { makeMachine(index) }
    }

    private mutating func makeSettings() {
        var settings = EmulatorSettings()
        settings.idCase = pick(EmulatorSettings.IDCase.allCases)
        settings.typeSpelling = pick(EmulatorSettings.TypeSpelling.allCases)
        settings.etags = chance(80)
        settings.mixedPatch = chance(85) ? .accept : .refuse
        settings.concurrentWrites = chance(60) ? .preempt : .conflict
        settings.missingIdentity = pick(EmulatorSettings.MissingIdentity.allCases)
        settings.pageSize = pick([1, 2, 3, 100])
        settings.emptyPages = chance(20)
        settings.polls = pick([0, 0, 1, 1, 2])
        settings.operationTime = .seconds(pick([0, 0, 0, 5]))
        settings.retryAfter = pick([nil, nil, 7, 30])
        scenario.settings = settings
    }

    private mutating func makeMachine(_ index: Int) {
        let isVM = chance(80)
        var machine = Scenario.Machine(
            id: ResourceID(
                subscription: Build.subscription,
                resourceGroup: pick(scenario.groups),
                kind: isVM ? .virtualMachine : .virtualMachineScaleSet,
                name: "m\(index)"
            )
        )
        machine.hasSystem = chance(45)
        let carried = some(of: scenario.pool.map(\.id), percent: pick([0, 25, 50, 80]))
        machine.attached = carried.map { spelled($0) }
        machine.outdated = Set(some(of: machine.attached, percent: 6))
        if chance(2) { machine.attached.append("odd-key-\(index)") }
        if chance(2) { machine.foreignType = "SystemAssigned, Shared" }
        if chance(4) { machine.encryption = machine.attached.first }
        if chance(5) { machine.provisioningState = pick(["Updating", "Failed", "Deleting"]) }
        scenario.machines.append(machine)
    }

    // MARK: manifest

    private mutating func makeManifest() {
        let protected = scenario.pool.map(\.id).filter { $0.name.hasPrefix("Keep") }
        let protects = chance(80)
        if protects { scenario.wishes.protected = Set(protected.map(\.key)) }
        let doomed = makeAbsent()
        var identities = doomed
        for identity in scenario.pool where chance(35) && !scenario.wishes.absent.contains(identity.id.key) {
            identities.append(makePresent(identity))
        }
        var machines: [DesiredMachine] = []
        for machine in scenario.machines where chance(85) { machines.append(makeWish(machine)) }
        scenario.desired = DesiredState(
            identities: identities,
            machines: machines,
            protected: protects ? [GlobPattern("keep*")] : [],
            apiVersions: scenario.apiVersions
        )
        if chance(8), let runner = scenario.pool.randomElement(using: &random)?.id {
            scenario.caller = CallerIdentity(resourceID: spelled(runner))
            scenario.wishes.runner = runner.key
        }
        for machine in scenario.machines {
            scenario.wishes.encryption[machine.id] = machine.encryption.map(Folding.fold)
        }
        // A list that is read ahead leaves the scheduler, so that only one request at a time repeats exactly.
        let readsAhead = !scenario.wishes.absent.isEmpty && scenario.settings.pageSize < 100
        scenario.parallelism = readsAhead ? 1 : pick([1, 1, 2, 4])
        scenario.skipsBlocked = chance(50)
        scenario.renewsTokens = chance(70)
    }

    private mutating func makeAbsent() -> [DesiredIdentity] {
        guard chance(45) else { return [] }
        let candidates = scenario.pool.map(\.id).filter { !$0.name.hasPrefix("Keep") || chance(10) }
        return some(of: candidates, percent: 25).map { id in
            scenario.wishes.absent.insert(id.key)
            return DesiredIdentity(
                id: respelled(id),
                location: nil,
                presence: .absent,
                origin: Build.origin()
            )
        }
    }

    private mutating func makePresent(_ identity: Scenario.Identity) -> DesiredIdentity {
        let tags = chance(40) ? ["team": pick(["a", "b"]), "cost": "7"] : nil
        let isElsewhere = chance(3)
        scenario.wishes.present[identity.id.key] = Wishes.Present(
            tags: tags ?? [:],
            isElsewhere: isElsewhere && identity.exists
        )
        return DesiredIdentity(
            id: respelled(identity.id),
            location: isElsewhere ? "eastus" : pick(["westus", "West US"]),
            tags: tags,
            origin: Build.origin()
        )
    }

    private mutating func makeWish(_ machine: Scenario.Machine) -> DesiredMachine {
        var wish = Wishes.Machine()
        wish.system = pick([nil, nil, true, false])
        let reachable = scenario.pool.filter { identity in
            let key = identity.id.key
            guard !scenario.wishes.absent.contains(key) else { return false }
            return identity.exists || scenario.wishes.present[key] != nil || chance(10)
        }
        let have = some(of: reachable.map(\.id), percent: pick([0, 25, 40, 60]))
        wish.have = Set(have.map(\.key))
        let others = scenario.pool.map(\.id).filter { id in
            !wish.have.contains(id.key) && (!scenario.wishes.untouchable.contains(id.key) || chance(3))
        }
        let remove = some(of: others, percent: pick([0, 20, 40]))
        wish.remove = Set(remove.map(\.key))
        wish.isExclusive = chance(15)
        var ignore: [GlobPattern] = []
        if wish.isExclusive {
            let ignored = some(of: scenario.pool.map(\.id), percent: 30)
            wish.ignored = Set(ignored.map(\.key))
            ignore = ignored.map {
                GlobPattern(pick([$0.name, "*/\($0.name)", "\($0.resourceGroup)/\($0.name)"]))
            }
        }
        wish.removesDangling = chance(20)
        wish.reattaches = chance(20)
        scenario.wishes.machines[machine.id] = wish
        return DesiredMachine(
            id: respelled(machine.id),
            systemAssigned: wish.system,
            userAssigned: have.map { IdentityReference(id: respelled($0), origin: Build.origin(11)) },
            remove: remove.map { IdentityReference(id: respelled($0), origin: Build.origin(12)) },
            exclusive: wish.isExclusive,
            ignore: ignore,
            removeDangling: wish.removesDangling,
            reattach: wish.reattaches,
            origin: Build.origin(10)
        )
    }
}
