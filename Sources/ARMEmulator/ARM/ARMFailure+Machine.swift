import IdSyncCore

/// Errors about writes to machines and their identities; texts from `errors.json` where one is published.
extension ARMFailure {
    /// 412; the text follows cloud-provider-azure issue 9728 (F13), the code is customary.
    static func stale(given: String, actual: String) -> ARMFailure {
        ARMFailure(
            412,
            "PreconditionFailed",
            "Etag provided in if-match header \(given) does not match etag \(actual) of resource in NRP DB."
        )
    }

    static let exists = ARMFailure(
        412,
        "PreconditionFailed",
        "The condition 'If-None-Match: *' is not met: the resource exists."
    )

    static func markedForDeletion(_ id: ResourceID) -> ARMFailure {
        ARMFailure(
            409,
            "OperationNotAllowed",
            "Operation 'update' is not allowed on VM '\(id.name)' since the VM is marked for deletion. "
                + "You can only retry the Delete operation (or wait for an ongoing one to complete)."
        )
    }

    static let conflict = ARMFailure(
        409,
        "Conflict",
        "The request failed due to conflict with a concurrent request. To resolve it, please refer to "
            + "https://aka.ms/activitylog to get more details on the conflicting requests."
    )

    static let preempted = ARMFailure(
        409,
        "OperationPreempted",
        "Operation execution has been preempted by a more recent operation."
    )

    /// What the identity provider said, as Compute wraps it (FACTS section 10).
    static func identityOperation(_ machine: ResourceID, _ inner: String) -> ARMFailure {
        ARMFailure(
            400,
            "FailedIdentityOperation",
            "Identity operation for resource '\(machine)' failed with error 'Failed to perform resource identity "
                + "operation. Status: 'BadRequest'. Response: "
                + "'{\"error\":{\"code\":\"BadRequest\",\"message\":\"\(inner)\"}}'.'."
        )
    }

    /// The provider names the identity in lower case.
    static func identityMissing(_ machine: ResourceID, _ identity: String) -> ARMFailure {
        identityOperation(machine, "Resource '\(Folding.fold(identity))' was not found.")
    }

    static func tooMany(_ machine: ResourceID, _ count: Int) -> ARMFailure {
        identityOperation(
            machine,
            "User Assigned Identities Number '\(count)' Assign exceed limit '\(IdentityChange.limit)' in one request."
        )
    }

    static func linkedAuthorization(_ machine: ResourceID, _ identities: [String]) -> ARMFailure {
        let client = DeterministicID.guid("caller")
        return ARMFailure(
            403,
            "LinkedAuthorizationFailed",
            "The client '\(client)' with object id '\(client)' has permission to perform action "
                + "'\(machine.kind.namespace)/\(machine.kind.typeName)/write' on scope '\(machine)'; however, it does "
                + "not have permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/"
                + "action' on the linked scope(s) '\(identities.joined(separator: ","))' or the linked scope(s) are "
                + "invalid.",
            isGateway: true
        )
    }

    static func duplicates(_ identities: [String]) -> ARMFailure {
        ARMFailure(
            400,
            "DuplicateIdentityIds",
            "The request content has the following duplicate identity ids "
                + "'\(identities.joined(separator: ","))'.",
            isGateway: true
        )
    }

    static func duplicateInList(_ identity: String) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidParameter",
            "ResourceIdentity identityId '\(identity)' cannot be duplicated in the provided identityIds list.",
            target: "resourceIdentity.identityIds"
        )
    }

    static func listNotAllowed(_ member: String, type: String) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidParameter",
            "ResourceIdentity \(member) should not be provided if the type is \"\(type)\".",
            target: "resourceIdentity.\(member)"
        )
    }

    /// Not published for ARM: `UserAssigned` with nothing assigned is refused here (FACTS section 3 has it as [U]).
    static func listRequired(_ member: String) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidParameter",
            "ResourceIdentity \(member) must leave at least one identity if the type has \"UserAssigned\".",
            target: "resourceIdentity.\(member)"
        )
    }

    static func identityValues(_ identity: String, allowed: String) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidIdentityValues",
            "Invalid value for the identity '\(identity)'. The values of 'userAssignedIdentities' are \(allowed).",
            isGateway: true
        )
    }

    static func linkedProperty(_ identity: String, path: String) -> ARMFailure {
        ARMFailure(
            400,
            "LinkedInvalidPropertyId",
            "Property id '\(identity)' at path '\(path)' is invalid. Expect fully qualified resource Id that start "
                + "with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
            isGateway: true
        )
    }

    static func flexibleSystem(_ machine: ResourceID) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidParameter",
            "The scale set '\(machine.name)' has orchestration mode Flexible, which supports only the identity type "
                + "\"UserAssigned\".",
            target: "identity.type"
        )
    }

    static func mixedRefused(_ machine: ResourceID) -> ARMFailure {
        identityOperation(machine, "Identities cannot be added and removed in one request.")
    }
}
