import Foundation
import YAMLDocument

/// Short forms of what a reader gives back, for tables of tests.
enum DocumentText {
    /// Reads a text.
    static func read(_ text: String, _ name: String = "m.yaml", limits: DocumentLimits = DocumentLimits())
        -> ParsedDocument
    {
        DocumentReader.read(Data(text.utf8), named: name, limits: limits)
    }

    /// The problems, each on a line, with its notes after ` | `.
    static func problems(_ document: ParsedDocument) -> [String] {
        document.problems.map { problem in
            (["\(problem.location): \(problem.kind): \(problem.message)"] + problem.notes).joined(
                separator: " | "
            )
        }
    }

    /// The tree in one line; strings in quotes, so that types show.
    static func tree(_ node: Node?) -> String {
        switch node?.content {
        case nil: "none"
        case .scalar(.null): "null"
        case .scalar(.bool(let flag)): "\(flag)"
        case .scalar(.integer(let number)): "\(number)"
        case .scalar(.number(let text)): "number(\(text))"
        case .scalar(.string(let text)): text.debugDescription
        case .sequence(let elements): "[\(elements.map { tree($0) }.joined(separator: ", "))]"
        case .mapping(let pairs):
            "{\(pairs.map { "\($0.key): \(tree($0.value))" }.joined(separator: ", "))}"
        case .refused: "refused"
        }
    }

    /// Every node and key with its place, in file order.
    static func places(_ node: Node?) -> [String] {
        guard let node else { return [] }
        let own = "\(node.location.line):\(node.location.column)"
        switch node.content {
        case .sequence(let elements): return ["\(own) ["] + elements.flatMap { places($0) }
        case .mapping(let pairs):
            return ["\(own) {"]
                + pairs.flatMap {
                    ["\($0.keyLocation.line):\($0.keyLocation.column) \($0.key)"] + places($0.value)
                }
        default: return ["\(own) \(tree(node))"]
        }
    }
}
