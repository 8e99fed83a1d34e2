import Foundation

/// Where an application's proof comes from; asked again for each token (F59).
protocol ProofSource: Sendable {
    /// A proof that is fresh if the source can make one.
    ///
    /// - Throws: `CredentialError` saying why there is none.
    func proof() async throws(CredentialError) -> ClientProof
}

/// An application that proves itself to the authority by a secret or an assertion.
struct ApplicationCredential: Credential {
    let name: String
    let application: Application
    let source: any ProofSource
    let endpoint: TokenEndpoint
    let files: any CredentialFiles

    func newToken() async throws(CredentialError) -> AccessToken {
        do throws(CredentialError) {
            let tenant = try application.tenant.readIdentifier(files)
            let client = try application.client.readIdentifier(files)
            return try await endpoint.token(tenant: tenant, client: client, proof: source.proof())
        } catch {
            throw error.of(name)
        }
    }
}

/// A client secret from a variable or a file.
struct SecretSource: ProofSource {
    let secret: ConfiguredText
    let files: any CredentialFiles

    func proof() async throws(CredentialError) -> ClientProof { .secret(try secret.read(files)) }
}

/// An assertion from a variable or a file; the file is read each time because it rotates.
struct ConfiguredAssertion: ProofSource {
    let assertion: ConfiguredText
    let files: any CredentialFiles

    func proof() async throws(CredentialError) -> ClientProof {
        let assertion = try assertion.read(files)
        _ = try Checked.headerValue(assertion, from: self.assertion.variable)
        return .assertion(assertion)
    }
}
