/// A source line and the caret line below it.
package struct Snippet: Sendable, Equatable {
    /// The source line, or the part of it around the place, with tabs as blanks and nothing that acts on a terminal.
    package let line: String
    /// Blanks and a `^` under the place.
    package let caret: String
}

extension SourceText {
    /// The line of a place with a caret under it; nil for another file or a line with nothing to see.
    ///
    /// `width` is how many terminal columns the line may take; a longer one is cut around the place.
    package func snippet(at location: SourceLocation, width: Int = 100) -> Snippet? {
        guard location.file == file, let text = utf8(ofLine: location.line) else { return nil }
        let place = index(ofColumn: location.column, in: text)
        // No more than `width` characters on either side can be shown.
        let first = Self.index(place, movedBy: -width, in: text)
        let last = Self.index(place, movedBy: width, in: text)
        let cells = Self.cells(text[first..<last])
        guard cells.contains(where: { !$0.isBlank }) else { return nil }
        let caret = Self.cells(text[first..<place]).count
        let shown = Self.window(cells, around: caret, width: width)
        let head = shown.lowerBound > 0 || first > text.startIndex ? "…" : ""
        let tail = shown.upperBound < cells.count || last < text.endIndex ? "…" : ""
        let indent = cells[shown.lowerBound..<caret].reduce(head.isEmpty ? 0 : 1) { $0 + $1.width }
        return Snippet(
            line: head + cells[shown].map(\.text).joined() + tail,
            caret: String(repeating: " ", count: indent) + "^"
        )
    }

    private static func cells(_ text: ArraySlice<UInt8>) -> [Cell] {
        String(decoding: text, as: UTF8.self).unicodeScalars.map(Cell.init)
    }

    /// The cells to show: all of them when they fit, else some before the caret and more after it.
    private static func window(_ cells: [Cell], around caret: Int, width: Int) -> Range<Int> {
        var first = caret
        var last = caret
        var used = 0
        while first > 0, used + cells[first - 1].width <= width / 2 {
            first -= 1
            used += cells[first].width
        }
        while last < cells.count, used + cells[last].width <= width {
            used += cells[last].width
            last += 1
        }
        // What the right side left over goes to the left.
        while first > 0, used + cells[first - 1].width <= width {
            first -= 1
            used += cells[first].width
        }
        return first..<last
    }

    /// One character as a terminal shows it.
    private struct Cell {
        let text: String
        let width: Int
        let isBlank: Bool

        init(_ scalar: Unicode.Scalar) {
            if scalar == "\t" {
                text = "    "
            } else {
                text = Quoting.isHarmless(scalar) ? String(scalar) : "\u{FFFD}"
            }
            isBlank = scalar.properties.isWhitespace
            width = scalar == "\t" ? 4 : TerminalWidth.of(scalar)
        }
    }
}

/// How many terminal columns a character takes.
enum TerminalWidth {
    /// 0 for combining marks, 2 for the wide ranges of Unicode's East Asian Width, else 1.
    static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F,
        0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}
