import IdSyncCore

/// A resource group.
struct GroupResource: Sendable, Equatable {
    let subscription: String
    let name: String
    let location: String

    /// The folded scope.
    var key: String { Folding.fold(scope) }

    /// The scope as ARM spells it.
    var scope: String { "/subscriptions/\(subscription)/resourceGroups/\(name)" }
}

/// Everything that the emulated ARM knows: the value that a request reads and changes.
struct EmulatorStore: Sendable {
    var settings: EmulatorSettings
    /// Subscription ids by folded id.
    var subscriptions: [String: String]
    /// Groups by folded scope.
    var groups: [String: GroupResource]
    var identities: ResourceTable<IdentityResource>
    var virtualMachines: ResourceTable<MachineResource>
    var scaleSets: ResourceTable<MachineResource>
    /// Operations by id, ended ones too: their URL stays good.
    var operations: [String: Operation] = [:]
    /// Rises with everything that gets an id, and is saved, so that nothing gets the id of its predecessor.
    var generation: Int
    /// How many requests came in; request ids are made from it.
    var requestCount = 0
    /// Rises with every write, also that of another writer, and is not saved.
    var revision = 0
    var faults: FaultEngine
    var throttle = ThrottleModel()
    /// How many more GETs of a resource answer 404, by folded id (F31).
    var hidden: [String: Int] = [:]

    /// A machine by its id; assigning nil removes it.
    subscript(machine id: ResourceID) -> MachineResource? {
        get { id.kind == .virtualMachine ? virtualMachines[id.key] : scaleSets[id.key] }
        set {
            if id.kind == .virtualMachine {
                virtualMachines[id.key] = newValue
            } else {
                scaleSets[id.key] = newValue
            }
        }
    }

    /// The next generation.
    mutating func nextGeneration() -> Int {
        generation += 1
        return generation
    }

    /// The settled machine that a key names, of either kind.
    func machine(key: String) -> MachineResource? { virtualMachines[key] ?? scaleSets[key] }

    /// Makes sure that the group of a resource exists, for what did not come through the api.
    mutating func adopt(_ id: ResourceID, location: String) {
        let folded = Folding.fold(id.subscription)
        if subscriptions[folded] == nil { subscriptions[folded] = id.subscription }
        let group = GroupResource(subscription: id.subscription, name: id.resourceGroup, location: location)
        if groups[group.key] == nil { groups[group.key] = group }
    }

    /// Checks that subscription and group exist.
    ///
    /// - Throws: `ARMFailure` 400 for a malformed subscription, 404 for a missing one or a missing group.
    func checkScope(subscription: String, group: String?) throws(ARMFailure) {
        let shape = subscription.split(separator: "-", omittingEmptySubsequences: false)
        guard shape.map(\.count) == [8, 4, 4, 4, 12], shape.joined().allSatisfy(\.isHexDigit) else {
            throw .malformedSubscription(subscription)
        }
        guard subscriptions[Folding.fold(subscription)] != nil else { throw .noSubscription(subscription) }
        guard let group else { return }
        let wanted = GroupResource(subscription: subscription, name: group, location: "")
        guard groups[wanted.key] != nil else { throw .noGroup(group) }
    }
}
