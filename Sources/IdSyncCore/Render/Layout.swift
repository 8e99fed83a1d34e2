/// How texts for people stand on a page of 100 columns.
enum Layout {
    /// Columns that a line keeps to, unless one word alone is longer.
    static let width = 100
    /// Columns of a label with the blank after it: `warning  …`, `next     …`.
    static let labelWidth = 9

    /// A blank at which no line breaks, and which is printed as a plain one.
    static let fixedBlank = "\u{A0}"

    /// The words of a text in lines of at most `width` columns; always at least one line.
    static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var count = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let length = word.count
            if count > 0, count + 1 + length > width {
                lines.append(line)
                (line, count) = (String(word), length)
            } else {
                line += (count > 0 ? " " : "") + word
                count += (count > 0 ? 1 : 0) + length
            }
        }
        return (lines + [line]).map { $0.replacing(fixedBlank, with: " ") }
    }

    /// A text after a head, with its further lines under its first one.
    ///
    /// `paint` colours the head, which may be longer than its column.
    static func hang(
        _ head: String,
        _ text: String,
        indent: Int = 0,
        column: Int = 0,
        paint: (String) -> String = { $0 }
    ) -> [String] {
        let start = indent + max(column, head.count)
        let margin = String(repeating: " ", count: indent)
        let lines = wrap(text, width: max(20, width - start))
        let first = margin + paint(head) + String(repeating: " ", count: start - indent - head.count)
        let rest = String(repeating: " ", count: start)
        return lines.enumerated().map { ($0.offset == 0 ? first : rest) + $0.element }
    }

    /// A label and its text: `    warning  …`.
    static func labelled(
        _ label: String,
        _ text: String,
        indent: Int = 4,
        paint: (String) -> String = { $0 }
    ) -> [String] {
        hang(label, text, indent: indent, column: labelWidth, paint: paint)
    }

    /// A list of names, cut after a few.
    static func list(_ names: [String], limit: Int) -> String {
        let shown = names.prefix(limit).joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }
}
