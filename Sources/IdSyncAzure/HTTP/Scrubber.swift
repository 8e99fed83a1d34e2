import Foundation

/// Takes tokens, secrets and signed query strings out of a text before anybody sees it.
///
/// Every text that came from a server or a program goes through here: error bodies may echo what was sent (F73).
package struct Scrubber: Sendable {
    /// The longest text from a credential service that an error quotes, in characters.
    static let quotation = 400

    private let secrets: [Secret]

    /// Makes a scrubber that also knows these secret values literally.
    package init(secrets: [Secret] = []) {
        self.secrets = secrets
    }

    /// The text without secrets, on one line, without control characters, at most `limit` characters long.
    package func scrub(_ text: String, limit: Int = 2_000) -> String {
        var text = Self.head(of: text, limit: limit * 8)
        for value in secrets.map({ $0.reveal() }) where value.utf8.count >= 4 {
            text = SecretSpelling(value).replace(in: text, with: Self.mark)
        }
        text = Self.withoutTokens(text)
        text = Self.onOneLine(text)
        return text.count > limit ? text.prefix(limit) + "…" : text
    }

    /// The text as an error of a credential quotes it.
    func quote(_ text: String) -> String { scrub(text, limit: Self.quotation) }

    private static let mark = "<redacted>"

    /// A prefix that does not end inside a word, so that no half secret survives the cut.
    private static func head(of text: String, limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let head = text.prefix(limit)
        guard let blank = head.lastIndex(where: \.isWhitespace) else { return "…" }
        return head[..<blank] + "…"
    }

    private static func withoutTokens(_ text: String) -> String {
        // Nearly every text is the id of a request. A look at its bytes tells which patterns cannot occur, at a small
        // part of what the patterns cost.
        let mayHaveValue = text.utf8.contains { "=:%".utf8.contains($0) }
        var text = text
        // Operation and blob URLs are signed in their query: no query string is ever shown.
        if mayHaveValue, text.utf8.contains(UInt8(ascii: "?")) {
            text = text.replacing(/\?[A-Za-z0-9_$.~%\-]+=[^\s"'<>]*/, with: "?\(mark)")
        }
        // A JSON web token: three base64url parts, the first of which begins with '{"' encoded.
        if text.contains("eyJ") {
            text = text.replacing(/eyJ[A-Za-z0-9_\-]{5,}(\.[A-Za-z0-9_\-]*)*/, with: mark)
        }
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "%") }) {
            let bearer = /(bearer|basic)(\s+|%20)[A-Za-z0-9._~+\/%\-]{8,}=*/.ignoresCase()
            text = text.replacing(bearer) { "\($0.output.1)\($0.output.2)\(mark)" }
        }
        return mayHaveValue ? withoutNamedValues(text) : text
    }

    private static func withoutNamedValues(_ text: String) -> String {
        let folded = text.lowercased()
        let hints = ["authorization", "password", "secret", "assertion", "token", "sig"]
        guard hints.contains(where: folded.contains) else { return text }
        let names =
            "sig|signature|client_?assertion|assertion|client_?secret|clientsecreturl|access_?token|refresh_?token"
            + #"|id_?token|oidc_?token|sharedaccesssignature|\w*password"#
        // A header of any length, `name=value`, `"name": "value"`, and the same inside an escaped or encoded string; a
        // value in quotes may hold blanks.
        let header = #"authorization"?\s*[:=]\s*"?(?:bearer|basic)\s+"#
        let separator = #"(?:\\*"|%22)?\s*(?:[=:]|%3[AD])\s*"#
        let start = #"(?:\b|%[0-9A-F]{2})(?:\#(header)|(?:\#(names))\#(separator))"#
        let quoted = #"'[^']*|"(?:\\.|[^"\\])*|(?:\\+"|%22)(?:(?!\\+"|%22)[^"])*"#
        let pattern = #"(?i)(\#(start))(?:\#(quoted)|[^\s"'&,;}\\<>]+)"#
        guard let pairs = try? Regex<(Substring, Substring)>(pattern) else { return text }
        return text.replacing(pairs) { match in
            let value = match.output.0.dropFirst(match.output.1.count)
            return match.output.1 + value.prefix { #"\"'"#.contains($0) } + mark
        }
    }

    private static func onOneLine(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return text }
        let hidden: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(hidden.contains(scalar.properties.generalCategory) ? " " : scalar)
        }
        return String(scalars).split(separator: " ").joined(separator: " ")
    }
}
