import IdSyncCore

extension MachineResource {
    /// The members of a machine that are not `properties` in ARM's shape.
    static let topMembers: Set = [
        "id", "name", "type", "location", "tags", "plan", "sku", "kind", "managedBy", "managedByExtended",
        "identity",
        "properties", "zones", "extendedLocation", "placement", "etag", "systemData",
    ]

    /// Reads a machine in ARM's shape, or as `az vm show` prints it with `properties` flattened.
    init(_ entry: StateReader, kind: ResourceKind, identities: [String: IdentityResource])
        throws(EmulatorStateError)
    {
        let members = try entry.object()
        guard let id = entry.member("id") else { throw entry.failure("the member 'id' is missing") }
        guard let location = try entry.string("location") else {
            throw entry.failure("the member 'location' is missing")
        }
        self.id = try id.resourceID(kind)
        var properties = try entry.member("properties")?.object() ?? [:]
        var body: [String: JSONValue] = [:]
        for (name, value) in members where value != .null {
            if !Self.topMembers.contains(name) {
                // `az` prints these two beside the members of the resource; ARM has them elsewhere or not at all.
                if name != "resourceGroup", name != "resources" { properties[name] = value }
            } else if !["id", "name", "type", "identity", "etag", "properties"].contains(name) {
                body[name] = value
            }
        }
        provisioningState = Self.state(of: properties)
        properties["provisioningState"] = nil
        if properties["vmId"] == nil, kind == .virtualMachine {
            properties["vmId"] = .string(DeterministicID.guid("vm", self.id.key))
        }
        body["location"] = .string(Folding.location(location))
        if entry.member("tags") != nil {
            body["tags"] = .object(try entry.texts("tags").mapValues(JSONValue.string))
        }
        body["properties"] = .object(properties)
        self.body = body
        etag = try Self.etag(entry)
        identity =
            try entry.member("identity").map { value throws(EmulatorStateError) in
                try MachineIdentity(value, machine: id, identities: identities)
            } ?? .none
    }

    /// Absent means `Succeeded`; an explicit null means that ARM sends none (F42).
    private static func state(of properties: [String: JSONValue]) -> String? {
        guard let value = properties["provisioningState"] else { return "Succeeded" }
        return value.string
    }

    private static func etag(_ entry: StateReader) throws(EmulatorStateError) -> Int {
        guard let found = entry.member("etag") else { return 1 }
        let text = try found.string()
        guard let number = Int(text.filter { $0 != "\"" }), number >= 0 else {
            throw found.failure("expected a number in quotes, as in \"\\\"5\\\"\"")
        }
        return number
    }

    /// The machine as a state file has it.
    var json: JSONValue {
        var members = body
        var properties = body["properties"]?.object ?? [:]
        properties["provisioningState"] = provisioningState.map(JSONValue.string) ?? .null
        members["id"] = .string(id.description)
        members["properties"] = .object(properties)
        members["etag"] = .string(etagText)
        members["identity"] = identity.rendered(shape: .dictionary, settings: EmulatorSettings())
        return .object(members)
    }
}

extension MachineIdentity {
    /// Reads an identity block in the dictionary form.
    fileprivate init(_ block: StateReader, machine: StateReader, identities: [String: IdentityResource])
        throws(EmulatorStateError)
    {
        _ = try block.object(["type", "principalId", "tenantId", "userAssignedIdentities"])
        let text = try block.string("type")
        let type = IdentityType(parsing: text)
        if case .unknown = type { foreignType = text }
        hasSystem = type.hasSystem
        principalID = try block.string("principalId")
        if hasSystem, principalID == nil, block.value["principalId"] == nil {
            principalID = DeterministicID.guid("system", try machine.string(), "0")
        }
        guard let map = block.member("userAssignedIdentities") else { return }
        for spelling in try map.object().keys.sorted() {
            let entry = StateReader(value: map.value[spelling] ?? [:], path: "\(map.path)['\(spelling)']")
            if entry.value != .null { _ = try entry.object(["principalId", "clientId"]) }
            attached.append(try Attachment(spelling: spelling, entry, identities))
        }
        if attached.count != Set(attached.map(\.key)).count {
            throw map.failure("two keys differ only in case")
        }
        if !attached.isEmpty, !type.hasUser, foreignType == nil {
            throw block.failure("the type '\(text ?? "None")' does not go with user-assigned identities")
        }
    }
}

extension MachineIdentity.Attachment {
    fileprivate init(spelling: String, _ entry: StateReader, _ identities: [String: IdentityResource])
        throws(EmulatorStateError)
    {
        let identity = identities[Folding.fold(spelling)]
        self.init(spelling: spelling)
        principalID = try entry.string("principalId")
        clientID = try entry.string("clientId")
        if entry.value["principalId"] == nil {
            principalID = identity?.principalID ?? DeterministicID.guid("principal", key, "gone")
        }
        if entry.value["clientId"] == nil {
            clientID = identity?.clientID ?? DeterministicID.guid("client", key, "gone")
        }
    }
}
