/// The text of one manifest file, kept to show the line that a message speaks of.
package struct SourceText: Sendable, Equatable {
    /// The file as the user named it.
    package let file: String
    private let bytes: ArraySlice<UInt8>
    /// Where each line starts; a file that ends with a line break has an empty last line, as editors show it.
    private let starts: [Int]

    /// Keeps a text, given without its byte order mark.
    package init(file: String, bytes: ArraySlice<UInt8>) {
        self.file = file
        self.bytes = bytes
        var starts = [bytes.startIndex]
        for index in bytes.indices {
            let isPair = bytes[index] == 0x0D && index + 1 < bytes.endIndex && bytes[index + 1] == 0x0A
            if (bytes[index] == 0x0A || bytes[index] == 0x0D) && !isPair { starts.append(index + 1) }
        }
        self.starts = starts
    }

    /// How many lines there are, at least 1.
    package var lineCount: Int { starts.count }

    /// A line, counted from 1, without its line break; nil outside the file.
    package func line(_ number: Int) -> String? {
        guard number >= 1, number <= starts.count else { return nil }
        var slice = bytes[starts[number - 1]..<(number < starts.count ? starts[number] : bytes.endIndex)]
        while slice.last == 0x0A || slice.last == 0x0D { slice.removeLast() }
        return String(decoding: slice, as: UTF8.self)
    }

    /// Whether a place is in this file: at one of its characters or right behind the last one of a line.
    package func contains(_ location: SourceLocation) -> Bool {
        guard location.file == file, location.column >= 1, let text = line(location.line) else {
            return false
        }
        return location.column <= text.unicodeScalars.count + 1
    }

    /// The nearest place inside the file: the end of the line, or the end of the last line.
    package func clamped(_ location: SourceLocation) -> SourceLocation {
        let number = min(max(location.line, 1), starts.count)
        let end = (line(number)?.unicodeScalars.count ?? 0) + 1
        let column = location.line > starts.count ? end : min(max(location.column, 1), end)
        return SourceLocation(file: file, line: number, column: column)
    }
}
