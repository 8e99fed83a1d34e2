import Foundation

/// A strict parser (RFC 8259) from bytes to `JSONValue`.
///
/// `JSONDecoder` finds out the kind of a value by trying one after the other, and every wrong try throws: a saved plan
/// of 10,000 changes took 25 times as long. It also lets a comma stand before a closing bracket. A test holds the two
/// against each other.
struct JSONParser {
    /// As deep as `JSONDecoder` goes; a deeper document is refused rather than allowed to exhaust the stack.
    private static let depthLimit = 512

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Parses a whole document; a byte order mark before it is skipped.
    ///
    /// - Throws: `DecodingError.dataCorrupted`, which names the byte.
    static func parse(_ data: Data) throws -> JSONValue {
        var parser = JSONParser(bytes: [UInt8](data))
        if parser.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
        let value = try parser.value()
        parser.skipBlanks()
        guard parser.current == nil else { throw parser.corrupted("more follows the document") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func value() throws -> JSONValue {
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return .object(try nested { parser in try parser.members() })
        case UInt8(ascii: "["): return .array(try nested { parser in try parser.elements() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested<T>(_ parse: (inout JSONParser) throws -> T) throws -> T {
        depth += 1
        guard depth <= Self.depthLimit else { throw corrupted("nested too deep") }
        position += 1
        let result = try parse(&self)
        depth -= 1
        return result
    }

    private mutating func members() throws -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        skipBlanks()
        if take("}") { return members }
        repeat {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw corrupted("expected a member name") }
            let name = try string()
            skipBlanks()
            guard take(":") else { throw corrupted("expected ':'") }
            let value = try value()
            // Of equal names the first counts, as for `JSONDecoder`.
            if members[name] == nil { members[name] = value }
            skipBlanks()
        } while take(",")
        guard take("}") else { throw corrupted("expected ',' or '}'") }
        return members
    }

    private mutating func elements() throws -> [JSONValue] {
        var elements: [JSONValue] = []
        skipBlanks()
        if take("]") { return elements }
        repeat {
            elements.append(try value())
            skipBlanks()
        } while take(",")
        guard take("]") else { throw corrupted("expected ',' or ']'") }
        return elements
    }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else { throw corrupted("expected a value") }
        position += text.utf8.count
        return value
    }

    private func corrupted(_ what: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "not JSON: \(what) at byte \(position)"))
    }
}

// Numbers.
extension JSONParser {
    private mutating func number() throws -> JSONValue {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        var isWhole = true
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw corrupted("a number out of range") }
        // 1.0 and 1e2 are integers too, as for `JSONDecoder`, while a double still holds every integer exactly.
        guard double.magnitude < 0x1p53, let integer = Int(exactly: double) else { return .number(double) }
        return .integer(integer)
    }

    private mutating func digits() throws {
        let start = position
        while let byte = current, byte >= 0x30, byte <= 0x39 { position += 1 }
        guard position > start else { throw corrupted("expected a value") }
    }
}

// Strings.
extension JSONParser {
    private mutating func string() throws -> String {
        position += 1
        var text = ""
        while true {
            text += try plainRun()
            if take("\"") { return text }
            text.unicodeScalars.append(try escape())
        }
    }

    /// The bytes up to the closing quote or the next escape.
    private mutating func plainRun() throws -> String {
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw corrupted("a control character in a string") }
            position += 1
        }
        guard current != nil else { throw corrupted("the string does not end") }
        guard let run = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw corrupted("invalid UTF-8")
        }
        return run
    }

    private mutating func escape() throws -> Unicode.Scalar {
        position += 1
        defer { position += 1 }
        switch current {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw corrupted("an unknown escape")
        }
    }

    /// Leaves the position on the last digit, as `escape` expects.
    private mutating func unicodeEscape() throws -> Unicode.Scalar {
        let first = try hexUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, bytes[(position + 1)...].starts(with: "\\u".utf8) else {
            throw corrupted("half a surrogate pair")
        }
        position += 2
        let second = try hexUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw corrupted("half a surrogate pair") }
        return scalar
    }

    private mutating func hexUnit() throws -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw corrupted("expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}
