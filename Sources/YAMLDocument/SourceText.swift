/// The text of one manifest file, kept to show the line that a message speaks of.
package struct SourceText: Sendable, Equatable {
    /// The file as the user named it.
    package let file: String
    private let bytes: ArraySlice<UInt8>
    /// Where each line starts; a file that ends with a line break has an empty last line, as editors show it.
    private let starts: [Int]
    private let isASCII: Bool

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
        isASCII = bytes.allSatisfy { $0 < 0x80 }
    }

    /// How many lines there are, at least 1.
    package var lineCount: Int { starts.count }

    /// The last line that is not empty, at least 1.
    var lastFilledLine: Int { (1...lineCount).last { utf8(ofLine: $0)?.isEmpty == false } ?? 1 }

    /// A line, counted from 1, without its line break; nil outside the file.
    package func line(_ number: Int) -> String? {
        utf8(ofLine: number).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a place is in this file: at one of its characters or right behind the last one of a line.
    package func contains(_ location: SourceLocation) -> Bool {
        guard location.file == file, location.column >= 1, let text = utf8(ofLine: location.line) else {
            return false
        }
        return location.column <= columns(in: text) + 1
    }

    /// The nearest place inside the file: the end of the line, or the end of the last line.
    package func clamped(_ location: SourceLocation) -> SourceLocation {
        let number = min(max(location.line, 1), starts.count)
        let end = columns(in: utf8(ofLine: number) ?? []) + 1
        let column = location.line > starts.count ? end : min(max(location.column, 1), end)
        return SourceLocation(file: file, line: number, column: column)
    }

    /// A line as valid UTF-8; what is not becomes U+FFFD, one for each place that `CharacterCheck` counts.
    ///
    /// An ASCII text is not copied: a file may be one line of megabytes with a message for each of its columns.
    func utf8(ofLine number: Int) -> ArraySlice<UInt8>? {
        guard number >= 1, number <= starts.count else { return nil }
        var slice = bytes[starts[number - 1]..<(number < starts.count ? starts[number] : bytes.endIndex)]
        while slice.last == 0x0A || slice.last == 0x0D { slice.removeLast() }
        return isASCII ? slice : Array(String(decoding: slice, as: UTF8.self).utf8)[...]
    }

    /// The index of a column's first byte in a line of `utf8(ofLine:)`, or its end.
    func index(ofColumn column: Int, in line: ArraySlice<UInt8>) -> Int {
        if isASCII { return min(line.startIndex + max(column - 1, 0), line.endIndex) }
        return Self.index(line.startIndex, movedBy: max(column - 1, 0), in: line)
    }

    /// An index moved by characters within valid UTF-8, to the end of the text at most.
    static func index(_ start: Int, movedBy count: Int, in text: ArraySlice<UInt8>) -> Int {
        var index = start
        var left = abs(count)
        let step = count < 0 ? -1 : 1
        while left > 0, count < 0 ? index > text.startIndex : index < text.endIndex {
            repeat {
                index += step
            } while index > text.startIndex && index < text.endIndex && text[index] & 0xC0 == 0x80
            left -= 1
        }
        return index
    }

    private func columns(in line: ArraySlice<UInt8>) -> Int {
        isASCII ? line.count : line.count { $0 & 0xC0 != 0x80 }
    }
}
