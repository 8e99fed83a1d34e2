/// A pattern of `protected`, `ignore` and `--only`: `*` is any run of characters, `?` is one; case is ignored.
package struct GlobPattern: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as written.
    package let description: String
    private let folded: [Character]

    /// Makes a pattern.
    package init(_ text: String) {
        description = text
        folded = Array(Folding.fold(text))
    }

    /// Whether the whole text matches.
    package func matches(_ text: String) -> Bool {
        // Iterative with one backtrack point: linear in practice, never exponential.
        let text = Array(Folding.fold(text))
        var pattern = 0
        var position = 0
        var star: (pattern: Int, position: Int)?
        while position < text.count {
            if pattern < folded.count, folded[pattern] == "*" {
                star = (pattern, position)
                pattern += 1
            } else if pattern < folded.count, folded[pattern] == "?" || folded[pattern] == text[position] {
                pattern += 1
                position += 1
            } else if let back = star {
                star = (back.pattern, back.position + 1)
                pattern = back.pattern + 1
                position = back.position + 1
            } else {
                return false
            }
        }
        return folded[pattern...].allSatisfy { $0 == "*" }
    }

    /// Whether an identity matches: a pattern without `/` is tried on the name, one with `/` on
    /// `group/name` and on the full id.
    package func matches(_ id: ResourceID) -> Bool {
        guard description.contains("/") else { return matches(id.name) }
        return matches("\(id.resourceGroup)/\(id.name)") || matches(id.description)
    }
}
