extension MachineRules {
    /// Whether somebody has to look which identity encrypts the disks before this delta may be carried out.
    package func mustSeeEncryption(of live: LiveMachine, before delta: MachineDelta) -> Bool {
        hidesEncryption && !live.isEncryptionSeen && live.doubt == nil && !delta.leaving.isEmpty
    }

    /// The identities that would leave and that neither the machine nor anybody else has shown the ids of: to be read
    /// before, because idsync may run as one of them.
    package func unidentified(leavingWith delta: MachineDelta) -> [ResourceID] {
        delta.leaving.filter { $0.clientID == nil || $0.principalID == nil }.compactMap(\.id).filter {
            known[$0] == nil
        }
    }

    func refusals(of delta: MachineDelta, on live: LiveMachine) -> [Refusal] {
        var refusals: [Refusal] = []
        if ProvisioningState(live.provisioningState).isDeleting {
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
        if let principal = live.block.principalID, !principal.isEmpty, !live.block.type.hasSystem {
            refusals.append(
                Refusal(
                    .inconsistent,
                    "it has the principal \(principal) of a system-assigned identity, but its type is "
                        + "\(live.block.type.wireText); any request would say which is true, and could drop that identity"
                )
            )
        }
        if !delta.leaving.isEmpty || delta.system == false, let doubt = live.doubt {
            refusals.append(Refusal(doubting: doubt))
        } else if mustSeeEncryption(of: live, before: delta) {
            refusals.append(
                Refusal(
                    .unreadable,
                    "this api-version does not show the disk-encryption identity, and nobody has looked with compute "
                        + "\(APIVersions.firstWithEncryption) or later; nothing is taken off"
                )
            )
        }
        for id in delta.add + delta.reattach.compactMap(\.id) {
            guard case .found(let identity) = known[id] else { continue }
            refusals += [TenantRule.refusal(attaching: identity, to: live)].compactMap(\.self)
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
        return refusals + selfRefusals(identity)
    }

    /// Why the caller may be this identity.
    ///
    /// The machine shows no ids in array versions or while it attaches; then the identity's own ids tell.
    private func selfRefusals(_ identity: AttachedIdentity) -> [Refusal] {
        guard let caller else { return [] }
        let name = identity.id?.name ?? identity.spelling
        let lookup = identity.id.flatMap { known[$0] }
        let own = lookup?.value
        let isCaller = [
            (identity.clientID, identity.principalID), (own?.clientID, own?.principalID),
        ].contains { caller.isIdentity(key: identity.key, clientID: $0, principalID: $1) }
        if isCaller {
            return [
                Refusal(
                    .selfIdentity,
                    "idsync itself runs as \(name); it will not detach it",
                    [identity.display]
                )
            ]
        }
        guard identity.id != nil, !caller.isComparable(identity.clientID, identity.principalID),
            !caller.isComparable(own?.clientID, own?.principalID)
        else { return [] }
        let doubt: ReadFailure
        switch lookup {
        // What does not exist any more is not what this run would lose.
        case .absent: return []
        case .unreadable(let failure): doubt = failure
        case .found: doubt = ReadFailure(kind: .malformed, message: "ARM shows no ids of it")
        case nil: doubt = ReadFailure(kind: .malformed, message: "it was not read")
        }
        return [Refusal(doubting: doubt, "whether idsync itself runs as \(name) cannot be told")]
    }
}

extension Refusal {
    /// A refusal to take anything off, because what decides about that could not be read.
    init(
        doubting failure: ReadFailure,
        _ what: String = "whether anything may be taken off it cannot be told"
    ) {
        self.init(Refusal(reading: failure).gate, "\(what): \(failure.message)")
    }
}
