import Foundation
import Testing
import YAMLDocument

/// The source line and the caret, whatever is on the line.
struct SnippetTests {
    private func snippet(_ text: String, line: Int = 1, column: Int, width: Int = 100) -> String {
        let source = SourceText(file: "f", bytes: Array(text.utf8)[...])
        guard
            let snippet = source.snippet(
                at: SourceLocation(file: "f", line: line, column: column),
                width: width
            )
        else { return "none" }
        return "\(snippet.line)\n\(snippet.caret)"
    }

    @Test func plainLines() {
        #expect(snippet("a: 1\nbc: 2\n", line: 2, column: 5) == "bc: 2\n    ^")
        #expect(snippet("abc", column: 4) == "abc\n   ^")
    }

    @Test func tabsAndWideCharactersKeepTheCaretInPlace() {
        #expect(snippet("\ta\tb", column: 4) == "    a    b\n         ^")
        #expect(snippet("日本: x", column: 5) == "日本: x\n      ^")
        #expect(snippet("😀e\u{301}x", column: 4) == "😀e\u{301}x\n   ^")
    }

    @Test func longLinesAreCutAroundThePlace() {
        let text = String(repeating: "a", count: 30) + "X" + String(repeating: "b", count: 30)
        #expect(snippet(text, column: 31, width: 20) == "…aaaaaaaaaaXbbbbbbbbb…\n           ^")
        #expect(snippet(text, column: 1, width: 20) == "aaaaaaaaaaaaaaaaaaaa…\n^")
        #expect(snippet(text, column: 62, width: 20) == "…bbbbbbbbbbbbbbbbbbbb\n                     ^")
        #expect(snippet("日本日本日本X日本日本", column: 7, width: 9) == "…日本X日本…\n     ^")
    }

    @Test func nothingActsOnTheTerminal() {
        #expect(snippet("a\u{1B}[2J\u{202E}b", column: 1) == "a\u{FFFD}[2J\u{FFFD}b\n^")
    }

    @Test func bytesThatAreNotUTF8KeepTheCaretInPlace() {
        let bytes: [UInt8] = Array("ä".utf8) + [0x80, 0x80, 0xE2, 0x82] + Array("x: ".utf8) + [0xFF]
        let document = DocumentReader.read(Data(bytes), named: "f")
        #expect(document.problems.map(\.location.column) == [2, 3, 4, 8])
        #expect(
            document.source.snippet(at: document.problems[3].location).map { [$0.line, $0.caret] }
                == ["ä\u{FFFD}\u{FFFD}\u{FFFD}x: \u{FFFD}", "       ^"]
        )
    }

    @Test func nothingToShow() {
        #expect(snippet("a\n  \n", line: 2, column: 1) == "none")
        #expect(snippet("a", line: 5, column: 1) == "none")
        let other = SourceLocation(file: "g", line: 1, column: 1)
        #expect(SourceText(file: "f", bytes: Array("a".utf8)[...]).snippet(at: other) == nil)
    }

    @Test func placesAreClampedIntoTheFile() {
        let source = SourceText(file: "f", bytes: Array("ab\ncd".utf8)[...])
        let place = { SourceLocation(file: "f", line: $0, column: $1) }
        #expect(source.lineCount == 2)
        #expect(source.clamped(place(1, 9)) == place(1, 3))
        #expect(source.clamped(place(3, 1)) == place(2, 3))
        #expect(source.contains(place(2, 3)))
        #expect(!source.contains(place(2, 4)))
        #expect(!source.contains(place(3, 1)))
        #expect(SourceText(file: "f", bytes: []).clamped(place(7, 7)) == place(1, 1))
    }

    @Test func quotedTextIsShortAndHarmless() {
        #expect(Quoting.quote("a\u{1B}b\n") == "'a\\u{1B}b\\n'")
        #expect(Quoting.quote("é\u{202E}") == "'é\\u{202E}'")
        #expect(Quoting.plain(String(repeating: "x", count: 201)) == String(repeating: "x", count: 200) + "…")
    }
}
