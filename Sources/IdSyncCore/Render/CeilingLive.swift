/// Whether an approved change that the fresh plan no longer has is done: live is what the change wanted, and nothing
/// else counts.
///
/// A change also leaves a plan because what it needs has gone; then nothing was done.
struct CeilingLive {
    let live: LiveState

    /// How live differs from what a change wanted; empty when the change is done.
    func differences(from change: Change) -> [String] {
        switch change.operation {
        case .patchMachine(_, let after, let delta): machine(change.resourceID, after, delta)
        case .createIdentity(let location, let tags), .updateIdentity(let location, _, let tags):
            identity(change.resourceID, location, tags)
        case .deleteIdentity: deleted(change.resourceID)
        }
    }

    private func machine(_ id: ResourceID, _ wanted: IdentityBlock, _ delta: MachineDelta) -> [String] {
        guard let block = live.machines[id]?.value?.block else { return missing(live.machines[id]) }
        var words = wanted.attached.filter { !block.carries($0.key) }
            .map { "\(CeilingReason.short($0)) is not attached" }
        words += block.attached.filter { !wanted.carries($0.key) }
            .map { "\(CeilingReason.short($0)) is attached" }
        if block.type.hasSystem != wanted.type.hasSystem {
            words.append("the system-assigned identity is \(block.type.hasSystem ? "on" : "off")")
        }
        words += delta.reattach.filter { !isRenewed($0.key, on: block) }
            .map { "\(CeilingReason.short($0)) may still be the earlier one" }
        if words.isEmpty, block.type != wanted.type {
            words.append("its type is \(block.type.wireText), not \(wanted.type.wireText)")
        }
        return words
    }

    /// Whether the machine holds the identity that exists, and not an earlier one of the same id.
    private func isRenewed(_ key: String, on block: IdentityBlock) -> Bool {
        guard let attached = block.attached.first(where: { $0.key == key }), attached.clientID != nil,
            let id = attached.id, let existing = live.identities[id]?.value
        else { return false }
        return !attached.isEarlier(than: existing)
    }

    private func identity(_ id: ResourceID, _ location: String, _ tags: [String: String]) -> [String] {
        guard let identity = live.identities[id]?.value else { return missing(live.identities[id]) }
        return CeilingReason.locations(location, identity.location) + CeilingReason.tags(tags, identity.tags)
    }

    private func deleted(_ id: ResourceID) -> [String] {
        switch live.identities[id] {
        // A subscription that is not found may only be out of sight.
        case .absent("SubscriptionNotFound"): ["its subscription was not found"]
        case .absent: []
        case .found: ["it still exists"]
        case .unreadable, nil: missing(live.identities[id])
        }
    }

    private func missing<Value>(_ lookup: Lookup<Value>?) -> [String] {
        switch lookup {
        case .absent: ["it does not exist"]
        case .unreadable: ["it could not be read"]
        case .found, nil: ["it was not read"]
        }
    }
}
