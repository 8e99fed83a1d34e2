/// Whether text for people carries colour.
package enum Style: Sendable, Equatable, CaseIterable {
    case plain
    case ansi

    /// The few roles that colour has; the raw value is the SGR parameter.
    package enum Role: String, Sendable {
        case added = "32"
        case removed = "31"
        case changed = "33"
        case refused = "1;31"
        case heading = "1"
        case faint = "2"
    }

    /// The text in the colour of its role; it must already be safe for a terminal.
    package func paint(_ text: String, _ role: Role) -> String {
        self == .plain || text.isEmpty ? text : "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m"
    }
}

/// Makes text that came from outside safe to print on a terminal.
package enum TerminalText {
    /// The text with control and invisible formatting characters as visible escapes such as `\u001b`.
    ///
    /// Names and messages come from ARM and from files; an escape sequence in one could recolour, hide or overwrite
    /// what the user is about to approve, and a bidirectional override could swap two names.
    package static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text with every line made safe; its line feeds stay.
    static func safeLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { safe(String($0)) }
            .joined(separator: "\n")
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            guard digits.count <= 4 else { return "\\u{\(digits)}" }
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}

/// Small words that several texts share.
enum Words {
    /// `1 warning`, `2 warnings`.
    static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
    }

    /// The text padded with blanks to a width in characters.
    static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
