package import IdSyncCore

extension EmulatorStateFile {
    /// Reads a state.
    ///
    /// - Throws: `EmulatorStateError`, which names the place in the file.
    package init(json: JSONValue) throws(EmulatorStateError) {
        let top = StateReader(value: json, path: "")
        _ = try top.object([
            "format", "subscriptions", "resourceGroups", "identities", "virtualMachines",
            "virtualMachineScaleSets", "generation", "faults", "pageSize", "throttle", "tokens", "tenantId",
            "longRunning", "behaviour",
        ])
        guard let format = try top.string("format") else {
            throw top.failure("the member 'format' is missing")
        }
        guard format == Self.format else {
            throw top.failure("the format is '\(format)', expected '\(Self.format)'")
        }
        settings = try EmulatorSettings(top)
        subscriptions = try top.strings("subscriptions")
        generation = try top.integer("generation", in: 0...Int.max) ?? 0
        for entry in try top.elements("resourceGroups") { groups.append(try GroupResource(entry)) }
        var seen: Set<String> = []
        for entry in try top.elements("identities") {
            let identity = try IdentityResource(entry, tenantID: settings.tenantID)
            guard seen.insert(identity.id.key).inserted else {
                throw entry.failure("this id is listed twice")
            }
            identities.append(identity)
        }
        let byKey = Dictionary(identities.map { ($0.id.key, $0) }, uniquingKeysWith: { $1 })
        let lists = [
            ("virtualMachines", ResourceKind.virtualMachine),
            ("virtualMachineScaleSets", .virtualMachineScaleSet),
        ]
        for (name, kind) in lists {
            for entry in try top.elements(name) {
                let machine = try MachineResource(entry, kind: kind, identities: byKey)
                guard seen.insert(machine.id.key).inserted else {
                    throw entry.failure("this id is listed twice")
                }
                machines.append(machine)
            }
        }
        for entry in try top.elements("faults") { faults.append(try FaultRule(entry)) }
    }
}

extension GroupResource {
    /// Reads a group: its id, or an object with id and location.
    fileprivate init(_ entry: StateReader) throws(EmulatorStateError) {
        let isObject = entry.value.object != nil
        if isObject { _ = try entry.object(["id", "location"]) }
        guard let id = isObject ? try entry.string("id") : try entry.string() else {
            throw entry.failure("the member 'id' is missing")
        }
        let parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0].isEmpty, !parts[2].isEmpty, !parts[4].isEmpty,
            Folding.fold(parts[1]) == "subscriptions", Folding.fold(parts[3]) == "resourcegroups"
        else { throw entry.failure("expected /subscriptions/{guid}/resourceGroups/{group}") }
        let location = isObject ? try entry.string("location") : nil
        self.init(subscription: parts[2], name: parts[4], location: location ?? "westus")
    }
}

extension IdentityResource {
    /// Reads an identity; `properties` may be flattened.
    fileprivate init(_ entry: StateReader, tenantID: String) throws(EmulatorStateError) {
        // `az identity show` adds what the id says already.
        _ = try entry.object([
            "id", "location", "tags", "properties", "clientId", "principalId", "tenantId", "name", "type",
            "resourceGroup", "systemData", "isolationScope", "assignmentRestrictions",
        ])
        guard let id = entry.member("id") else { throw entry.failure("the member 'id' is missing") }
        guard let location = try entry.string("location") else {
            throw entry.failure("the member 'location' is missing")
        }
        let nested = entry.member("properties") ?? entry
        var properties: [String: JSONValue] = [:]
        for name in APIVersionTable.identityPropertyNames { properties[name] = nested.member(name)?.value }
        self.init(
            id: try id.resourceID(.userAssignedIdentity),
            location: Folding.location(location),
            tags: try entry.texts("tags"),
            clientID: try nested.string("clientId"),
            principalID: try nested.string("principalId"),
            tenantID: try nested.string("tenantId") ?? tenantID,
            properties: properties,
            generation: 0
        )
    }

    /// The identity as a state file has it.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id.description), "location": .string(location), "clientId": .string(clientID),
            "principalId": .string(principalID), "tenantId": .string(tenantID),
            "tags": .object(tags.mapValues(JSONValue.string)),
        ]
        for (name, value) in properties { members[name] = value }
        return .object(members)
    }
}
