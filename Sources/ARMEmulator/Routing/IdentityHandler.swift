import IdSyncAzure
import IdSyncCore

/// GET, PUT, PATCH and DELETE of user-assigned identities; all of them synchronous (FACTS section 2.1).
extension EmulatorStore {
    mutating func identity(_ id: ResourceID, _ context: RequestContext, _ version: String)
        throws(ARMFailure) -> HTTPResponse
    {
        let live = identities[id.key]
        switch context.method {
        case .get:
            if isHidden(id) { throw .noResource(id) }
            guard let live else { throw .noResource(id) }
            return HTTPResponse(status: 200, json: live.rendered(apiVersion: version))
        case .put: return try putIdentity(id, live, try context.body(), version)
        case .patch:
            guard let live else { throw .noResource(id) }
            return try patchIdentity(live, try context.body(), version)
        case .delete:
            // Machines that carry the identity are not asked: their entries dangle from now on (F27).
            identities[id.key] = nil
            return HTTPResponse(status: live == nil ? 204 : 200)
        case .post: throw .methodNotAllowed(context.method.rawValue)
        }
    }

    /// Whether eventual consistency still hides a resource from GET; counts the GET (F31).
    mutating func isHidden(_ id: ResourceID) -> Bool {
        guard let left = hidden[id.key], left > 0 else { return false }
        hidden[id.key] = left == 1 ? nil : left - 1
        return true
    }

    private mutating func putIdentity(
        _ id: ResourceID,
        _ live: IdentityResource?,
        _ body: [String: JSONValue],
        _ version: String
    ) throws(ARMFailure) -> HTTPResponse {
        try Self.checkMembers(body, of: id)
        guard let location = body["location"]?.string, !location.isEmpty else { throw .noLocation }
        let folded = Folding.location(location)
        let tags = try Self.tags(body) ?? [:]
        if var live {
            guard Folding.location(live.location) == folded else {
                throw .otherLocation(live.id, is: live.location, wanted: location)
            }
            live.tags = tags
            try Self.merge(body, into: &live.properties, version)
            identities[id.key] = live
            return HTTPResponse(status: 200, json: live.rendered(apiVersion: version))
        }
        try Self.checkName(id)
        let tenant = settings.tenantID
        let made = nextGeneration()
        var created = IdentityResource(
            id: id,
            location: folded,
            tags: tags,
            tenantID: tenant,
            generation: made
        )
        try Self.merge(body, into: &created.properties, version)
        identities[id.key] = created
        return HTTPResponse(
            status: 201,
            json: created.rendered(apiVersion: version),
            headers: [("location", created.wireID)]
        )
    }

    /// Tags replace the whole map, as RPC says of PATCH (FACTS section 2.1).
    private mutating func patchIdentity(
        _ live: IdentityResource,
        _ body: [String: JSONValue],
        _ version: String
    )
        throws(ARMFailure) -> HTTPResponse
    {
        try Self.checkMembers(body, of: live.id)
        if let location = body["location"]?.string, Folding.location(location) != live.location {
            throw .otherLocation(live.id, is: live.location, wanted: location)
        }
        var changed = live
        if let tags = try Self.tags(body) { changed.tags = tags }
        try Self.merge(body, into: &changed.properties, version)
        identities[live.id.key] = changed
        return HTTPResponse(status: 200, json: changed.rendered(apiVersion: version))
    }

    /// The tags of a body, or nil when it has none.
    static func tags(_ body: [String: JSONValue]) throws(ARMFailure) -> [String: String]? {
        guard let value = body["tags"], value != .null else { return nil }
        guard case .object(let members) = value else {
            throw .content("'tags' is not an object. Path 'tags'.")
        }
        var tags: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.string else {
                throw .content("The value of a tag is not a string. Path 'tags.\(name)'.")
            }
            tags[name] = text
        }
        return tags
    }

    /// Refuses members that no resource has.
    static func checkMembers(_ body: [String: JSONValue], of id: ResourceID) throws(ARMFailure) {
        guard let foreign = body.keys.filter({ !MachineResource.topMembers.contains($0) }).min() else {
            return
        }
        throw .content(
            "Could not find member '\(foreign)' on object of type 'ResourceDefinition'. Path '\(foreign)'."
        )
    }

    private static func merge(
        _ body: [String: JSONValue],
        into properties: inout [String: JSONValue],
        _ version: String
    ) throws(ARMFailure) {
        // Read-only members are ignored, as everywhere in ARM; a version cannot write what it does not know.
        for (name, value) in body["properties"]?.object ?? [:]
        where APIVersionTable.shows(identityProperty: name, in: version) {
            if name == "isolationScope", !["None", "Regional"].contains(value.string) {
                throw .content(
                    "Error converting the value of 'isolationScope'. Path 'properties.isolationScope'."
                )
            }
            properties[name] = value
        }
    }

    /// 3 to 128 letters, digits, `-`, `_`, the first a letter or digit (FACTS section 7).
    private static func checkName(_ id: ResourceID) throws(ARMFailure) {
        let isPlain = id.name.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")
        }
        let startsWell = id.name.first.map { $0.isLetter || $0.isNumber } ?? false
        guard isPlain, startsWell, (3...128).contains(id.name.count) else {
            throw .invalidName(id, rule: "3 to 128 letters, digits, - and _, the first a letter or digit")
        }
    }
}
