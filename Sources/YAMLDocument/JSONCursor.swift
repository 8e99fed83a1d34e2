import Foundation

/// A place in JSON text that moves over blanks and tokens and knows its line and column.
struct JSONCursor {
    private let bytes: ArraySlice<UInt8>
    private let file: String
    private var index: Int
    private var line = 1
    private var column = 1

    init(_ bytes: ArraySlice<UInt8>, file: String) {
        self.bytes = bytes
        self.file = file
        index = bytes.startIndex
    }

    /// The byte here, or nil at the end.
    var byte: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    /// The place of `byte`.
    var location: SourceLocation { SourceLocation(file: file, line: line, column: column) }

    /// Goes past one character that is not a line break.
    mutating func advance() { move(to: index + 1) }

    /// Goes past blanks and line breaks.
    mutating func skipBlanks() {
        while let here = byte {
            switch here {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): move(to: index + 1)
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                index += 1
                if here == UInt8(ascii: "\r"), byte == UInt8(ascii: "\n") { index += 1 }
                line += 1
                column = 1
            default: return
            }
        }
    }

    /// Reads a string token that starts here.
    ///
    /// - Throws: a problem at the token or at the character that it may not hold.
    mutating func string() throws(SyntaxProblem) -> String {
        let start = index
        let place = location
        var end = index + 1
        var isEscaped = false
        while end < bytes.endIndex, bytes[end] != UInt8(ascii: "\"") {
            if bytes[end] < 0x20 {
                move(to: end)
                throw problem("a JSON string cannot contain a raw tab or line break", at: location)
            }
            if bytes[end] == UInt8(ascii: "\\") {
                isEscaped = true
                // The character after it is part of the escape, unless it is a line break.
                if end + 1 < bytes.endIndex, bytes[end + 1] >= 0x20 { end += 1 }
            }
            end += 1
        }
        guard end < bytes.endIndex else { throw problem("this string has no closing '\"'", at: place) }
        move(to: end + 1)
        guard isEscaped else { return String(decoding: bytes[(start + 1)..<end], as: UTF8.self) }
        guard let text = try? JSONDecoder().decode(String.self, from: Data(bytes[start...end])) else {
            throw problem("the string contains an escape that JSON does not have", at: place)
        }
        return text
    }

    /// Reads `true`, `false`, `null` or a number, and gives it back as written.
    ///
    /// - Throws: a problem at the token when it is none of these.
    mutating func literal() throws(SyntaxProblem) -> String {
        let token = bytes[index...].prefix { Self.isWord($0) }
        guard !token.isEmpty else { throw unexpected("a value") }
        let text = String(decoding: token, as: UTF8.self)
        if !["true", "false", "null"].contains(text) {
            guard (try? JSONDecoder().decode(Double.self, from: Data(token))) != nil else {
                throw problem(
                    "\(Quoting.quote(text)) is not a JSON value",
                    at: location,
                    notes: [Self.advice(text)]
                )
            }
        }
        move(to: token.endIndex)
        return text
    }

    /// The problem "expected …, found …" at this place.
    func unexpected(_ expected: String) -> SyntaxProblem {
        guard let here = byte else {
            return problem("expected \(expected), found the end of the file", at: location)
        }
        let rest = String(decoding: bytes[index...].prefix(4), as: UTF8.self)
        var notes: [String] = []
        if here == UInt8(ascii: "'") { notes.append("JSON strings use double quotes") }
        if here == UInt8(ascii: "/") || here == UInt8(ascii: "#") { notes.append("JSON has no comments") }
        let found = rest.unicodeScalars.first.map { Quoting.quote(String($0)) } ?? "nothing"
        return problem("expected \(expected), found \(found)", at: location, notes: notes)
    }

    /// A problem of JSON syntax.
    func problem(_ message: String, at place: SourceLocation, notes: [String] = []) -> SyntaxProblem {
        SyntaxProblem(.invalidJSON, "not valid JSON: \(message)", at: place, notes: notes)
    }

    /// Moves on within a line; columns count characters, so continuation bytes add nothing.
    private mutating func move(to end: Int) {
        for byte in bytes[index..<end] where byte & 0xC0 != 0x80 { column += 1 }
        index = end
    }

    /// What to write instead of a word that is no JSON.
    private static func advice(_ text: String) -> String {
        let lower = text.lowercased()
        if ["true", "false", "null"].contains(lower) { return "write \(lower), in lower case" }
        let isNumeric = text.first.map { $0.isNumber || "+-.".contains($0) } ?? false
        return isNumeric ? "JSON numbers look like 10, -1 or 0.5" : "JSON strings use double quotes"
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: byte >= 0x80
        }
    }
}
