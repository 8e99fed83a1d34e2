/// An identity that leaves a VM, and why.
package struct RemovedIdentity: Sendable, Equatable {
    /// What in the manifest takes it off; the raw value is the `why` of the plan document.
    package enum Why: String, Sendable, Equatable, CaseIterable {
        /// `remove` names it.
        case named = "remove"
        /// `exclusive: true`, and `userAssigned` does not list it.
        case surplus = "exclusive"
        /// The manifest deletes the identity itself.
        case doomed = "absent"
        /// `remove: [dangling]`, and it no longer exists.
        case dangling
        /// `systemAssigned: false`.
        case system
        /// `reattach: true`: it comes back in the next request.
        case reattached = "reattach"
    }

    /// Whether it is the system-assigned identity or a user-assigned one.
    package let kind: KeptIdentity.Kind
    /// The full id in canonical form, or ARM's text for one that does not parse; nil for the system identity.
    package let id: String?
    /// Why it leaves.
    package let why: Why
    /// The known service that put it there and is likely to do so again; see `KnownWriter`.
    package let writer: String?

    /// Makes an entry.
    package init(kind: KeptIdentity.Kind, id: String?, why: Why, writer: String? = nil) {
        self.kind = kind
        self.id = id
        self.why = why
        self.writer = writer
    }
}

extension MachineRules {
    /// What a delta takes off the machine, with why: the system-assigned identity, what goes, what comes back.
    package func removed(by delta: MachineDelta) -> [RemovedIdentity] {
        var removed: [RemovedIdentity] = []
        if delta.system == false { removed.append(RemovedIdentity(kind: .system, id: nil, why: .system)) }
        let named = Set(desired.remove.map(\.id.key))
        for identity in delta.remove {
            removed.append(entry(identity, why(of: identity, isNamed: named.contains(identity.key))))
        }
        return removed + delta.reattach.map { entry($0, .reattached) }
    }

    private func why(of identity: AttachedIdentity, isNamed: Bool) -> RemovedIdentity.Why {
        if doomed.contains(identity.key) { return .doomed }
        if isNamed { return .named }
        return isDead(identity) ? .dangling : .surplus
    }

    private func entry(_ identity: AttachedIdentity, _ why: RemovedIdentity.Why) -> RemovedIdentity {
        RemovedIdentity(
            kind: .user,
            id: identity.display,
            why: why,
            writer: identity.id.flatMap(KnownWriter.name)
        )
    }
}
