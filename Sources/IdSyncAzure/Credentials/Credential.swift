package import Foundation

/// A bearer token with its end of life.
package struct AccessToken: Sendable, Equatable {
    /// The bearer token.
    package let secret: Secret
    /// When it ends; nil when the source does not say.
    package let expiresOn: Date?

    /// Makes a token.
    package init(_ secret: Secret, expiresOn: Date?) {
        self.secret = secret
        self.expiresOn = expiresOn
    }
}

/// Why no token could be had; the message names each credential tried and why it failed, never a secret.
package struct CredentialError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The message for people, possibly of several lines.
    package let description: String
    /// Whether there is no token because nobody waits for it any more.
    package let isCancellation: Bool

    /// Makes an error with its message.
    package init(_ description: String) {
        self.init(description, isCancellation: false)
    }

    private init(_ description: String, isCancellation: Bool) {
        self.description = description
        self.isCancellation = isCancellation
    }

    /// The run was cancelled while a token was asked for.
    static let cancelled = CredentialError("cancelled", isCancellation: true)

    /// The same error with the name of the credential, or of a variable, in front.
    func of(_ name: String) -> CredentialError {
        CredentialError("\(name): \(description)", isCancellation: isCancellation)
    }
}

/// One way to get a token for ARM.
package protocol Credential: Sendable {
    /// The name that errors, logs and `--auth` use, such as `managed-identity`.
    var name: String { get }

    /// Gets a new token; sources that exchange an assertion fetch a fresh assertion each time (F59).
    ///
    /// - Throws: `CredentialError` saying what was tried and why it failed.
    func newToken() async throws(CredentialError) -> AccessToken

    /// Whether asking again can only give the same token, however much later.
    var isFixed: Bool { get }

    /// What to tell when ARM has refused a token and asking again gave the same one.
    func adviceAfterRefusal(of token: AccessToken) async -> String
}

extension Credential {
    /// False: most sources give another token at some time.
    package var isFixed: Bool { false }

    /// Says that the credential has no other token.
    package func adviceAfterRefusal(of token: AccessToken) async -> String {
        "\(name): ARM refused the token, and asking again gave the same one"
    }
}

/// Hands out the current bearer token; implemented by the token cache.
package protocol TokenProvider: Sendable {
    /// The current token, renewed first when it is about to end.
    ///
    /// - Throws: `CredentialError` when no token can be had.
    func bearer() async throws(CredentialError) -> Secret

    /// A token other than one that ARM has just refused with 401.
    ///
    /// - Throws: `CredentialError` when no other token can be had.
    func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret
}
