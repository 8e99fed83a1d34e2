import Foundation
import Testing
import YAMLDocument

/// YAML: places, and what a manifest may not hold.
struct YAMLReadingTests {
    private static let tab = "invalidYAML: a tab cannot indent YAML; use spaces"
    private static let tagNote =
        "remove it: quoted values are strings; numbers, true and false take no quotes"

    @Test func everyNodeKnowsItsPlace() {
        let document = DocumentText.read("version: 1\nlist:\n  - a\n  - {b: 'c', ä: d}\nempty:\n")
        #expect(
            DocumentText.places(document.root) == [
                "1:1 {", "1:1 version", "1:10 1", "2:1 list", "3:3 [", "3:5 \"a\"", "4:5 {", "4:6 b",
                "4:9 \"c\"",
                "4:14 ä", "4:17 \"d\"", "5:1 empty", "5:7 null",
            ]
        )
    }

    @Test func byteOrderMarkAndOtherLineBreaksAreFine() {
        let document = DocumentText.read("\u{FEFF}a: 1\r\nb: 2\rc: 3\r\n")
        #expect(DocumentText.problems(document) == [])
        #expect(
            DocumentText.places(document.root) == [
                "1:1 {", "1:1 a", "1:4 1", "2:1 b", "2:4 2", "3:1 c", "3:4 3",
            ]
        )
        #expect(document.source.line(3) == "c: 3")
    }

    @Test(arguments: [
        ("", ["m.yaml:1:1: emptyDocument: the file holds no manifest; a manifest starts with 'version: 1'"]),
        (
            "# only words\n",
            ["m.yaml:2:1: emptyDocument: the file holds no manifest; a manifest starts with 'version: 1'"]
        ),
        (
            "---\n",
            ["m.yaml:2:1: emptyDocument: the file holds no manifest; a manifest starts with 'version: 1'"]
        ),
        (
            "a: 1\nb: 2\na: 3\n",
            ["m.yaml:3:1: duplicateKey: duplicate key 'a' (first at m.yaml:1:1)"]
        ),
        (
            "a: &x 1\nb: *x\n",
            [
                "m.yaml:1:4: alias: anchors are not allowed: '&x'",
                "m.yaml:2:4: alias: aliases are not allowed: '*x' | write the value out; a text that starts "
                    + "with '*' needs quotes",
            ]
        ),
        (
            "a: {<<: {b: 1}, c: 2}\n",
            [
                "m.yaml:1:5: mergeKey: merge keys are not allowed: '<<' | write the fields out; values shared by all "
                    + "entries go under 'defaults'"
            ]
        ),
        (
            "a: !!str 1\nb: !mine {}\nc: !<x:y> d\n",
            [
                "m.yaml:1:4: tag: YAML tag !!str is not allowed | \(tagNote)",
                "m.yaml:2:4: tag: YAML tag !mine is not allowed | \(tagNote)",
                "m.yaml:3:4: tag: YAML tag !<x:y> is not allowed | \(tagNote)",
            ]
        ),
        (
            "a: 1\n---\nb: 2\n",
            [
                "m.yaml:2:1: severalDocuments: a manifest file holds one document, and a second one starts here | put it "
                    + "in a file of its own and name both files"
            ]
        ),
        (
            "? [a, b]\n: 1\nc: 2\n",
            ["m.yaml:1:3: keyNotScalar: a key must be a single word or text"]
        ),
        ("a:\n\t- b\n", ["m.yaml:2:1: \(tab)"]),
        ("\ta: 1\n", ["m.yaml:1:1: \(tab)"]),
        ("a:\n  - b: 1\n\tc: 2\n", ["m.yaml:3:1: \(tab)"]),
        ("a:\n  b: 1\n  \tc: 2\n", ["m.yaml:3:3: \(tab)"]),
        ("a:\n  - b\n\t\n", ["m.yaml:3:1: \(tab)"]),
        ("a: |\n\tb\n", ["m.yaml:2:1: \(tab)"]),
        ("a: 1\n\tb: 2\n", ["m.yaml:2:1: \(tab)"]),
        (
            "a: @b\n",
            ["m.yaml:1:4: invalidYAML: '@' cannot start a YAML value | put the value in double quotes"]
        ),
        (
            "a: b: c\n",
            [
                "m.yaml:1:5: invalidYAML: not valid YAML: mapping values are not allowed in this context | check the "
                    + "indentation, and put a value that contains ': ' in quotes"
            ]
        ),
        (
            "a: [1, 2\nb: 3\nc",
            [
                "m.yaml:2:2: invalidYAML: not valid YAML: did not find expected ',' or ']' | in the list that starts at "
                    + "1:4"
            ]
        ),
        (
            "a:\n  - [1, 2\n\n",
            ["m.yaml:2:5: invalidYAML: this '[' is not closed | it runs to the end of the file, line 2"]
        ),
        (
            "a:\n  - b: 1\n    c\n  d: 2\n",
            [
                "m.yaml:4:3: invalidYAML: not valid YAML: could not find expected ':' | while scanning a simple key at 3:5 "
                    + "| a key is followed by ': ' on the same line"
            ]
        ),
        (
            "a:\n  - b\n  c: 2\n",
            [
                "m.yaml:3:3: invalidYAML: not valid YAML: did not find expected '-' indicator | in the list that starts at "
                    + "2:3 | check the indentation of this line and of the lines above it"
            ]
        ),
        (
            "a: - b\n",
            [
                "m.yaml:1:4: invalidYAML: not valid YAML: block sequence entries are not allowed in this context | start "
                    + "the list on a new line, each entry with '- '"
            ]
        ),
        (
            "a: [*]\n",
            ["m.yaml:1:5: invalidYAML: a value that starts with '*' needs quotes | for example \"*\""]
        ),
        (
            "a: */Built-In-*\n",
            ["m.yaml:1:4: invalidYAML: a value that starts with '*' needs quotes | for example \"*\""]
        ),
        (
            "a: {b: 1",
            ["m.yaml:1:4: invalidYAML: this '{' is not closed | it runs to the end of the file, line 1"]
        ),
        (
            "a: 'open\nb: 1\n\tc: 2\n",
            ["m.yaml:1:4: invalidYAML: this quote is not closed | it runs to the end of the file, line 3"]
        ),
        (
            "a: \"open\n---\nb: 1\n",
            ["m.yaml:1:4: invalidYAML: this quote is not closed | it runs to line 2"]
        ),
    ])
    func refusals(_ text: String, _ expected: [String]) {
        #expect(DocumentText.problems(DocumentText.read(text)) == expected)
    }

    @Test func readingGoesOnAfterWhatCanBePassedOver() {
        let document = DocumentText.read("a: &x 1\na: 2\nb: *x\nc: !t 3\nd: {<<: 1}\ne: 4\n")
        #expect(document.problems.map(\.kind) == [.alias, .duplicateKey, .alias, .tag, .mergeKey])
        #expect(DocumentText.tree(document.root) == "{a: 1, b: refused, c: 3, d: refused, e: 4}")
    }

    @Test func aliasBombIsRefusedWithoutExpanding() {
        var text = "a0: &a0 [x]\n"
        for level in 1...30 {
            text +=
                "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
        }
        let document = DocumentText.read(text)
        // 100 are named, then the file is left: the tree never exists.
        #expect(document.problems.count == 101)
        #expect(
            document.problems.last?.message == "100 errors shown; the rest of the file was not read"
        )
        #expect(document.root == nil)
    }

    @Test(arguments: ["m.yaml", "m.json"])
    func nestingBombIsRefusedAtItsPlace(name: String) {
        let document = DocumentText.read(String(repeating: "[", count: 100_000), name)
        #expect(
            DocumentText.problems(document)
                == ["\(name):1:33: tooDeep: lists and mappings are nested more than 32 deep"]
        )
        let blocks = DocumentText.read((0..<40).map { String(repeating: " ", count: $0) + "a:\n" }.joined())
        #expect(
            DocumentText.problems(blocks)
                == ["m.yaml:33:33: tooDeep: lists and mappings are nested more than 32 deep"]
        )
    }

    @Test func sizeAndCountAreLimited() {
        let limits = DocumentLimits(bytes: 20, nodes: 6)
        #expect(
            DocumentText.problems(DocumentText.read("key: 12345678901234567890\n", limits: limits))
                == [
                    "m.yaml:1:1: tooLarge: the file has 26 bytes; at most 20 are read | split it into several files"
                ]
        )
        #expect(
            DocumentText.problems(DocumentText.read("[1, 2, 3, 4, 5, 6]", limits: limits))
                == ["m.yaml:1:17: tooMany: the file holds more than 6 values | split it into several files"]
        )
        #expect(DocumentText.problems(DocumentText.read("[1, 2, 3, 4, 5]", limits: limits)) == [])
    }
}
