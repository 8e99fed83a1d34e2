import YAMLDocument

/// Words for nodes in messages.
enum NodeText {
    /// What a node is, as in "found …".
    static func describe(_ node: Node) -> String {
        switch node.content {
        case .scalar(.null): "nothing"
        case .scalar(.bool(let flag)): "the boolean \(flag)"
        case .scalar(.integer(let number)): "the number \(number)"
        case .scalar(.number(let text)): "the number \(Quoting.plain(text))"
        case .scalar(.string(let text)): "the string \(Quoting.quote(text))"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .refused: "a refused value"
        }
    }

    /// A scalar as it stands in the file, near enough to show how it goes into a list.
    static func word(_ node: Node) -> String {
        switch node.content {
        case .scalar(.bool(let flag)): "\(flag)"
        case .scalar(.integer(let number)): "\(number)"
        case .scalar(.number(let text)), .scalar(.string(let text)): Quoting.plain(text)
        default: "…"
        }
    }

    /// The note to quote a number or boolean where a string is due.
    static func quoteNotes(_ node: Node) -> [String] {
        switch node.content {
        case .scalar(.bool), .scalar(.integer), .scalar(.number): ["put it in quotes: \"\(word(node))\""]
        default: []
        }
    }

    /// Reports a node of the wrong type; one that was refused before is passed over.
    static func reportType(
        _ node: Node,
        expected: String,
        notes: [String] = [],
        _ collector: DiagnosticCollector
    ) {
        guard node.content != .refused else { return }
        collector.error(
            .wrongType,
            "expected \(expected), found \(describe(node))",
            at: node.location,
            notes: notes
        )
    }

    /// A value on one line, as compact JSON, which is YAML too.
    static func inline(_ value: JSONValue) -> String {
        if let text = value.string { return text }
        return String(decoding: value.canonicalData(), as: UTF8.self)
    }

    /// Whether two nodes say the same, wherever they stand and in whatever order their keys are.
    static func isSame(_ left: Node, _ right: Node) -> Bool {
        switch (left.content, right.content) {
        case (.scalar(let first), .scalar(let second)): first == second
        case (.sequence(let first), .sequence(let second)):
            first.count == second.count && zip(first, second).allSatisfy(isSame)
        case (.mapping(let first), .mapping(let second)):
            first.count == second.count
                && zip(first.sorted { $0.key < $1.key }, second.sorted { $0.key < $1.key })
                    .allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
        // What was refused was reported; it differs from nothing.
        case (.refused, _), (_, .refused): true
        default: false
        }
    }
}
