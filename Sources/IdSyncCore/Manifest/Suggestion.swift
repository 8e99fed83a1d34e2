import YAMLDocument

/// Finds what the user may have meant.
package enum Suggestion {
    /// Up to three candidates near a text, nearest first, then by name; empty when none is near.
    package static func near(_ text: String, among candidates: some Sequence<String>) -> [String] {
        let wanted = Array(Folding.fold(text).unicodeScalars.prefix(longest + 1))
        guard wanted.count <= longest else { return [] }
        let most = max(1, min(3, wanted.count / 3))
        let scored = candidates.compactMap { candidate -> (distance: Int, name: String)? in
            let other = Array(Folding.fold(candidate).unicodeScalars.prefix(longest + 1))
            guard abs(other.count - wanted.count) <= most, other.count <= longest else { return nil }
            let distance = distance(wanted, other)
            return distance <= most ? (distance, candidate) : nil
        }
        return scored.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// The note "did you mean …?"; empty when nothing is near.
    static func notes(_ near: [String]) -> [String] {
        let near = near.map(Quoting.quote)
        guard let last = near.last else { return [] }
        let others = near.dropLast().joined(separator: ", ")
        return ["did you mean \(others.isEmpty ? last : "\(others) or \(last)")?"]
    }

    /// Longer texts are not compared: the work grows with the square of the length.
    private static let longest = 128

    /// How many inserts, removals, replacements and swaps of neighbours lead from one text to the other.
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isSame = left[row] == right[column]
                var best = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
