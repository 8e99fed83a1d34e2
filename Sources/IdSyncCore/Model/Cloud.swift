/// The Azure cloud that a manifest addresses.
///
/// Source: FACTS section 9 (CLI cloud.py; TOFU oidc_auth.go for the audiences).
package struct Cloud: Sendable, Hashable {
    /// `AzureCloud`, `AzureUSGovernment`, `AzureChinaCloud`, or `custom`.
    package let name: String
    /// The ARM base URL without a trailing slash.
    package let resourceManager: String
    /// The token authority base URL without a trailing slash.
    package let authority: String
    /// The audience of federated assertions.
    package let audience: String

    /// Makes a cloud; trailing slashes of the URLs are dropped.
    package init(name: String, resourceManager: String, authority: String, audience: String) {
        self.name = name
        self.resourceManager = Self.trimmed(resourceManager)
        self.authority = Self.trimmed(authority)
        self.audience = audience
    }

    /// The public cloud, the default.
    package static let azureCloud = Cloud(
        name: "AzureCloud",
        resourceManager: "https://management.azure.com",
        authority: "https://login.microsoftonline.com",
        audience: "api://AzureADTokenExchange"
    )

    /// The clouds that a manifest can name.
    package static let named: [Cloud] = [
        .azureCloud,
        Cloud(
            name: "AzureUSGovernment",
            resourceManager: "https://management.usgovcloudapi.net",
            authority: "https://login.microsoftonline.us",
            audience: "api://AzureADTokenExchangeUSGov"
        ),
        Cloud(
            name: "AzureChinaCloud",
            resourceManager: "https://management.chinacloudapi.cn",
            authority: "https://login.chinacloudapi.cn",
            audience: "api://AzureADTokenExchangeChina"
        ),
    ]

    private static func trimmed(_ url: String) -> String {
        var url = Substring(url)
        while url.hasSuffix("/") { url = url.dropLast() }
        return String(url)
    }
}
