/// Shows text of the user in messages: never long, never with characters that act on a terminal or a CI log.
package enum Quoting {
    /// The text in single quotes, cut after 200 characters, with control characters escaped.
    package static func quote(_ text: String) -> String { "'\(plain(text))'" }

    /// The same without the quotes.
    package static func plain(_ text: String) -> String {
        let head = text.unicodeScalars.prefix(longest)
        let cut = head.endIndex < text.unicodeScalars.endIndex ? "…" : ""
        return head.reduce(into: "") { $0 += isHarmless($1) ? String($1) : escape($1) } + cut
    }

    /// A full resource id fits.
    private static let longest = 200

    /// Whether a character only shows itself: no control, no direction override, no invisible format character.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }
}
