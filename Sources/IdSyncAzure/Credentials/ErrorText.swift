import Foundation

/// Makes text from outside fit for an error message: no secret, no control character, bounded length.
///
/// Source: F73 (tokens in CI logs).
enum ErrorText {
    /// The longest text from outside that an error quotes, in characters.
    static let limit = 400

    /// The text with known secrets and everything that looks like one replaced by `<redacted>`.
    static func scrub(_ text: String, hiding secrets: [Secret] = []) -> String {
        var text = text
        for secret in secrets.map({ $0.reveal() }) where secret.utf8.count >= 4 {
            text = text.replacingOccurrences(of: secret, with: "<redacted>")
            text = text.replacingOccurrences(of: FormEncoding.encode(secret), with: "<redacted>")
        }
        text.replace(/eyJ[A-Za-z0-9_\-]{5,}[A-Za-z0-9_\-.]*/, with: "<redacted>")
        text.replace(
            /(?i)("?(?:access_?token|refresh_?token|id_?token|oidc_?token|client_secret|client_assertion|sig)"?\s*[:=]\s*)(?:"[^"]*"?|[^\s"&,}]+)/
        ) { "\($0.output.1)<redacted>" }
        text = String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
        text = text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        return text.count > limit ? text.prefix(limit) + "…" : text
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension CredentialError {
    /// The same error with the name of the credential in front.
    func of(_ credential: String) -> CredentialError { CredentialError("\(credential): \(description)") }
}
