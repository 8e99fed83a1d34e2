import Foundation

/// Where this machine's managed identity gives out tokens, and which identity is wanted.
struct ManagedIdentitySetting: Sendable, Equatable {
    enum Source: Sendable, Equatable {
        /// App Service, Functions, Automation.
        case appService(endpoint: ConfiguredText, header: ConfiguredText)
        /// Azure Arc.
        case arc(endpoint: ConfiguredText)
        /// The metadata service; nil when at its usual address, which must be probed first.
        case metadata(endpoint: ConfiguredText?)
        /// The variables tell of a source that idsync does not know; the text says which.
        case unsupported(String)
    }

    let source: Source
    /// The client id of the identity that is wanted, when there may be several.
    let selector: ConfiguredText?

    /// Reads the environment; the variables tell the sources apart as msal does (FACTS section 9).
    init(_ reader: EnvironmentReader) {
        selector = reader.client(.azure)
        if let endpoint = reader.first("IDENTITY_ENDPOINT") {
            let header = reader.first("IDENTITY_HEADER")
            if let header, reader.text("IDENTITY_SERVER_THUMBPRINT") == nil {
                source = .appService(endpoint: endpoint, header: header)
            } else if header != nil {
                source = .unsupported("Service Fabric (IDENTITY_SERVER_THUMBPRINT) is not supported")
            } else if reader.text("IMDS_ENDPOINT") != nil {
                source = .arc(endpoint: endpoint)
            } else {
                source = .unsupported(
                    "IDENTITY_ENDPOINT is set but neither IDENTITY_HEADER nor IMDS_ENDPOINT is"
                )
            }
        } else if reader.text("MSI_ENDPOINT") != nil {
            source = .unsupported("Azure Machine Learning and Cloud Shell (MSI_ENDPOINT) are not supported")
        } else {
            source = .metadata(
                endpoint: reader.first("AZURE_POD_IDENTITY_AUTHORITY_HOST", "ARM_MSI_ENDPOINT")
            )
        }
    }
}
