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

    /// Makes rules for one machine.
    package init(
        desired: DesiredMachine,
        doomed: Set<String> = [],
        unavailable: Set<String> = [],
        protected: [GlobPattern] = [],
        caller: CallerIdentity? = nil,
        shape: IdentityShape
    ) {
        self.desired = desired
        self.doomed = doomed
        self.unavailable = unavailable
        self.protected = protected
        self.caller = caller
        self.shape = shape
    }

    /// The same rules with more identities left out, because ARM refused them.
    package func leavingOut(_ keys: Set<String>) -> MachineRules {
        MachineRules(
            desired: desired,
            doomed: doomed,
            unavailable: unavailable.union(keys),
            protected: protected,
            caller: caller,
            shape: shape
        )
    }

    /// The smallest delta that makes the block as wanted; nothing that is not asked for is in it.
    ///
    ///     attached  wanted          result
    ///     no        userAssigned    add
    ///     yes       userAssigned    keep
    ///     yes       remove, doomed  remove
    ///     yes       (not named)     keep, or remove when exclusive and neither ignored nor protected
    ///     no        remove, doomed  nothing
    package func delta(on block: IdentityBlock) -> MachineDelta {
        let wanted = Set(desired.userAssigned.map(\.id.key))
        let named = Set(desired.remove.map(\.id.key)).union(doomed)
        let system = desired.systemAssigned.flatMap { $0 == block.type.hasSystem ? nil : $0 }
        return MachineDelta(
            system: system,
            add: desired.userAssigned.map(\.id)
                .filter { !block.carries($0.key) && !unavailable.contains($0.key) },
            remove: block.attached.filter { identity in
                guard !wanted.contains(identity.key) else { return false }
                return named.contains(identity.key) || isSurplus(identity)
            }
        )
    }

    /// Whether `exclusive` takes the identity off; a key that does not parse is never surplus: it may be anything.
    private func isSurplus(_ identity: AttachedIdentity) -> Bool {
        guard desired.exclusive, let id = identity.id else { return false }
        return !desired.ignore.contains { $0.matches(id) } && !protected.contains { $0.matches(id) }
    }

    /// The delta for a live machine, or why the machine must not be touched (law 6).
    package func verdict(on live: LiveMachine) -> MachineVerdict {
        let block = live.block
        if case .unknown(let text) = block.type {
            let wantsUserChange = !delta(on: block).add.isEmpty || !delta(on: block).remove.isEmpty
            guard desired.systemAssigned != nil || wantsUserChange else { return .go(MachineDelta()) }
            return .blocked([
                Refusal(
                    .unknownType,
                    "its identity type '\(text)' is unknown to idsync, so no safe request exists; nothing is sent"
                )
            ])
        }
        let delta = delta(on: block)
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
        for identity in delta.remove {
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
