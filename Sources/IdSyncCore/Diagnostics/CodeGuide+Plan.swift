// The codes of gates, of warnings in a plan and of saved files.
extension CodeGuide {
    static let gates: [CodeGuide] = [
        gate(
            .missingTarget,
            "the machine does not exist",
            "The manifest names a virtual machine that Azure does not have. idsync never creates one.",
            do: "Correct its name, resource group or subscription, or remove the entry."
        ),
        gate(
            .missingIdentity,
            "the identity does not exist",
            "A machine is to have an identity that Azure does not have and that the manifest does not declare.",
            do: "Declare it under 'identities' so that idsync creates it, or correct the reference."
        ),
        gate(
            .missingGroup,
            "the resource group does not exist",
            "An identity is to be created in a resource group that Azure does not have. idsync creates no groups.",
            do: "Create the group first, or correct its name."
        ),
        gate(
            .unreadable,
            "the target could not be read",
            "Azure gave no usable answer for the target, so no safe request can be computed.",
            do: "Read the message for the cause, and plan again."
        ),
        gate(
            .permission,
            "no permission to read",
            "The credentials are valid, but may not read the target.",
            do: "Give the caller at least the role Reader there; to apply, the roles that the message names."
        ),
        gate(
            .authentication,
            "not signed in",
            "Azure did not accept the token for the target's subscription or tenant.",
            do: "Sign in again, or see 'idsync help credentials'."
        ),
        gate(
            .unknownType,
            "unknown identity type",
            "The machine has an identity type that this version of idsync does not know. Any request could remove "
                + "something.",
            do: "Use a newer version of idsync; the other targets of the plan are not affected."
        ),
        gate(
            .deleting,
            "the target is being deleted",
            "Azure is deleting the machine or identity, so a change would fail or be lost.",
            do: "Remove it from the manifest, or wait and plan again."
        ),
        gate(
            .inconsistent,
            "contradictory answer",
            "Azure says that the machine has user-assigned identities and lists none. With the old api-version a request "
                + "replaces the whole list, so identities could be lost.",
            do: "Use 'apiVersions: {compute: \"2018-06-01\"}' or later."
        ),
        gate(
            .protected,
            "the identity is protected",
            "The plan would detach or delete an identity that a pattern under 'protected' matches.",
            do: "Keep the identity, or narrow the pattern."
        ),
        gate(
            .encryption,
            "disk-encryption identity",
            "The identity gives the machine access to the keys of its disks. Without it the disks could be locked.",
            do: "Change the disk encryption first, then remove the identity."
        ),
        gate(
            .locationChange,
            "the location cannot change",
            "The manifest gives an existing identity another location. Azure cannot move it, and creating it again would "
                + "lose its principal id and all its role assignments.",
            do: "Correct the location, or declare an identity with a new name."
        ),
        gate(
            .inUse,
            "the identity is still in use",
            "The manifest deletes an identity that machines outside the manifest still have. They would lose it and keep "
                + "a dead reference.",
            do: "Unassign it there, or declare those machines with it under 'remove'."
        ),
        gate(
            .whereUsed,
            "not known where the identity is used",
            "The manifest deletes an identity, and idsync cannot list every machine that may have it.",
            do: "Give the caller the role Reader on the subscription, and plan again."
        ),
        gate(
            .detach,
            "the identity cannot be detached first",
            "An identity is deleted only after it left every machine, and one of these changes is blocked.",
            do: "Solve what blocks the machine that the message names."
        ),
        gate(
            .selfIdentity,
            "the identity idsync runs as",
            "The plan would remove or delete the identity that idsync itself uses, and lock it out halfway.",
            do: "Run idsync with other credentials for this change."
        ),
        gate(
            .limits,
            "too many removals",
            "The plan deletes or unassigns more identities than the limits allow, often because of a wrong manifest.",
            do: "If it is meant, raise 'limits' in the manifest, or give --max-deletes or --max-unassigns."
        ),
        gate(
            .missingSubscription,
            "the subscription was not found",
            "Azure does not have the subscription, or does not show it to the caller.",
            do: "Correct its id, or give the caller access to it."
        ),
        gate(
            .crossTenant,
            "the identity is of another tenant",
            "The machine and the identity to be assigned belong to different tenants. Azure refuses such an assignment.",
            do: "Assign an identity of the machine's tenant."
        ),
    ]

    static let planWarnings: [CodeGuide] = [
        planWarning(
            PlanCode.defaultIdentity,
            "the default identity changes",
            "Programs on the machine that ask for a token without a client id will get it for another identity, or not "
                + "at all when several user-assigned identities are left to choose from.",
            do: "Make the programs name a client id before you apply."
        ),
        planWarning(
            PlanCode.dangling,
            "dead reference",
            "The machine still has an identity that was deleted. It gives no tokens, and can make Azure refuse other "
                + "changes.",
            do: "Add 'remove: [dangling]' to the machine's entry."
        ),
        planWarning(
            PlanCode.recreated,
            "the identity was created again",
            "An identity was deleted and created again under the same name. The machine still has the old one and cannot "
                + "use the new one.",
            do: "Add 'reattach: true' to the machine's entry."
        ),
        planWarning(
            PlanCode.managedBy,
            "another service manages the machine",
            "A service such as AKS or Databricks owns the machine and may undo the change.",
            do: "Change the identities through that service where it allows it."
        ),
        planWarning(
            PlanCode.provisioningState,
            "the machine's last operation is not finished",
            "The machine's last operation failed or is still running, so the request may wait or be refused.",
            do: "Look at the machine in the portal; apply later when it is still updating."
        ),
        planWarning(
            PlanCode.opaqueKey,
            "unknown kind of identity",
            "The machine has an entry among its identities that is not a resource id. idsync keeps it as it is.",
            do: "Nothing, unless the entry is not wanted; then remove it with another tool."
        ),
        planWarning(
            PlanCode.unguarded,
            "no guard against a change at the same time",
            "The api-version or the answer has no ETag, so a change that someone else makes in the same second could be "
                + "overwritten. idsync reads right before the request and verifies right after.",
            do: "Use a compute api-version of 2023-09-01 or later."
        ),
        planWarning(
            PlanCode.reattach,
            "short outage while reattaching",
            "With 'reattach: true' the identity is detached and attached again in two requests; in between the machine "
                + "gets no token for it.",
            do: "Apply when the programs on the machine can stand a short outage."
        ),
    ]

    static let savedFiles: [CodeGuide] = [
        savedFile(
            SavedDocumentCode.syntax,
            "not complete JSON",
            "The saved plan or report is not JSON, or was cut off while it was written or copied.",
            do: "Make a new plan with 'idsync plan'."
        ),
        savedFile(
            SavedDocumentCode.format,
            "another format",
            "The file is another kind of document, or was written by a version of idsync with another format.",
            do: "Check the path, or use the version that wrote it."
        ),
        savedFile(
            SavedDocumentCode.digest,
            "the digest does not fit",
            "The saved plan was altered after it was written. What was reviewed is not what the file says now.",
            do: "Make a new plan with 'idsync plan', and review it."
        ),
        savedFile(
            SavedDocumentCode.shape,
            "a member is missing or wrong",
            "The saved file is whole, but a member of it is missing or of the wrong kind.",
            do: "Make a new plan with 'idsync plan'."
        ),
    ]
}
