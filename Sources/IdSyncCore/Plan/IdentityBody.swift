/// The `identity` member of a VM PATCH: pure encoders for both API shapes.
///
/// The table with its evidence is in FACTS section 3 and operations rows 6 to 15.
package enum IdentityBody {
    /// Most identities that one request names; ARM refuses more than 150 (F66), 100 leaves room.
    package static let chunkSize = 100

    /// Splits one step of a delta so that no request names more than `chunkSize` identities; additions come first.
    ///
    /// Switching the system identity on travels with the first piece, switching it off with the last. The array
    /// shape is never split: its PATCH carries the full set whatever changes.
    package static func chunks(_ delta: MachineDelta, shape: IdentityShape) -> [MachineDelta] {
        guard shape == .dictionary, delta.identityCount > chunkSize else { return [delta] }
        let steps =
            delta.add.map { (add: [$0], remove: [AttachedIdentity]()) }
            + delta.remove.map { (add: [ResourceID](), remove: [$0]) }
        let starts = Array(stride(from: 0, to: steps.count, by: chunkSize))
        return starts.map { start in
            let slice = steps[start..<min(start + chunkSize, steps.count)]
            let isFirst = start == 0
            let isLast = start == starts.last
            let system = delta.system.flatMap { on in (on ? isFirst : isLast) ? on : nil }
            return MachineDelta(
                system: system,
                add: slice.flatMap(\.add),
                remove: slice.flatMap(\.remove)
            )
        }
    }

    /// The whole PATCH body `{"identity": …}` for a delta on a live block.
    package static func encode(_ delta: MachineDelta, on block: IdentityBlock, shape: IdentityShape)
        -> JSONValue
    {
        let after = delta.applied(to: block)
        var identity: [String: JSONValue] = ["type": .string(after.type.wireText)]
        switch shape {
        case .dictionary: identity["userAssignedIdentities"] = dictionary(delta, after: after)
        case .array: identity["identityIds"] = list(after)
        }
        return .object(["identity": .object(identity)])
    }

    /// Only what changes: `{}` adds, null removes; null for the whole map when the last one goes, never `{}`
    /// (ARM refuses an empty map beside `SystemAssigned`, FACTS section 3).
    private static func dictionary(_ delta: MachineDelta, after: IdentityBlock) -> JSONValue? {
        guard delta.identityCount > 0 else { return nil }
        guard after.type.hasUser else { return .null }
        var map: [String: JSONValue] = [:]
        for id in delta.add { map[id.description] = .object([:]) }
        for identity in delta.remove { map[identity.spelling] = .null }
        return .object(map)
    }

    /// The full set that stays: in the array versions a PATCH replaces the list.
    private static func list(_ after: IdentityBlock) -> JSONValue? {
        guard !after.attached.isEmpty else { return nil }
        return .array(after.attached.map { .string($0.spelling) })
    }
}
