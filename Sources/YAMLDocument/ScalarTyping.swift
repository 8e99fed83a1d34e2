/// Gives a scalar its type: the YAML 1.2 core schema, less its alternative spellings.
enum ScalarTyping {
    /// The typed scalar; a quoted one is always a string.
    static func type(_ text: String, isPlain: Bool) -> Node.Scalar {
        guard isPlain else { return .string(text) }
        switch text {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        guard isNumber(text) else { return .string(text) }
        // `007` or a number beyond Int would lose its spelling as an integer.
        if let integer = Int(text), String(integer) == text { return .integer(integer) }
        return .number(text)
    }

    // [-+]? (digits [. digits*] | . digits) ([eE] [-+]? digits)?
    private static func isNumber(_ text: String) -> Bool {
        var rest = Substring(text).utf8
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var digits = takeDigits(&rest)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            digits += takeDigits(&rest)
        }
        guard digits > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard takeDigits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func takeDigits(_ rest: inout Substring.UTF8View) -> Int {
        let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
        rest.removeFirst(digits)
        return digits
    }
}
