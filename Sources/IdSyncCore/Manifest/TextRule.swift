/// What a string of the manifest must look like: a check for the program and the same as a pattern for editors.
///
/// The check is written out because building a `Regex` would cost more than reading a whole small manifest;
/// a test holds the two against each other. Where a pattern cannot say all, the check is the stricter one.
struct TextRule: Sendable {
    /// The code of a string that breaks the rule.
    let code: DiagnosticCode
    /// The rule as a regular expression for the schema, in what ECMA 262 with the `u` flag, Python's `re` and RE2 read
    /// alike: no lookaround, no `\p`, no `\u`, no `\s`, `\w` or `\d`; characters by `\xHH`.
    let pattern: String
    /// How a right one looks, for the message.
    let expectation: String
    /// Whether a string obeys the rule.
    let isMet: @Sendable (String) -> Bool
}

extension TextRule {
    // Insides of character classes. Blanks beyond Latin-1 and letters beyond ASCII are left to the checks.
    /// Blanks and control characters.
    static let blank = #"\x00-\x20\x7F-\xA0"#
    /// ASCII but letters, digits, `_`, `-`, `.`, `(` and `)`.
    private static let groupASCII = #"\x00-\x27\x2A-\x2C/\x3A-\x40\x5B-\x5E\x60\x7B-\xA0"#
    /// What no VM name holds.
    private static let noMachine = blank + #"\\/"\[\]:|<>+=;,?*@&"#

    /// FACTS section 7: 3 to 128 letters, digits, '-' and '_', starting with a letter or digit (F70).
    static let identityName = TextRule(
        code: .identityName,
        pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$",
        expectation:
            "an identity name has 3 to 128 letters, digits, '-' and '_', and starts with a letter or digit"
    ) { text in
        (3...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { isASCIIWord($0) || $0 == UInt8(ascii: "-") }
            && text.utf8.first.map { isASCIIWord($0) && $0 != UInt8(ascii: "_") } == true
    }

    /// FACTS section 7: 1 to 90 letters, digits (Unicode), '-', '_', '(', ')' and '.', not ending in '.'.
    static let resourceGroup = TextRule(
        code: .resourceGroup,
        pattern: "^[^\(groupASCII)]{0,89}[^\(groupASCII).]$",
        expectation: "a resource group name has 1 to 90 letters, digits, '-', '_', '(', ')' and '.', "
            + "and does not end with '.'"
    ) { text in
        (1...90).contains(text.unicodeScalars.count) && text.unicodeScalars.last != "."
            && text.unicodeScalars.allSatisfy { isLetterOrDigit($0) || "._()-".unicodeScalars.contains($0) }
    }

    /// FACTS section 7, and no blank, which no resource id holds.
    static let machineName = TextRule(
        code: .machineName,
        pattern: "^([^\(noMachine)_.-]|[^\(noMachine)_][^\(noMachine)]{0,62}[^\(noMachine).-])$",
        expectation:
            "a VM name has 1 to 64 characters, no blank and none of \\ / \" [ ] : | < > + = ; , ? * @ &, "
            + "does not start with '_' and does not end with '.' or '-'"
    ) { text in
        let scalars = text.unicodeScalars
        return (1...64).contains(scalars.count) && scalars.first != "_"
            && scalars.last != "." && scalars.last != "-"
            && scalars.allSatisfy {
                isVisible($0) && !"\\/\"[]:|<>+=;,?*@&".unicodeScalars.contains($0)
            }
    }

    /// FACTS section 7: a UUID.
    static let subscription = TextRule(
        code: .subscription,
        pattern: "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
        expectation: "a subscription is a GUID such as 80c696ff-5efa-4909-a64d-f1b616f423ca"
    ) { text in
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy(isHexDigit)
    }

    /// A location by name or display name; ARM ignores blanks and case (FACTS section 7).
    static let location = TextRule(
        code: .location,
        pattern: "^[A-Za-z0-9][A-Za-z0-9 _()-]{0,89}$",
        expectation: "a location is a name such as westus or 'West US 2'"
    ) { text in
        (1...90).contains(text.utf8.count)
            && text.utf8.allSatisfy { isASCIIWord($0) || " ()-".utf8.contains($0) }
            && text.utf8.first.map { isASCIIWord($0) && $0 != UInt8(ascii: "_") } == true
    }

    /// An identity reference; what it refers to is the resolver's question.
    static let reference = TextRule(
        code: .malformedReference,
        pattern: "^[^\(blank)]+$",
        expectation:
            "a reference is the name of an identity of the manifest, group/name or a full resource id"
    ) { isFilled($0) }

    /// A pattern of identities; identity ids hold no blanks.
    static let glob = TextRule(
        code: .pattern,
        pattern: "^[^\(blank)]+$",
        expectation:
            "a pattern is a name, group/name or a full resource id, with '*' and '?' for any characters"
    ) { isFilled($0) }

    /// The audience of a custom cloud.
    static let audience = TextRule(
        code: .valueNotAllowed,
        pattern: "^[^\(blank)]+$",
        expectation: "an audience is a text without blanks such as api://AzureADTokenExchange"
    ) { isFilled($0) }

    /// The value of a tag (FACTS section 7).
    static let tagValue = TextRule(
        code: .tagValue,
        pattern: #"^[\s\S]{0,256}$"#,
        expectation: "a tag value has at most 256 characters"
    ) { $0.unicodeScalars.count <= 256 }

    /// The name of a tag (FACTS section 7).
    static let tagName = TextRule(
        code: .tagName,
        pattern: #"^[^<>%&\\?/]{1,512}$"#,
        expectation: "a tag name has 1 to 512 characters and none of < > % & \\ ? /"
    ) { text in
        (1...512).contains(text.unicodeScalars.count)
            && !text.unicodeScalars.contains { "<>%&\\?/".unicodeScalars.contains($0) }
    }

    /// `YYYY-MM-DD` or `YYYY-MM-DD-preview`, no older than `least`.
    static func apiVersion(atLeast least: String?) -> TextRule {
        TextRule(
            code: .apiVersion,
            pattern: "^\(DatePattern.text(atLeast: least))(-preview)?$",
            expectation: "an api-version looks like 2024-07-01 or 2015-08-31-preview"
                + (least.map { ", and here it is \($0) or later" } ?? "")
        ) { isAPIVersion($0) && $0.prefix(10) >= (least ?? "").prefix(10) }
    }

    private static func isAPIVersion(_ text: String) -> Bool {
        let date = text.hasSuffix("-preview") ? text.dropLast(8) : Substring(text)
        let parts = date.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.joined().allSatisfy(isDigit) else { return false }
        let numbers = parts.compactMap { Int(String(Substring($0))) }
        return (1...12).contains(numbers[1]) && (1...31).contains(numbers[2])
    }

    /// Whether a text is not empty and holds no blank.
    private static func isFilled(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy(isVisible)
    }

    /// Whether a character is no blank and no control character.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
            && scalar != "\u{FEFF}"
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x46).contains(byte & 0xDF)
    }

    /// A letter, a digit or `_`.
    private static func isASCIIWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_")
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber:
            true
        default: false
        }
    }
}
