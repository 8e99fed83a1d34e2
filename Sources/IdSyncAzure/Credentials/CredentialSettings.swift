import Foundation

/// What the environment says about one credential.
enum Setting<Value: Sendable & Equatable>: Sendable, Equatable {
    /// Nothing asks for it.
    case absent
    /// Something is there, but not enough; `isDeliberate` when a user and not the platform set it.
    case incomplete(String, isDeliberate: Bool)
    /// Complete.
    case ready(Value)
}

/// The application that asks for a token.
struct Application: Sendable, Equatable {
    let tenant: ConfiguredText
    let client: ConfiguredText
}

/// An application with the secret or the assertion that proves it.
struct ProvenApplication: Sendable, Equatable {
    let application: Application
    let proof: ConfiguredText
}

/// An application with the place where the platform hands out assertions.
struct RequestingApplication: Sendable, Equatable {
    let application: Application
    let requestURL: ConfiguredText
    let requestToken: ConfiguredText
    /// The service connection, for Azure DevOps.
    let connection: ConfiguredText?
}

/// Every credential that the environment configures, read once from an injected dictionary.
///
/// Names of the Azure SDKs (`AZURE_*`) win over Terraform's (`ARM_*`). A blank variable counts as absent, but for a blank
/// secret of an application that is configured, which is a mistake. The dictionary itself is not kept, so that no dump of
/// this value shows a secret. Source: FACTS section 9.
package struct CredentialSettings: Sendable, Equatable {
    let token: Setting<ConfiguredText>
    let secret: Setting<ProvenApplication>
    let federated: Setting<ProvenApplication>
    let github: Setting<RequestingApplication>
    let azureDevOps: Setting<RequestingApplication>
    let managedIdentity: ManagedIdentitySetting
    /// The variable of a client certificate, which idsync does not support and therefore must not pass over.
    let certificateVariable: String?
    /// The tenant that `az` is asked for.
    let tenant: ConfiguredText?
    /// Overrides the cloud's authority.
    let authorityHost: ConfiguredText?
    /// The credentials that `auto` leaves out, each with the variable that says so.
    let optedOut: [AuthMode: String]
    /// What each credential lacks of which no more than the application is configured.
    let lacking: [AuthMode: [String]]

    /// Reads the environment.
    package init(environment: [String: String]) {
        let reader = EnvironmentReader(environment: environment)
        let isEmptied = reader.isEmptied("IDSYNC_ACCESS_TOKEN")
        token =
            reader.first("IDSYNC_ACCESS_TOKEN").map { .ready($0) }
            ?? (isEmptied
                ? .incomplete(EnvironmentReader.emptied("IDSYNC_ACCESS_TOKEN"), isDeliberate: true) : .absent)
        secret = reader.secretSetting()
        federated = reader.federatedSetting()
        github = reader.githubSetting()
        azureDevOps = reader.azureDevOpsSetting()
        managedIdentity = ManagedIdentitySetting(reader)
        certificateVariable =
            reader.first(
                "AZURE_CLIENT_CERTIFICATE_PATH",
                "ARM_CLIENT_CERTIFICATE_PATH",
                "ARM_CLIENT_CERTIFICATE"
            )?.variable
        tenant = reader.tenant(.azure)
        authorityHost = reader.first("AZURE_AUTHORITY_HOST")
        var optedOut: [AuthMode: String] = [:]
        if reader.isOff("ARM_USE_MSI") { optedOut[.managedIdentity] = "ARM_USE_MSI" }
        if reader.isOff("ARM_USE_CLI") { optedOut[.cli] = "ARM_USE_CLI" }
        self.optedOut = optedOut
        lacking = Dictionary(uniqueKeysWithValues: AuthMode.allCases.map { ($0, reader.lacking($0)) })
    }

    /// The base URL of the token authority: `AZURE_AUTHORITY_HOST`, or else that of the cloud.
    ///
    /// - Throws: `CredentialError` when it is neither https nor on loopback.
    func authority(default cloudAuthority: String) throws(CredentialError) -> URL {
        guard let override = authorityHost, case .value(let value) = override.content else {
            return try EndpointRule.secureOrLoopback.url(cloudAuthority, from: "the authority of the cloud")
        }
        // The Azure SDKs take a bare host name too.
        let text = value.reveal().contains("://") ? value.reveal() : "https://" + value.reveal()
        return try EndpointRule.secureOrLoopback.url(text, from: override.variable)
    }
}

extension EnvironmentReader {
    fileprivate func secretSetting() -> Setting<ProvenApplication> {
        if let secret = first("AZURE_CLIENT_SECRET") { return proven(by: secret, .azure) }
        if let secret = first("ARM_CLIENT_SECRET") ?? file("ARM_CLIENT_SECRET_FILE_PATH") {
            return proven(by: secret, .terraform)
        }
        return emptied("AZURE_CLIENT_SECRET", of: .azure)
            ?? emptied("ARM_CLIENT_SECRET", "ARM_CLIENT_SECRET_FILE_PATH", of: .terraform) ?? .absent
    }

    fileprivate func federatedSetting() -> Setting<ProvenApplication> {
        if let file = file("AZURE_FEDERATED_TOKEN_FILE") { return proven(by: file, .azure) }
        let isOff = isOff("ARM_USE_OIDC")
        if !isOff, let assertion = first("ARM_OIDC_TOKEN") ?? file("ARM_OIDC_TOKEN_FILE_PATH") {
            return proven(by: assertion, .terraform)
        }
        if let empty: Setting<ProvenApplication> = emptied("AZURE_FEDERATED_TOKEN_FILE", of: .azure) {
            return empty
        }
        return (isOff ? nil : emptied("ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH", of: .terraform))
            ?? .absent
    }

    fileprivate func githubSetting() -> Setting<RequestingApplication> {
        // `ARM_OIDC_REQUEST_URL` belongs to Azure DevOps when a service connection is named.
        let ownURL = first("ACTIONS_ID_TOKEN_REQUEST_URL")
        let url =
            ownURL ?? (connection == nil && !isOff("ARM_USE_OIDC") ? first("ARM_OIDC_REQUEST_URL") : nil)
        guard let url else {
            guard text("GITHUB_ACTIONS") == "true", client(.azure) != nil else { return .absent }
            return .incomplete(
                "ACTIONS_ID_TOKEN_REQUEST_URL is not set; the job needs `permissions: {id-token: write}`",
                isDeliberate: false
            )
        }
        let token = ownURL == nil ? first("ARM_OIDC_REQUEST_TOKEN") : first("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        let family = ownURL == nil ? VariableFamily.terraform : .azure
        guard let token, let tenant = tenant(family), let client = client(family) else {
            let names = [
                token == nil ? url.variable.replacingOccurrences(of: "_URL", with: "_TOKEN") : nil,
                tenant(family) == nil ? "\(family.prefix)_TENANT_ID" : nil,
                client(family) == nil ? "\(family.prefix)_CLIENT_ID" : nil,
            ]
            return missing(names, besides: url.variable, isDeliberate: ownURL == nil)
        }
        return .ready(
            RequestingApplication(
                application: Application(tenant: tenant, client: client),
                requestURL: url,
                requestToken: token,
                connection: nil
            )
        )
    }

    fileprivate func azureDevOpsSetting() -> Setting<RequestingApplication> {
        guard let connection else {
            guard first("SYSTEM_OIDCREQUESTURI") != nil else { return .absent }
            return missing(
                ["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
                besides: "SYSTEM_OIDCREQUESTURI",
                isDeliberate: false
            )
        }
        // The variables of the task that carries the connection come before Terraform's, which may be another's.
        let url = first("SYSTEM_OIDCREQUESTURI", "ARM_OIDC_REQUEST_URL")
        let token = first("SYSTEM_ACCESSTOKEN", "ARM_OIDC_REQUEST_TOKEN")
        let tenant = first("AZURE_TENANT_ID", "AZURESUBSCRIPTION_TENANT_ID") ?? tenant(.terraform)
        let client = first("AZURE_CLIENT_ID", "AZURESUBSCRIPTION_CLIENT_ID") ?? client(.terraform)
        guard let url, let token, let tenant, let client else {
            if url != nil, tenant != nil, client != nil, isEmptied("SYSTEM_ACCESSTOKEN") {
                // Only a pipeline that maps it by hand has this variable at all.
                let text = Self.emptied("SYSTEM_ACCESSTOKEN", besides: "\(connection.variable) is")
                return .incomplete(text, isDeliberate: true)
            }
            let names = [
                url == nil ? "SYSTEM_OIDCREQUESTURI" : nil, token == nil ? "SYSTEM_ACCESSTOKEN" : nil,
                tenant == nil ? "AZURE_TENANT_ID" : nil, client == nil ? "AZURE_CLIENT_ID" : nil,
            ]
            // Tasks set AZURESUBSCRIPTION_* by themselves; the other names are a user's.
            let isDeliberate = connection.variable.hasPrefix("ARM_")
            return missing(names, besides: connection.variable, isDeliberate: isDeliberate)
        }
        return .ready(
            RequestingApplication(
                application: Application(tenant: tenant, client: client),
                requestURL: url,
                requestToken: token,
                connection: connection
            )
        )
    }

    private var connection: ConfiguredText? {
        first(
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
            "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"
        )
    }

    private func proven(by proof: ConfiguredText, _ family: VariableFamily) -> Setting<ProvenApplication> {
        let tenant = tenant(family)
        let client = client(family)
        guard let tenant, let client else {
            let names = [
                tenant == nil ? "\(family.prefix)_TENANT_ID" : nil,
                client == nil ? "\(family.prefix)_CLIENT_ID" : nil,
            ]
            return missing(names, besides: proof.variable, isDeliberate: true)
        }
        return .ready(
            ProvenApplication(application: Application(tenant: tenant, client: client), proof: proof)
        )
    }

    private func missing<Value>(
        _ names: [String?],
        besides present: String,
        isDeliberate: Bool
    ) -> Setting<Value> {
        let names = names.compactMap(\.self)
        let list = names.joined(separator: " and ") + (names.count == 1 ? " is not" : " are not")
        return .incomplete("\(present) is set but \(list)", isDeliberate: isDeliberate)
    }
}
