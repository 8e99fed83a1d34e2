/// The ways to authenticate, as `--auth` names them; the order of the cases is the order that `auto` tries.
///
/// Source: DESIGN section 6.
package enum AuthMode: String, CaseIterable, Sendable, Hashable {
    /// The first of the others that is present.
    case auto
    /// A ready bearer token in `IDSYNC_ACCESS_TOKEN`.
    case token
    /// A service principal with a client secret.
    case secret
    /// A service principal with a federated assertion from a file or a variable.
    case federated
    /// A federated assertion from GitHub Actions.
    case github
    /// A federated assertion from Azure DevOps.
    case azureDevOps = "azure-devops"
    /// The managed identity of this machine.
    case managedIdentity = "managed-identity"
    /// The login of the Azure CLI.
    case cli

    /// What a user sets or runs to provide this credential, in one line.
    package var remedy: String {
        switch self {
        case .auto: "the first of the others that is present"
        case .token: "IDSYNC_ACCESS_TOKEN"
        case .secret: "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET"
        case .federated: "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE"
        case .github: "AZURE_TENANT_ID, AZURE_CLIENT_ID, in a job with `permissions: {id-token: write}`"
        case .azureDevOps:
            "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, SYSTEM_ACCESSTOKEN"
        case .managedIdentity:
            "a VM, App Service or Arc machine with an identity; AZURE_CLIENT_ID picks one of several"
        case .cli: "az login"
        }
    }
}
