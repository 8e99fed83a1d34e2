import Foundation

/// Managed identity on App Service, Functions and Automation.
extension ManagedIdentityCredential {
    /// Asks the endpoint of the platform (FACTS section 9, msal).
    ///
    /// - Throws: `CredentialError` saying what the endpoint answered.
    func appServiceToken(
        endpoint: ConfiguredText,
        header: ConfiguredText
    ) async throws(CredentialError) -> AccessToken {
        let secret = try header.read(files)
        // Automation wants `Metadata` too; App Service does not mind.
        let headers = [
            ("X-IDENTITY-HEADER", try Checked.headerValue(secret, from: header.variable)),
            ("Metadata", "true"),
        ]
        let request = try request(
            endpoint,
            .secureOrNearby,
            apiVersion: "2019-08-01",
            headers: headers.map { (name: $0.0, value: $0.1) }
        )
        let response = try await sender.send(request, .local)
        return try token(from: response, to: request, hiding: [secret])
    }
}
