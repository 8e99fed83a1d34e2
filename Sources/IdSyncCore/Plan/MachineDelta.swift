/// What changes in one identity block: the only thing that a VM PATCH may express.
package struct MachineDelta: Sendable, Equatable {
    /// True switches the system-assigned identity on, false switches it off, nil leaves it.
    package let system: Bool?
    /// Identities to add, sorted by id; none of them is attached yet.
    package let add: [ResourceID]
    /// Identities to take off, in ARM's spelling, sorted by key; all of them are attached.
    package let remove: [AttachedIdentity]
    /// Identities to take off and put on again, because the machine holds an earlier one of the same id (F26).
    package let reattach: [AttachedIdentity]

    /// Makes a delta; the lists are sorted here.
    package init(
        system: Bool? = nil,
        add: [ResourceID] = [],
        remove: [AttachedIdentity] = [],
        reattach: [AttachedIdentity] = []
    ) {
        self.system = system
        self.add = add.sorted()
        self.remove = remove.sorted { $0.key < $1.key }
        self.reattach = reattach.sorted { $0.key < $1.key }
    }

    /// Whether nothing changes, so that nothing may be sent (law 2).
    package var isEmpty: Bool { system == nil && add.isEmpty && remove.isEmpty && reattach.isEmpty }

    /// How many identities the request would name; meant for a delta of one step.
    package var identityCount: Int { add.count + remove.count }

    /// Everything that leaves the machine at some moment.
    package var leaving: [AttachedIdentity] { remove + reattach }

    /// The delta as requests can carry it: what is to be re-attached leaves in the first and returns in the second.
    package var steps: [MachineDelta] {
        guard !reattach.isEmpty else { return [self] }
        return [
            MachineDelta(system: system, add: add, remove: leaving),
            MachineDelta(add: reattach.compactMap(\.id)),
        ]
    }

    /// The block after the delta: live − removals + additions, everything else kept (law 1).
    package func applied(to block: IdentityBlock) -> IdentityBlock {
        let gone = Set(remove.map(\.key))
        let remaining = block.attached.filter { !gone.contains($0.key) }
        let added = add.map(AttachedIdentity.init)
        let hasSystem = system ?? block.type.hasSystem
        return IdentityBlock(
            type: .known(
                system: hasSystem,
                user: !remaining.isEmpty || !added.isEmpty || block.hidesUserAssigned
            ),
            attached: remaining + added,
            principalID: hasSystem ? block.principalID : nil
        )
    }

    /// Whether applying it takes a flag away from `type`: the write that can drop what it does not name.
    package func shrinksType(of block: IdentityBlock) -> Bool {
        let after = applied(to: block).type
        return (block.type.hasSystem && !after.hasSystem) || (block.type.hasUser && !after.hasUser)
    }

    /// Whether the request says more than it changes, so that what came since the look is lost: the whole list in the
    /// array versions, and in every version a `type` that leaves out a kind, which drops all of that kind.
    package func isWholesale(on block: IdentityBlock, _ shape: IdentityShape) -> Bool {
        let after = applied(to: block).type
        return shape == .array || !after.hasSystem || !after.hasUser
    }

    /// Whether every step of this delta is a step of the other: what an approved plan allows.
    package func isWithin(_ ceiling: MachineDelta) -> Bool {
        let allowedAdd = Set(ceiling.add + ceiling.reattach.compactMap(\.id))
        let allowedReattach = Set(ceiling.reattach.map(\.key))
        let allowedRemove = Set(ceiling.remove.map(\.key))
        return (system == nil || system == ceiling.system)
            && add.allSatisfy(allowedAdd.contains)
            && remove.allSatisfy { allowedRemove.contains($0.key) }
            && reattach.allSatisfy { allowedReattach.contains($0.key) }
    }
}

extension IdentityBlock {
    /// Whether `type` claims user-assigned identities but none is listed: they may exist unseen (F11),
    /// so the flag must survive every write.
    package var hidesUserAssigned: Bool { type.hasUser && attached.isEmpty }

    /// Whether the identity with this key is attached.
    package func carries(_ key: String) -> Bool { attached.contains { $0.key == key } }

    /// Which identity a token request without a client id gets from IMDS.
    ///
    /// Source: managed-identities-faq (F24): the system-assigned one, else a lone user-assigned one, else an error.
    package var defaultTokenIdentity: TokenDefault {
        if type.hasSystem { return .system }
        switch attached.count {
        case 0: return .noIdentity
        case 1: return .userAssigned(attached[0].key, attached[0].id?.name ?? attached[0].spelling)
        default: return .ambiguous(attached.count)
        }
    }
}

/// Which identity answers a token request that names none.
package enum TokenDefault: Sendable, Equatable, CustomStringConvertible {
    case noIdentity
    case system
    /// A lone user-assigned identity: its key and its name.
    case userAssigned(String, String)
    /// Several user-assigned identities: the request fails.
    case ambiguous(Int)

    /// For people.
    package var description: String {
        switch self {
        case .noIdentity: "no identity"
        case .system: "the system-assigned identity"
        case .userAssigned(_, let name): name
        case .ambiguous(let count): "\(count) identities, none of them the default"
        }
    }
}
