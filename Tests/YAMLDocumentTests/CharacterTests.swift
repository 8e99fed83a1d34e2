import Foundation
import Testing
import YAMLDocument

/// Bytes and characters that no manifest holds are located exactly.
struct CharacterTests {
    private func problems(_ bytes: [UInt8], _ name: String = "m.yaml") -> [String] {
        DocumentText.problems(DocumentReader.read(Data(bytes), named: name))
    }

    @Test(arguments: ["m.yaml", "m.json"])
    func invalidBytesAndControlCharactersAreLocated(name: String) {
        let note = "remove it, or write it as"
        let quotes = "inside double quotes"
        #expect(
            problems(Array("a: 1\r\nä: ".utf8) + [0xFF, 0x20, 0xC3, 0x28, 0x0A, 0x1B], name) == [
                "\(name):2:4: invalidUTF8: the byte 0xFF is not valid UTF-8 | save the file as UTF-8",
                "\(name):2:6: invalidUTF8: the byte 0xC3 is not valid UTF-8 | save the file as UTF-8",
                "\(name):3:1: forbiddenCharacter: U+001B (a control character) is not allowed here "
                    + "| \(note) \\u001B \(quotes)",
            ]
        )
    }

    @Test(arguments: [
        ("\u{85}", "U+0085 (a line separator)"), ("\u{2028}", "U+2028 (a line separator)"),
        ("\u{7F}", "U+007F (a control character)"), ("\u{9B}", "U+009B (a control character)"),
        ("\u{FEFF}", "U+FEFF (a byte order mark)"), ("\u{FFFE}", "U+FFFE (not a character)"),
    ])
    func charactersThatEditorsAndLibyamlCountDifferentlyAreRefused(_ text: String, _ expected: String) {
        let found = problems(Array("k: \"x\(text)\"\n".utf8))
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("m.yaml:1:6: forbiddenCharacter: \(expected) is not allowed here") == true
        )
    }

    @Test func otherUnicodeIsFine() {
        let document = DocumentText.read("k: \"日本 😀 é\u{A0}\"\n")
        #expect(DocumentText.tree(document.root) == "{k: \"日本 😀 é\u{A0}\"}")
    }

    @Test(arguments: [
        ([0xFF, 0xFE, 0x61, 0x00], "UTF-16"), ([0xFE, 0xFF, 0x00, 0x61], "UTF-16"),
        ([0x61, 0x00, 0x3A, 0x00], "UTF-16"), ([0x00, 0x61, 0x00, 0x3A], "UTF-16"),
        ([0xFF, 0xFE, 0x00, 0x00], "UTF-32"), ([0x61, 0x00, 0x00, 0x00], "UTF-32"),
    ])
    func otherEncodingsAreNamed(_ bytes: [UInt8], _ name: String) {
        #expect(
            problems(bytes)
                == [
                    "m.yaml:1:1: wrongEncoding: the file is \(name) text; a manifest is UTF-8 | save it as UTF-8"
                ]
        )
    }

    @Test func onlySoManyAreListed() {
        let found = problems(Array("a: ".utf8) + [UInt8](repeating: 0xFF, count: 5000))
        #expect(found.count == 101)
        #expect(found.last == "m.yaml:1:104: tooMany: 100 errors shown, 4900 more")
    }

    @Test(arguments: [
        ([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0, 0xFF, 0xFE], "NUL bytes"),
        ([0x61, 0x3A, 0x20, 0x31, 0x0A, 0x00], "a NUL byte"),
        ([0x1F, 0x8B, 0x08, 0x08, 0x9A, 0x11, 0x02, 0x41], "mostly control characters"),
    ])
    func whatIsNoTextGetsOneMessage(_ bytes: [UInt8], _ evidence: String) {
        for name in ["f.bin", "m.yaml", "m.json"] {
            #expect(
                problems(bytes, name) == [
                    "\(name):1:1: notText: not a text file (it holds \(evidence)); a manifest is YAML or JSON"
                ]
            )
        }
    }
}
