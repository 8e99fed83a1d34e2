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
