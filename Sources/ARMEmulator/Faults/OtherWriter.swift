package import IdSyncCore

/// A change that somebody other than idsync makes: Azure Policy, a person, another pipeline.
///
/// ```json
/// {"machine": "/subscriptions/…/virtualMachines/vm1", "add": ["/…/ID9"], "remove": ["/…/ID1"],
///  "systemAssigned": true, "bumpETag": true, "tags": {"k": "v"}, "provisioningState": "Deleting",
///  "deleteMachine": false}
/// {"createIdentity": "/subscriptions/…/ID9", "location": "westus"}
/// {"deleteIdentity": "/subscriptions/…/ID1"}
/// ```
///
/// Every member is optional. Each change of a machine raises its ETag. What does not exist is left alone.
package struct OtherWriter: Sendable, Equatable {
    /// The machine to change.
    package var machine: ResourceID?
    /// Identities to attach to it, whether they exist or not.
    package var add: [String]
    /// Identities to detach from it.
    package var remove: [String]
    /// Switches its system-assigned identity.
    package var systemAssigned: Bool?
    /// Raises its ETag even when nothing else changes.
    package var bumpETag: Bool
    /// Replaces its tags.
    package var tags: [String: String]?
    /// Sets its provisioning state.
    package var provisioningState: String?
    /// Deletes it.
    package var deleteMachine: Bool
    /// An identity to create; an existing one is created anew, with new ids.
    package var createIdentity: ResourceID?
    /// The location of the created identity.
    package var location: String
    /// An identity to delete.
    package var deleteIdentity: ResourceID?

    /// Makes a change.
    package init(
        machine: ResourceID? = nil,
        add: [String] = [],
        remove: [String] = [],
        systemAssigned: Bool? = nil,
        bumpETag: Bool = false,
        tags: [String: String]? = nil,
        provisioningState: String? = nil,
        deleteMachine: Bool = false,
        createIdentity: ResourceID? = nil,
        location: String = "westus",
        deleteIdentity: ResourceID? = nil
    ) {
        self.machine = machine
        self.add = add
        self.remove = remove
        self.systemAssigned = systemAssigned
        self.bumpETag = bumpETag
        self.tags = tags
        self.provisioningState = provisioningState
        self.deleteMachine = deleteMachine
        self.createIdentity = createIdentity
        self.location = location
        self.deleteIdentity = deleteIdentity
    }
}

extension EmulatorStore {
    /// Carries out a change of another writer, at once and without an operation.
    mutating func apply(_ writer: OtherWriter) {
        revision += 1
        if let id = writer.deleteIdentity { identities[id.key] = nil }
        if let id = writer.createIdentity {
            let tenant = settings.tenantID
            let made = nextGeneration()
            identities[id.key] = IdentityResource(
                id: id,
                location: Folding.location(writer.location),
                tenantID: tenant,
                generation: made
            )
            adopt(id, location: writer.location)
        }
        guard let id = writer.machine, var machine = self[machine: id] else { return }
        let before = machine
        change(&machine.identity, by: writer, of: id)
        if let tags = writer.tags { machine.body["tags"] = .object(tags.mapValues(JSONValue.string)) }
        if let state = writer.provisioningState { machine.provisioningState = state }
        if machine != before || writer.bumpETag { machine.etag += 1 }
        self[machine: id] = writer.deleteMachine ? nil : machine
    }

    private mutating func change(_ identity: inout MachineIdentity, by writer: OtherWriter, of id: ResourceID)
    {
        let removed = Set(writer.remove.map(Folding.fold))
        identity.attached.removeAll { removed.contains($0.key) }
        for spelling in writer.add
        where !identity.attached.contains(where: { $0.key == Folding.fold(spelling) }) {
            let found = identities[Folding.fold(spelling)]
            identity.attached.append(
                MachineIdentity.Attachment(
                    spelling: spelling,
                    principalID: found?.principalID,
                    clientID: found?.clientID
                )
            )
        }
        guard let system = writer.systemAssigned, system != identity.hasSystem else { return }
        identity.hasSystem = system
        identity.principalID = system ? DeterministicID.guid("system", id.key, "\(nextGeneration())") : nil
    }
}
