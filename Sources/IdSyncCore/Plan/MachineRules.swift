/// Everything but the live block that decides what happens to one VM or scale set.
///
/// The planner and the executor's re-plan after a race use the same rules, so there is one diff path.
package struct MachineRules: Sendable, Equatable {
    /// What the manifest asks for.
    package let desired: DesiredMachine
    /// Keys of identities that the manifest deletes: they are detached first (law 1).
    package let doomed: Set<String>
    /// Keys of wanted identities that cannot be assigned now (missing, unreadable): left out of the request.
    package let unavailable: Set<String>
    /// Patterns of identities that never leave.
    package let protected: [GlobPattern]
    /// Who is asking.
    package let caller: CallerIdentity?
    /// The shape of the api-version in use.
    package let shape: IdentityShape
    /// What is known of identities: which do not exist, and which are not those that the machine holds.
    package let known: [ResourceID: Lookup<LiveIdentity>]
    /// Keys of identities that do not exist yet and are created by the same plan.
    package let arriving: Set<String>
    /// Keys of identities that this run has attached, or is about to: what the machine holds of them is theirs.
    package let renewed: Set<String>

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
        renewed: Set<String> = []
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
    }

    /// The same rules with more identities left out, because ARM refused them.
    package func leavingOut(_ keys: Set<String>) -> MachineRules {
        with(unavailable: unavailable.union(keys))
    }

    /// The same rules once these identities were put on, or taken off to be put on again: never twice in one run.
    package func havingRenewed(_ keys: Set<String>) -> MachineRules { with(renewed: renewed.union(keys)) }

    /// The same rules with a newer look at some identities.
    package func knowing(_ lookups: [ResourceID: Lookup<LiveIdentity>]) -> MachineRules {
        with(known: known.merging(lookups) { _, new in new })
    }

    /// The attached identities about which `remove: [dangling]` and `reattach` believe that they do not exist: to be
    /// looked at again before anything is done about them, for they may have come into being since.
    package func believedAbsent(on block: IdentityBlock) -> [ResourceID] {
        guard desired.removeDangling || desired.reattach else { return [] }
        return block.attached.compactMap(\.id).filter { id in
            if case .absent = known[id] { true } else { false }
        }
    }

    private func with(
        unavailable: Set<String>? = nil,
        known: [ResourceID: Lookup<LiveIdentity>]? = nil,
        renewed: Set<String>? = nil
    ) -> MachineRules {
        MachineRules(
            desired: desired,
            doomed: doomed,
            unavailable: unavailable ?? self.unavailable,
            protected: protected,
            caller: caller,
            shape: shape,
            known: known ?? self.known,
            arriving: arriving,
            renewed: renewed ?? self.renewed
        )
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
    /// With `reattach`, a wanted and attached one that is an earlier identity of the same id is renewed.
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

    /// Whether the identity no longer exists and the manifest asks for such ones to be cleaned up.
    func isDead(_ identity: AttachedIdentity) -> Bool {
        guard desired.removeDangling, let id = identity.id, case .absent = known[id] else { return false }
        // One that the same plan creates is not dead but earlier, which is what `reattach` is for.
        return !arriving.contains(identity.key) && !protected.contains { $0.matches(id) }
    }

    /// Whether the machine holds an earlier identity of the same id and the manifest asks for repair.
    ///
    /// The array shape shows no ids at all, so nothing can be told there.
    private func isToBeRenewed(_ identity: AttachedIdentity, isSettled: Bool) -> Bool {
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
        return !desired.ignore.contains { $0.matches(id) } && !protected.contains { $0.matches(id) }
    }

    /// The delta for a live machine, or why the machine must not be touched (law 6).
    package func verdict(on live: LiveMachine) -> MachineVerdict {
        let block = live.block
        let delta = delta(
            on: block,
            isSettled: Folding.fold(live.provisioningState ?? "succeeded") == "succeeded"
        )
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

    private func refusals(of delta: MachineDelta, on live: LiveMachine) -> [Refusal] {
        var refusals: [Refusal] = []
        if Folding.fold(live.provisioningState ?? "") == "deleting" {
            refusals.append(Refusal(.deleting, "it is being deleted; remove it from the manifest"))
        }
        if shape == .array, live.block.hidesUserAssigned {
            refusals.append(
                Refusal(
                    .inconsistent,
                    "its type says UserAssigned but no identity is listed; at this api-version a request replaces "
                        + "the whole list, so unseen identities would be lost; use compute 2018-06-01 or later"
                )
            )
        }
        for id in delta.add + delta.reattach.compactMap(\.id) {
            guard case .found(let identity) = known[id] else { continue }
            refusals += [TenantRule.refusal(attaching: identity, caller: caller)].compactMap(\.self)
        }
        for identity in delta.leaving {
            refusals += reasons(againstRemoving: identity, from: live)
        }
        if delta.system == false, let caller, caller.isSystemIdentity(of: live) {
            refusals.append(
                Refusal(
                    .selfIdentity,
                    "idsync itself runs as this system-assigned identity; it will not remove it"
                )
            )
        }
        return refusals
    }

    private func reasons(againstRemoving identity: AttachedIdentity, from live: LiveMachine) -> [Refusal] {
        var refusals: [Refusal] = []
        if let id = identity.id, let pattern = protected.first(where: { $0.matches(id) }) {
            refusals.append(
                Refusal(
                    .protected,
                    "\(id.name) is protected by '\(pattern)' and never detached",
                    [identity.display]
                )
            )
        }
        if live.encryptionIdentityKey == identity.key {
            refusals.append(
                Refusal(
                    .encryption,
                    "\(identity.id?.name ?? identity.spelling) is the disk-encryption identity of this machine; "
                        + "detaching it could lock its disks",
                    [identity.display]
                )
            )
        }
        if let caller,
            caller.isIdentity(
                key: identity.key,
                clientID: identity.clientID,
                principalID: identity.principalID
            )
        {
            refusals.append(
                Refusal(
                    .selfIdentity,
                    "idsync itself runs as \(identity.id?.name ?? identity.spelling); it will not detach it",
                    [identity.display]
                )
            )
        }
        return refusals
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
