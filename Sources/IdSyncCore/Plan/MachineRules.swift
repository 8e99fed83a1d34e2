/// Everything but the live block that decides what happens to one VM or scale set.
///
/// The planner and the executor's re-plan after a race use the same rules, so there is one diff path.
package struct MachineRules: Sendable, Equatable {
    /// What the manifest asks for.
    package let desired: DesiredMachine
    /// Keys of identities that the manifest deletes: they are detached first (law 1).
    package let doomed: Set<String>
    /// Keys of wanted identities that cannot be assigned now (missing, unreadable): left out of the request.
    package private(set) var unavailable: Set<String>
    /// Patterns of identities that never leave.
    package let protected: [GlobPattern]
    /// Who is asking.
    package let caller: CallerIdentity?
    /// The shape of the api-version in use.
    package let shape: IdentityShape
    /// What is known of identities: which do not exist, and which are not those that the machine holds.
    package private(set) var known: [ResourceID: Lookup<LiveIdentity>]
    /// Keys of identities that do not exist yet and are created by the same plan.
    package let arriving: Set<String>
    /// Keys of identities that this run has attached, or is about to: what the machine holds of them is theirs.
    package private(set) var renewed: Set<String>
    /// Whether the api-version in use hides which identity encrypts the disks.
    package let hidesEncryption: Bool

    /// Makes rules for one machine.
    package init(
        desired: DesiredMachine,
        doomed: Set<String> = [],
        unavailable: Set<String> = [],
        protected: [GlobPattern] = [],
        caller: CallerIdentity? = nil,
        shape: IdentityShape,
        known: [ResourceID: Lookup<LiveIdentity>] = [:],
        arriving: Set<String> = [],
        renewed: Set<String> = [],
        hidesEncryption: Bool = false
    ) {
        self.desired = desired
        self.doomed = doomed
        self.unavailable = unavailable
        self.protected = protected
        self.caller = caller
        self.shape = shape
        self.known = known
        self.arriving = arriving
        self.renewed = renewed
        self.hidesEncryption = hidesEncryption
    }

    /// The same rules with more identities left out, because ARM refused them.
    package func leavingOut(_ keys: Set<String>) -> MachineRules {
        with { $0.unavailable.formUnion(keys) }
    }

    /// The same rules once these identities were put on, or taken off to be put on again: never twice in one run.
    package func havingRenewed(_ keys: Set<String>) -> MachineRules { with { $0.renewed.formUnion(keys) } }

    /// The same rules with a newer look at some identities.
    package func knowing(_ lookups: [ResourceID: Lookup<LiveIdentity>]) -> MachineRules {
        with { $0.known.merge(lookups) { _, new in new } }
    }

    /// The attached identities about which `remove: [dangling]` and `reattach` believe that they do not exist: to be
    /// looked at again before anything is done about them, for they may have come into being since.
    package func believedAbsent(on block: IdentityBlock) -> [ResourceID] {
        guard desired.removeDangling || desired.reattach else { return [] }
        return block.attached.compactMap(\.id).filter { id in
            if case .absent = known[id] { true } else { false }
        }
    }

    private func with(_ change: (inout MachineRules) -> Void) -> MachineRules {
        var copy = self
        change(&copy)
        return copy
    }

    /// The smallest delta that makes the block as wanted; nothing that is not asked for is in it.
    ///
    ///     attached  wanted          result
    ///     no        userAssigned    add
    ///     yes       userAssigned    keep
    ///     yes       remove, doomed  remove
    ///     yes       (not named)     keep, or remove when exclusive and neither ignored nor protected, or when it
    ///                               no longer exists and `remove` says `dangling`
    ///     no        remove, doomed  nothing
    ///
    /// With `reattach`, a wanted and attached one that is an earlier identity of the same id is renewed, unless it is
    /// protected: like `exclusive` and `dangling` it names nobody, so it sweeps around those.
    ///
    /// While an operation runs (`isSettled` false) a new identity shows without its ids (FACTS section 1.9), so missing
    /// ids prove nothing then.
    package func delta(on block: IdentityBlock, isSettled: Bool = true) -> MachineDelta {
        let wanted = Set(desired.userAssigned.map(\.id.key))
        let named = Set(desired.remove.map(\.id.key))
        let system = desired.systemAssigned.flatMap { $0 == block.type.hasSystem ? nil : $0 }
        return MachineDelta(
            system: system,
            add: desired.userAssigned.map(\.id)
                .filter { !block.carries($0.key) && !unavailable.contains($0.key) },
            remove: block.attached.filter { identity in
                guard !wanted.contains(identity.key) else { return false }
                return named.contains(identity.key) || doomed.contains(identity.key) || isSurplus(identity)
                    || isDead(identity)
            },
            reattach: block.attached.filter {
                wanted.contains($0.key) && isToBeRenewed($0, isSettled: isSettled)
            }
        )
    }

    /// The delta on a machine as it was read.
    package func delta(on live: LiveMachine) -> MachineDelta {
        delta(on: live.block, isSettled: !live.isOperating)
    }

    /// Whether the identity no longer exists and the manifest asks for such ones to be cleaned up.
    func isDead(_ identity: AttachedIdentity) -> Bool {
        guard desired.removeDangling, let id = identity.id, case .absent = known[id] else { return false }
        // One that the same plan creates is not dead but earlier, which is what `reattach` is for.
        return !arriving.contains(identity.key) && !isProtected(id)
    }

    /// Whether the machine holds an earlier identity of the same id and the manifest asks for repair.
    ///
    /// The array shape shows no ids at all, so nothing can be told there.
    private func isToBeRenewed(_ identity: AttachedIdentity, isSettled: Bool) -> Bool {
        guard let id = identity.id, !isProtected(id) else { return false }
        return isEarlierOne(identity, isSettled: isSettled)
    }

    private func isEarlierOne(_ identity: AttachedIdentity, isSettled: Bool) -> Bool {
        guard desired.reattach, shape == .dictionary, let id = identity.id else { return false }
        guard !renewed.contains(identity.key), !unavailable.contains(identity.key) else { return false }
        switch known[id] {
        // Once it is created, whatever the machine holds now is not that one.
        case .absent: return arriving.contains(identity.key)
        case .found(let existing):
            return (isSettled || identity.clientID != nil) && identity.isEarlier(than: existing)
        case .unreadable, nil: return false
        }
    }

    /// Whether `exclusive` takes the identity off; a key that does not parse is never surplus: it may be anything.
    private func isSurplus(_ identity: AttachedIdentity) -> Bool {
        guard desired.exclusive, let id = identity.id else { return false }
        return !desired.ignore.contains { $0.matches(id) } && !isProtected(id)
    }

    /// The earlier identities that `reattach` would renew if they were not protected.
    package func spared(on live: LiveMachine) -> [AttachedIdentity] {
        let wanted = Set(desired.userAssigned.map(\.id.key))
        return live.block.attached.filter { identity in
            guard let id = identity.id, wanted.contains(identity.key), isProtected(id) else { return false }
            return isEarlierOne(identity, isSettled: !live.isOperating)
        }
    }

    private func isProtected(_ id: ResourceID) -> Bool { protected.contains { $0.matches(id) } }

    /// The delta for a live machine, or why the machine must not be touched (law 6).
    package func verdict(on live: LiveMachine) -> MachineVerdict {
        let block = live.block
        let delta = delta(on: live)
        if case .unknown(let text) = block.type {
            let wantsUserChange = !delta.add.isEmpty || !delta.leaving.isEmpty
            guard desired.systemAssigned != nil || wantsUserChange else { return .go(MachineDelta()) }
            return .blocked([
                Refusal(
                    .unknownType,
                    "its identity type '\(text)' is unknown to idsync, so no safe request exists; nothing is sent"
                )
            ])
        }
        guard !delta.isEmpty else { return .go(delta) }
        let refusals = refusals(of: delta, on: live)
        return refusals.isEmpty ? .go(delta) : .blocked(refusals)
    }
}

/// What the rules say about one live machine.
package enum MachineVerdict: Sendable, Equatable {
    /// Do this; an empty delta means that nothing is to be sent.
    case go(MachineDelta)
    case blocked([Refusal])
}

/// One reason of one gate.
package struct Refusal: Sendable, Equatable {
    /// The gate.
    package let gate: Gate
    /// What is wrong, about the target.
    package let message: String
    /// What proves it.
    package let evidence: [String]

    /// Makes a refusal.
    package init(_ gate: Gate, _ message: String, _ evidence: [String] = []) {
        self.gate = gate
        self.message = message
        self.evidence = evidence
    }
}
