import Foundation

/// Takes tokens, secrets and signed query strings out of a text before anybody sees it.
///
/// Every text that came from a server goes through here: error bodies may echo what was sent (F73).
package struct Scrubber: Sendable {
    private let secrets: [Secret]

    /// Makes a scrubber that also knows these secret values literally.
    package init(secrets: [Secret] = []) {
        self.secrets = secrets
    }

    /// The text without secrets, on one line, without control characters, at most `limit` characters long.
    package func scrub(_ text: String, limit: Int = 2_000) -> String {
        // Every answer of ARM has two such ids; the patterns below are compiled anew on each call.
        if secrets.isEmpty, text.utf8.count <= min(limit, 64), text.utf8.allSatisfy(Self.isInGUID) {
            return text
        }
        var text = Self.head(of: text, limit: limit * 8)
        for value in secrets.map({ $0.reveal() }) where value.utf8.count >= 4 {
            text = text.replacingOccurrences(of: value, with: Self.mark)
        }
        text = Self.withoutTokens(text)
        text = Self.onOneLine(text)
        return text.count > limit ? text.prefix(limit) + "…" : text
    }

    private static let mark = "<redacted>"

    /// Whether a byte can be in a GUID: no token, secret or query string is made of these alone.
    private static func isInGUID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// A prefix that does not end inside a word, so that no half secret survives the cut.
    private static func head(of text: String, limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let head = text.prefix(limit)
        guard let blank = head.lastIndex(where: \.isWhitespace) else { return "…" }
        return head[..<blank] + "…"
    }

    private static func withoutTokens(_ text: String) -> String {
        // A JSON web token: three base64url parts, the first of which begins with '{"' encoded.
        let jwt = /eyJ[A-Za-z0-9_\-]{6,}(\.[A-Za-z0-9_\-]*)*/
        let bearer = /(bearer|basic)\s+[A-Za-z0-9._~+\/\-]{8,}=*/.ignoresCase()
        let names =
            "sig|signature|client_assertion|client_secret|assertion|access_token|refresh_token|id_token"
            + "|accesstoken|oidctoken|clientsecret|clientsecreturl|adminpassword|password|sharedaccesssignature"
        // `name=value`, `"name":"value"` and the same inside an escaped string.
        let pattern = #"(?i)\b(\#(names))(\\*"?\s*[=:]\s*\\*"?)([^\s"'&,;}\\<>]+)"#
        // Operation and blob URLs are signed in their query: no query string is ever shown.
        var text = text.replacing(/\?[A-Za-z0-9_$.~%\-]+=[^\s"'<>]*/, with: "?\(mark)")
        text = text.replacing(jwt, with: mark).replacing(bearer) { "\($0.output.1) \(mark)" }
        if let pairs = try? Regex<(Substring, Substring, Substring, Substring)>(pattern) {
            text = text.replacing(pairs) { "\($0.output.1)\($0.output.2)\(mark)" }
        }
        return text
    }

    private static func onOneLine(_ text: String) -> String {
        let hidden: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(hidden.contains(scalar.properties.generalCategory) ? " " : scalar)
        }
        return String(scalars).split(separator: " ").joined(separator: " ")
    }
}
