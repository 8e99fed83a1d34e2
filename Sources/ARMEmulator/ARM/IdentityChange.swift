import IdSyncCore

/// Turns the `identity` member of a PUT or PATCH into the identity block that results, or refuses it as ARM does.
///
/// The rules are those of FACTS section 3. Refused because ARM's answer is not established, and idsync promises never
/// to send it: `UserAssigned` that leaves no identity, and `null` for an identity that is not attached (a setting).
struct IdentityChange {
    /// The most identities one request may name, removals counted (F66).
    static let limit = 150

    let machine: ResourceID
    let isPatch: Bool
    let shape: IdentityShape
    let isFlexible: Bool
    let settings: EmulatorSettings
    /// The identity with a folded id, if it exists.
    let identity: (String) -> IdentityResource?
    /// The principal of a system-assigned identity that is switched on now.
    let newPrincipal: String

    /// The member of the body that holds identities in this shape.
    private var member: String { shape == .array ? "identityIds" : "userAssignedIdentities" }

    /// The block after the request.
    ///
    /// - Throws: `ARMFailure`, the answer to give.
    func apply(_ request: JSONValue, to live: MachineIdentity) throws(ARMFailure) -> MachineIdentity {
        guard case .object(let members) = request else {
            throw .content("Error converting the value of 'identity' to an object. Path 'identity'.")
        }
        let type = try self.type(in: members)
        let known: Set = ["type", "principalId", "tenantId", member]
        if let foreign = members.keys.filter({ !known.contains($0) }).min() {
            throw .content(
                "Could not find member '\(foreign)' on object of type 'ResourceIdentity'. Path 'identity'."
            )
        }
        if type.hasSystem, isFlexible { throw .flexibleSystem(machine) }
        var result = MachineIdentity()
        result.hasSystem = type.hasSystem
        result.principalID = !type.hasSystem ? nil : live.hasSystem ? live.principalID : newPrincipal
        result.attached =
            switch shape {
            case .array: try list(members["identityIds"], type: type, live: live.attached)
            case .dictionary: try map(members["userAssignedIdentities"], type: type, live: live.attached)
            }
        if type.hasUser, result.attached.isEmpty { throw .listRequired(member) }
        return result
    }

    private func type(in members: [String: JSONValue]) throws(ARMFailure) -> IdentityType {
        guard let value = members["type"], value != .null else {
            throw .content("Required property 'type' not found in JSON. Path 'identity'.")
        }
        guard let text = value.string, case .known(let system, let user) = IdentityType(parsing: text),
            system || user || Folding.location(text) == "none"
        else {
            throw .content(
                "Error converting the value of 'type' to type 'ResourceIdentityType'. Path 'identity.type'."
            )
        }
        return .known(system: system, user: user)
    }

    // MARK: up to 2018-04-01: the array is the whole set

    private func list(_ value: JSONValue?, type: IdentityType, live: [MachineIdentity.Attachment])
        throws(ARMFailure) -> [MachineIdentity.Attachment]
    {
        guard let value, value != .null else { return type.hasUser && isPatch ? live : [] }
        guard case .array(let elements) = value else {
            throw .content(
                "Error converting the value of 'identityIds' to a list. Path 'identity.identityIds'."
            )
        }
        var ids: [String] = []
        for element in elements {
            guard let id = element.string else {
                throw .content("Unexpected element in a list of ids. Path 'identity.identityIds'.")
            }
            ids.append(id)
        }
        if !type.hasUser {
            guard ids.isEmpty else { throw .listNotAllowed("identityIds", type: type.wireText) }
            return []
        }
        var seen: Set<String> = []
        if let twice = ids.first(where: { !seen.insert(Folding.fold($0)).inserted }) {
            throw .duplicateInList(twice)
        }
        if ids.count > Self.limit { throw .tooMany(machine, ids.count) }
        // The whole list is validated, also what is attached already: that is how a dangling id blocks a VM (F25).
        return try attachments(for: ids, live: live, respelled: true)
    }

    // MARK: from 2018-06-01: the dictionary is a delta in a PATCH, the whole set in a PUT

    private func map(_ value: JSONValue?, type: IdentityType, live: [MachineIdentity.Attachment])
        throws(ARMFailure) -> [MachineIdentity.Attachment]
    {
        guard let value, value != .null else { return type.hasUser && isPatch ? live : [] }
        guard case .object(let entries) = value else {
            throw .content(
                "Error converting the value of 'userAssignedIdentities' to an object. "
                    + "Path 'identity.userAssignedIdentities'."
            )
        }
        if !type.hasUser {
            throw entries.isEmpty
                ? .identityOperation(machine, "Identity operation error: the list of identities is empty.")
                : .listNotAllowed("userAssignedIdentities", type: type.wireText)
        }
        let delta = try self.delta(entries)
        guard isPatch else { return try attachments(for: delta.added, live: live, respelled: true) }
        let attached = Set(live.map(\.key))
        if settings.mixedPatch == .refuse, !delta.added.isEmpty, !delta.removed.isEmpty {
            throw .mixedRefused(machine)
        }
        if settings.unattachedRemoval == .refuse,
            let stranger = delta.removed.first(where: { !attached.contains(Folding.fold($0)) })
        {
            throw .identityValues(stranger, allowed: "null only for identities that are assigned")
        }
        let removed = Set(delta.removed.map(Folding.fold))
        let kept = live.filter { !removed.contains($0.key) }
        let named = try attachments(for: delta.added, live: kept, respelled: false)
        let byKey = Dictionary(named.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        let keptKeys = Set(kept.map(\.key))
        return kept.map { byKey[$0.key] ?? $0 } + named.filter { !keptKeys.contains($0.key) }
    }

    /// The keys to add and to remove, in id order, after the checks that need nothing but the body.
    private func delta(_ entries: [String: JSONValue]) throws(ARMFailure) -> (
        added: [String], removed: [String]
    ) {
        let keys = entries.keys.sorted()
        let twice = Dictionary(grouping: keys, by: Folding.fold).values.filter { $0.count > 1 }.flatMap { $0 }
        if !twice.isEmpty { throw .duplicates(twice.sorted()) }
        let allowed = isPatch ? "{} or null" : "{}"
        for key in keys where entries[key] != [:] && !(isPatch && entries[key] == .null) {
            throw .identityValues(key, allowed: allowed)
        }
        if keys.count > Self.limit { throw .tooMany(machine, keys.count) }
        return (keys.filter { entries[$0] != .null }, keys.filter { entries[$0] == .null })
    }

    // MARK: common

    /// The attachments for ids that a request assigns; new ones stay pending until the operation ends.
    private func attachments(for ids: [String], live: [MachineIdentity.Attachment], respelled: Bool)
        throws(ARMFailure) -> [MachineIdentity.Attachment]
    {
        var missing: [String] = []
        var result: [MachineIdentity.Attachment] = []
        let attached = Dictionary(live.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        for id in ids {
            guard let parsed = try? ResourceID(parsing: id), parsed.kind == .userAssignedIdentity else {
                throw .linkedProperty(id, path: "identity.\(member)")
            }
            guard let found = identity(parsed.key) else {
                missing.append(id)
                continue
            }
            // An attached id is validated again but keeps the principal it was attached with (F26).
            var entry =
                attached[parsed.key]
                ?? MachineIdentity.Attachment(
                    spelling: id,
                    principalID: found.principalID,
                    clientID: found.clientID,
                    isPending: true
                )
            if respelled { entry.spelling = id }
            result.append(entry)
        }
        if let first = missing.first {
            throw settings.missingIdentity == .forbidden
                ? .linkedAuthorization(machine, missing) : .identityMissing(machine, first)
        }
        return result
    }
}
