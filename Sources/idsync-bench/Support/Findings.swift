import IdSyncCore

/// What a benchmark found: lines for people, members of one JSON document for programs.
struct Findings {
    private var lines: [String] = []
    private var members: [String: JSONValue] = [:]

    var text: String { lines.joined(separator: "\n") }
    var json: JSONValue { .object(members) }

    mutating func line(_ text: String = "") { lines.append(text) }

    mutating func set(_ name: String, _ value: JSONValue) { members[name] = value }

    /// Adds what another benchmark found.
    mutating func append(_ other: Findings) {
        lines += other.lines
        members.merge(other.members) { _, new in new }
    }

    /// Adds lines with columns of equal width; the first is flush left, the others flush right.
    mutating func table(_ rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + blanks : blanks + cell
            }
            var line = "  " + cells.joined(separator: "   ")
            while line.last == " " { line.removeLast() }
            lines.append(line)
        }
    }
}

extension JSONValue {
    /// The value on one line.
    var canonicalText: String { String(decoding: canonicalData(), as: UTF8.self) }

    /// A number of either kind.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
