/// Finds bytes that are not UTF-8 and characters that a manifest may not hold, each with its exact place.
///
/// Both readers rely on it: after this check the text is UTF-8, and its only line breaks are LF, CR and CR LF,
/// so that libyaml, the JSON reader, `SourceText` and the user's editor count lines alike.
enum CharacterCheck {
    /// The problems of a text, in file order; empty when every byte is fine.
    ///
    /// Beyond `most` they are counted only; one more problem, where the list ends, tells how many there are.
    static func problems(in bytes: [UInt8], file: String, most: Int) -> [SyntaxProblem] {
        // Printable ASCII and line breaks are nearly every manifest; they need no decoding.
        let isPlain = bytes.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        return isPlain ? [] : located(bytes, file: file, most: most)
    }

    /// A message when the text is UTF-16 or UTF-32, judged by its byte order mark or its NUL pattern.
    static func foreignEncoding(of bytes: [UInt8]) -> String? {
        let head = Array(bytes.prefix(4))
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
            return "UTF-32"
        }
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
        guard head.count == 4 else { return nil }
        let zeros = head.map { $0 == 0 }
        if zeros == [true, true, true, false] || zeros == [false, true, true, true] { return "UTF-32" }
        if zeros == [true, false, true, false] || zeros == [false, true, false, true] { return "UTF-16" }
        return nil
    }

    /// What shows that bytes are no text; nil when they may be one.
    ///
    /// One message says more than a hundred places in an image or an archive. Bytes above ASCII are no evidence: they
    /// may be text in an old encoding, where the place of each is of use.
    static func binaryEvidence(in bytes: [UInt8]) -> String? {
        var nuls = 0
        var controls = 0
        for byte in bytes where byte < 0x20 || byte == 0x7F {
            switch byte {
            case 0: nuls += 1
            case 0x09...0x0D: break
            default: controls += 1
            }
        }
        if nuls > 0 { return nuls == 1 ? "a NUL byte" : "NUL bytes" }
        return controls * 3 > bytes.count ? "mostly control characters" : nil
    }

    private static func located(_ bytes: [UInt8], file: String, most: Int) -> [SyntaxProblem] {
        var found: [SyntaxProblem] = []
        var firstLeftOut: SourceLocation?
        var leftOut = 0
        func add(_ problem: SyntaxProblem) {
            if found.count < most {
                found.append(problem)
            } else {
                firstLeftOut = firstLeftOut ?? problem.location
                leftOut += 1
            }
        }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        var line = 1
        var column = 1
        var afterReturn = false
        reading: while true {
            let place = SourceLocation(file: file, line: line, column: column)
            switch parser.parseScalar(from: &iterator) {
            case .emptyInput: break reading
            case .error(let length):
                add(invalid(bytes[offset], at: place))
                offset += length
                column += 1
                afterReturn = false
            case .valid(let encoded):
                offset += encoded.count
                let scalar = Unicode.UTF8.decode(encoded)
                if scalar == "\n" || scalar == "\r" {
                    // The LF of a CR LF pair ends the line that its CR has ended already.
                    if scalar == "\r" || !afterReturn { line += 1 }
                    column = 1
                } else {
                    if let problem = forbidden(scalar, at: place) { add(problem) }
                    column += 1
                }
                afterReturn = scalar == "\r"
            }
        }
        if let place = firstLeftOut {
            found.append(SyntaxProblem(.tooMany, "\(most) errors shown, \(leftOut) more", at: place))
        }
        return found
    }

    private static func invalid(_ byte: UInt8, at place: SourceLocation) -> SyntaxProblem {
        SyntaxProblem(
            .invalidUTF8,
            "the byte 0x\(hex(UInt32(byte), digits: 2)) is not valid UTF-8",
            at: place,
            notes: ["save the file as UTF-8"]
        )
    }

    private static func forbidden(_ scalar: Unicode.Scalar, at place: SourceLocation) -> SyntaxProblem? {
        let name: String
        switch scalar.value {
        case 0x09: return nil
        case 0x00...0x1F, 0x7F...0x84, 0x86...0x9F: name = "a control character"
        case 0x85, 0x2028, 0x2029: name = "a line separator"
        case 0xFEFF: name = "a byte order mark"
        case 0xFFFE, 0xFFFF: name = "not a character"
        default: return nil
        }
        let code = hex(scalar.value, digits: 4)
        return SyntaxProblem(
            .forbiddenCharacter,
            "U+\(code) (\(name)) is not allowed here",
            at: place,
            notes: ["remove it, or write it as \\u\(code) inside double quotes"]
        )
    }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
