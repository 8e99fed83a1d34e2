/// The last check before the wire: finds what ARM would take away on receiving a body.
///
/// It reads the encoded body on its own, by ARM's rules and not by the planner's, so that a bug in the encoder
/// cannot hide in the check (DESIGN section 4, "an encoder assertion stands between plan and wire").
package enum BodyAssertion {
    /// What a body would take away from a live block beyond the removals that the delta lists; empty when safe.
    package static func violations(
        of body: JSONValue,
        on block: IdentityBlock,
        permitting delta: MachineDelta,
        shape: IdentityShape
    ) -> [String] {
        guard let members = body.object, Set(members.keys) == ["identity"],
            let identity = body["identity"]?.object
        else { return ["the body is not exactly an identity block"] }
        guard let typeText = identity["type"]?.string else { return ["identity.type is missing"] }
        let type = IdentityType(parsing: typeText)
        if case .unknown = type { return ["identity.type '\(typeText)' is unknown"] }
        var problems: [String] = []
        if block.type.hasSystem, !type.hasSystem, delta.system != false {
            problems.append("the system-assigned identity would be removed")
        }
        if block.hidesUserAssigned, !type.hasUser {
            problems.append("user-assigned identities that the answer did not list would be removed")
        }
        let allowed = Set(delta.leaving.map(\.key))
        let survivors = survivors(of: identity, on: block, type: type, shape: shape)
        for attached in block.attached
        where !survivors.contains(attached.key) && !allowed.contains(attached.key) {
            problems.append("\(attached.display) would be removed")
        }
        return problems
    }

    /// The keys that stay, as ARM merges (dictionary) or replaces (array); type without `UserAssigned` clears all.
    private static func survivors(
        of identity: [String: JSONValue],
        on block: IdentityBlock,
        type: IdentityType,
        shape: IdentityShape
    ) -> Set<String> {
        guard type.hasUser else { return [] }
        switch shape {
        case .dictionary:
            let map = identity["userAssignedIdentities"]
            if map == .null { return [] }
            let nulled = (map?.object ?? [:]).filter { $0.value == .null }.keys
            let gone = Set(nulled.map { AttachedIdentity(spelling: $0).key })
            return Set(block.attached.map(\.key)).subtracting(gone)
        case .array:
            let listed = (identity["identityIds"]?.array ?? []).compactMap(\.string)
            return Set(listed.map { AttachedIdentity(spelling: $0).key })
        }
    }
}
