import IdSyncCore

/// A user-assigned identity as the emulator keeps it.
struct IdentityResource: Sendable, Equatable {
    /// The id as the creator spelled it.
    let id: ResourceID
    var location: String
    var tags: [String: String]
    let clientID: String
    let principalID: String
    let tenantID: String
    /// Writable properties of newer versions, such as `isolationScope`.
    var properties: [String: JSONValue]

    /// Makes an identity whose missing ids are derived from its id and the generation it was created in, so that an
    /// identity that is created again under its name is another principal (F26).
    init(
        id: ResourceID,
        location: String,
        tags: [String: String] = [:],
        clientID: String? = nil,
        principalID: String? = nil,
        tenantID: String,
        properties: [String: JSONValue] = [:],
        generation: Int
    ) {
        self.id = id
        self.location = location
        self.tags = tags
        self.clientID = clientID ?? DeterministicID.guid("client", id.key, "\(generation)")
        self.principalID = principalID ?? DeterministicID.guid("principal", id.key, "\(generation)")
        self.tenantID = tenantID
        self.properties = properties
    }

    /// The id as the identity provider sends it, with `resourcegroups` in lower case (REC-ID).
    var wireID: String {
        "/subscriptions/\(id.subscription)/resourcegroups/\(id.resourceGroup)"
            + "/providers/\(id.kind.namespace)/\(id.kind.typeName)/\(id.name)"
    }

    /// The resource as a version of the api shows it.
    func rendered(apiVersion: String) -> JSONValue {
        var shown: [String: JSONValue] = [
            "tenantId": .string(tenantID), "principalId": .string(principalID), "clientId": .string(clientID),
        ]
        for (name, value) in properties where APIVersionTable.shows(identityProperty: name, in: apiVersion) {
            shown[name] = value
        }
        if apiVersion == "2015-08-31-preview" {
            // Only this version hands out a URL of a secret; clients must not print it (F73).
            shown["clientSecretUrl"] = .string(
                "https://control-emulator.identity.azure.net\(wireID)/credentials?tid=\(tenantID)"
                    + "&oid=\(principalID)&aid=\(clientID)"
            )
        }
        return .object([
            "id": .string(wireID),
            "name": .string(id.name),
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
            "location": .string(location),
            "tags": .object(tags.mapValues(JSONValue.string)),
            "properties": .object(shown),
        ])
    }
}
