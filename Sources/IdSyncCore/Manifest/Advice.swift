import YAMLDocument

/// Texts that a note proposes: what the user copies is valid, as YAML or, for a file in JSON, as JSON.
enum Advice {
    /// `name: value`, or `"name": value` in a JSON file.
    static func member(_ name: String, _ value: JSONValue, in file: String) -> String {
        if isJSON(file) { return "\"\(name)\": \(compact(value))" }
        return "\(name): \(value.string.map(scalar) ?? compact(value))"
    }

    /// What to write where a list is needed and something else stands; empty when that cannot be told.
    static func list(insteadOf node: Node, _ type: FieldType) -> [String] {
        let isObjects = if case .objects = type { true } else { false }
        switch node.content {
        case .scalar(let value):
            guard let text = text(value) else { return [] }
            return isObjects
                ? ["\(eachEntry(node)): \(entry(text, in: node.location.file))"]
                : ["write a list, also for one element: [\(quoted(text))]"]
        case .mapping(let pairs):
            guard let first = pairs.first, isShown(first.key) else { return [] }
            guard isObjects else { return ["write a list: [\(quoted(first.key))]"] }
            // One entry without its dash, or a mapping from names to entries.
            guard let name = pairs.first(where: { $0.key == "name" }) else {
                return ["\(eachEntry(node)), its name in it: \(entry(first.key, in: node.location.file))"]
            }
            guard case .scalar(let value) = name.value.content, let text = text(value) else { return [] }
            return ["\(eachEntry(node)): \(entry(text, in: node.location.file))"]
        default: return []
        }
    }

    /// The note to put a number or boolean in quotes where a string is needed.
    static func quotes(around node: Node) -> [String] {
        switch node.content {
        case .scalar(.bool(let flag)): ["put it in quotes: \"\(flag)\""]
        case .scalar(.integer(let number)): ["put it in quotes: \"\(number)\""]
        case .scalar(.number(let text)) where isShown(text): ["put it in quotes: \"\(text)\""]
        default: []
        }
    }

    /// What to write for a constant.
    static func constant(_ constant: Int, _ name: String, insteadOf node: Node) -> [String] {
        if case .scalar(.string(let text)) = node.content, text == String(constant) {
            return ["write \(member(name, .integer(constant), in: node.location.file)), without quotes"]
        }
        return ["write \(member(name, .integer(constant), in: node.location.file))"]
    }

    private static func isJSON(_ file: String) -> Bool { file.lowercased().hasSuffix(".json") }

    private static func eachEntry(_ node: Node) -> String {
        isJSON(node.location.file) ? "write a list" : "write each entry on a new line that starts with '-'"
    }

    private static func entry(_ name: String, in file: String) -> String {
        isJSON(file) ? "[{\(member("name", .string(name), in: file))}]" : "- name: \(scalar(name))"
    }

    /// A scalar as text, when it can be shown whole.
    private static func text(_ value: Node.Scalar) -> String? {
        switch value {
        case .null: nil
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let text), .string(let text): isShown(text) ? text : nil
        }
    }

    /// Whether a text is short and holds nothing that messages would escape.
    private static func isShown(_ text: String) -> Bool {
        text.unicodeScalars.count <= 100 && Quoting.plain(text) == text
    }

    private static func compact(_ value: JSONValue) -> String {
        String(decoding: value.canonicalData(), as: UTF8.self)
    }

    /// A string in double quotes, which YAML and JSON read alike.
    private static func quoted(_ text: String) -> String { compact(.string(text)) }

    /// A YAML string, in quotes unless it is a plain word.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            text.utf8.first.map(isLetter) == true
            && text.utf8.allSatisfy {
                isLetter($0) || (0x30...0x39).contains($0) || "-_./:".utf8.contains($0)
            }
            && !text.hasSuffix(":") && !["true", "false", "null"].contains(text)
        return isPlain ? text : quoted(text)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
}
