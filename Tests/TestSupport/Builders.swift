package import IdSyncCore
package import YAMLDocument

/// Short names for the ids and states that tests are full of.
package enum Build {
    /// The subscription of every test resource.
    package static let subscription = "80c696ff-5efa-4909-a64d-f1b616f423ca"

    /// The id of a user-assigned identity.
    package static func identity(_ name: String, group: String = "TestRG") -> ResourceID {
        ResourceID(subscription: subscription, resourceGroup: group, kind: .userAssignedIdentity, name: name)
    }

    /// The id of a VM.
    package static func vm(_ name: String = "myVM", group: String = "TestRG") -> ResourceID {
        ResourceID(subscription: subscription, resourceGroup: group, kind: .virtualMachine, name: name)
    }

    /// A place in a manifest.
    package static func origin(_ line: Int = 1) -> SourceLocation {
        SourceLocation(file: "manifest.yaml", line: line, column: 5)
    }

    /// A reference to an identity.
    package static func reference(_ id: ResourceID) -> IdentityReference {
        IdentityReference(id: id, origin: origin())
    }

    /// An identity block from a flag and identity ids.
    package static func block(system: Bool = false, _ ids: [ResourceID] = []) -> IdentityBlock {
        IdentityBlock(
            type: .known(system: system, user: !ids.isEmpty),
            attached: ids.map { AttachedIdentity(spelling: $0.description) },
            principalID: system ? "11111111-1111-1111-1111-111111111111" : nil
        )
    }

    /// A live VM with a block.
    package static func machine(_ block: IdentityBlock, id: ResourceID = vm(), etag: String? = "\"1\"")
        -> LiveMachine
    {
        LiveMachine(id: id, block: block, etag: etag)
    }

    /// A VM entry of a manifest.
    package static func desired(
        _ id: ResourceID = vm(),
        system: Bool? = nil,
        have userAssigned: [ResourceID] = [],
        remove: [ResourceID] = [],
        exclusive: Bool = false,
        ignore: [String] = []
    ) -> DesiredMachine {
        DesiredMachine(
            id: id,
            systemAssigned: system,
            userAssigned: userAssigned.map(reference),
            remove: remove.map(reference),
            exclusive: exclusive,
            ignore: ignore.map { GlobPattern($0) },
            origin: origin(10)
        )
    }

    /// A live identity in westus.
    package static func live(_ id: ResourceID, tags: [String: String] = [:]) -> LiveIdentity {
        LiveIdentity(
            id: id,
            location: "westus",
            tags: tags,
            clientID: "client-\(id.name)",
            principalID: "principal-\(id.name)",
            tenantID: "tenant"
        )
    }

    /// A live state in which every given identity exists.
    package static func state(
        _ machines: [LiveMachine],
        identities: [ResourceID] = [],
        absent: [ResourceID] = []
    ) -> LiveState {
        var lookups: [ResourceID: Lookup<LiveIdentity>] = [:]
        for id in identities { lookups[id] = .found(live(id)) }
        for id in absent { lookups[id] = .absent("ResourceNotFound") }
        return LiveState(
            identities: lookups,
            machines: Dictionary(machines.map { ($0.id, .found($0)) }, uniquingKeysWith: { $1 }),
            scopes: ["/subscriptions/\(subscription)/resourceGroups/TestRG"],
            reads: 1
        )
    }

    /// Plans with default limits unless others are given.
    package static func plan(
        _ desired: DesiredState,
        _ live: LiveState,
        limits: Limits = Limits(),
        caller: CallerIdentity? = nil
    ) -> Plan {
        Planner(desired: desired, live: live, policy: PlanPolicy(limits: limits, caller: caller)).plan()
    }
}
