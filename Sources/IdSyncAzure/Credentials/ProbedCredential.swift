/// What trying a credential that may not be there gave.
enum ProbeOutcome: Sendable, Equatable {
    case token(AccessToken)
    /// It is not there; the text says how that was found.
    case absent(String)
}

/// A credential that no variable announces, so that only trying tells whether it is there.
protocol ProbedCredential: Credential {
    /// Gets a token, or finds out that the credential is not there.
    ///
    /// - Throws: `CredentialError` when it is there and fails.
    func probe() async throws(CredentialError) -> ProbeOutcome
}
