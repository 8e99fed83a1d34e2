package import IdSyncCore

extension ARMError {
    /// What the user can do about it; nil when nothing beyond the message helps.
    package var remedy: String? {
        if let text = providerRemedy { return text }
        switch errorClass {
        case .transient: return "the service failed after \(attempts) attempts; run the plan again later"
        case .throttled:
            return "too many requests to this subscription; wait a few minutes, or lower --parallelism"
        case .race: return "another writer changed it at the same time; run the plan again"
        case .blocked: return blockedRemedy
        case .permission: return permissionRemedy
        case .ambiguousIdentity: return assignRemedy
        case .propagation: return "the new principal is not known everywhere yet; run again in a few minutes"
        case .gone: return nil
        case .deleting: return "it is being deleted; take it out of the manifest"
        case .alreadyExists:
            return "a role assignment for the same scope, role and principal exists under another name"
        case .authentication:
            return
                "the token was refused: check tenant and expiry, sign in again (az login) or renew the token"
        case .mixedRejected:
            return
                "the service refuses additions and removals in one request; they are sent one after the other"
        case .bug: return "the request was not accepted as it is; please report it with the request id"
        case .other: return nil
        }
    }

    /// What to do when an identity exists but must not be assigned: the role, and the command that grants it (F51).
    ///
    /// Source for the role: FACTS section 2.4 (managed-identities-faq).
    package func assignRemedy(for identities: [ResourceID]) -> String {
        let commands = identities.map { id in
            "az role assignment create --role 'Managed Identity Operator' \(assignee) --scope '\(id)'"
        }
        return
            (["the caller needs the role Managed Identity Operator on each identity that it attaches:"]
            + commands)
            .joined(separator: "\n")
    }

    private var assignRemedy: String {
        if Folding.fold(code ?? "") == "linkedauthorizationfailed" {
            guard !identities.isEmpty else {
                return
                    "check that every identity exists, and that the caller has the role Managed Identity Operator on it"
            }
            return "if the identity exists, " + assignRemedy(for: identities)
        }
        return "an identity in the request does not exist; create it, or correct its name in the manifest"
    }

    private var blockedRemedy: String {
        switch Folding.fold(code ?? "") {
        case "scopelocked": "a lock forbids it; idsync never removes locks: ask its owner"
        case "requestdisallowedbypolicy":
            "Azure Policy forbids it; ask the owner of the policy for an exemption"
        default: "a deny assignment forbids it; the resource is managed by another service"
        }
    }

    private var permissionRemedy: String {
        let role: String
        if path.contains("/Microsoft.Authorization/roleAssignments") {
            role = "User Access Administrator"
        } else if method == .get {
            role = "Reader"
        } else {
            let isIdentity = path.contains("/Microsoft.ManagedIdentity/")
            role = isIdentity ? "Managed Identity Contributor" : "Virtual Machine Contributor"
        }
        let scope = "/" + path.split(separator: "/").prefix(4).joined(separator: "/")
        return "the caller needs the role \(role): "
            + "az role assignment create --role '\(role)' \(assignee) --scope '\(scope)'"
    }

    private var assignee: String { "--assignee \(callerObjectID ?? "<object id of the caller>")" }

    private var providerRemedy: String? {
        switch Folding.fold(code ?? "") {
        case "missingsubscriptionregistration", "subscriptionnotregistered":
            "register the provider: az provider register --namespace "
                + (path.contains("Microsoft.ManagedIdentity")
                    ? "Microsoft.ManagedIdentity" : "Microsoft.Compute")
        case "noregisteredproviderfound", "invalidresourcetype", "invalidapiversionparameter":
            "the api-version is not offered here; set apiVersions in the manifest"
        default: nil
        }
    }
}
