import IdSyncCore

/// Keeps one copy of what many machines carry alike.
///
/// A fleet carries few identities on many machines, and each answer brings the texts of its own: the id twice, its
/// parts, two GUIDs. Those that are equal share their storage here.
struct AttachedPool {
    private var identities: [String: AttachedIdentity] = [:]

    /// The same block with its identities shared.
    mutating func sharing(_ block: IdentityBlock) -> IdentityBlock {
        guard !block.attached.isEmpty else { return block }
        return IdentityBlock(
            type: block.type,
            attached: block.attached.map { shared($0) },
            principalID: block.principalID
        )
    }

    private mutating func shared(_ identity: AttachedIdentity) -> AttachedIdentity {
        // An earlier identity of the same id has other ids: only what is equal in everything is the same.
        if let known = identities[identity.spelling], known == identity { return known }
        identities[identity.spelling] = identity
        return identity
    }
}
