import Foundation
import Testing
import YAMLDocument

/// JSON: as strict as RFC 8259, with places.
struct JSONReadingTests {
    private static let numbers = "JSON numbers look like 10, -1 or 0.5"

    @Test func everyNodeKnowsItsPlace() {
        let document = DocumentText.read(
            "\u{FEFF}{\n\t\"a\": [1, -2.5e3],\r\n  \"é😀\": {\"b\"\n:true}, \"n\": null}\n",
            "m.json"
        )
        #expect(DocumentText.problems(document) == [])
        #expect(
            DocumentText.places(document.root) == [
                "1:1 {", "2:2 a", "2:7 [", "2:8 1", "2:11 number(-2.5e3)", "3:3 é😀", "3:9 {", "3:10 b",
                "4:2 true",
                "4:9 n", "4:14 null",
            ]
        )
    }

    @Test(arguments: [
        (#""\ud83d\ude00""#, "😀"), (#""caf\u00e9 \/ \" \\ \b\f\n\r\t""#, "café / \" \\ \u{8}\u{C}\n\r\t"),
        (#""\\u0041""#, "\\u0041"), (#""a\\""#, "a\\"), (#""""#, ""), (#""'#:{}[],""#, "'#:{}[],"),
        (#""true""#, "true"),
    ])
    func stringsMeanWhatJSONSays(_ token: String, _ expected: String) {
        let document = DocumentText.read("{\(token): \(token), \"end\": 1}", "m.json")
        #expect(DocumentText.problems(document) == [])
        guard case .mapping(let pairs) = document.root?.content else {
            Issue.record("no mapping")
            return
        }
        #expect(pairs.first?.key == expected)
        #expect(pairs.first?.value.content == .scalar(.string(expected)))
        #expect(pairs.last?.key == "end")
    }

    @Test(arguments: [
        ("{\"a\": 1,}", "1:9: JSON allows no comma before '}'"),
        ("[1,\n]", "2:1: JSON allows no comma before ']'"),
        ("{\"a\": 1 // no\n}", "1:9: expected ',' or '}', found '/' | JSON has no comments"),
        ("# no\n{}", "1:1: expected a value, found '#' | JSON has no comments"),
        ("{'a': 1}", "1:2: expected a key in double quotes, found ''' | JSON strings use double quotes"),
        ("{\"a\": 'x'}", "1:7: expected a value, found ''' | JSON strings use double quotes"),
        ("{a: 1}", "1:2: expected a key in double quotes, found 'a'"),
        ("{\"a\": tru}", "1:7: 'tru' is not a JSON value | JSON strings use double quotes"),
        ("{\"a\": True}", "1:7: 'True' is not a JSON value | write true, in lower case"),
        ("{\"a\": 01}", "1:7: '01' is not a JSON value | \(numbers)"),
        ("{\"a\": +1}", "1:7: '+1' is not a JSON value | \(numbers)"),
        ("{\"a\": 1.}", "1:7: '1.' is not a JSON value | \(numbers)"),
        ("{\"a\": .5}", "1:7: '.5' is not a JSON value | \(numbers)"),
        ("{\"a\": NaN}", "1:7: 'NaN' is not a JSON value | JSON strings use double quotes"),
        ("{\"a\": 0x1F}", "1:7: '0x1F' is not a JSON value | \(numbers)"),
        ("{\"a\": \"x\ty\"}", "1:9: a JSON string cannot contain a raw tab or line break"),
        ("{\"a\": \"x\\\ny\"}", "1:10: a JSON string cannot contain a raw tab or line break"),
        ("{\"ä\": \"x\\q\"}", "1:7: the string contains an escape that JSON does not have"),
        ("{\"a\": \"\\ud83d\"}", "1:7: the string contains an escape that JSON does not have"),
        ("{\"a\": \"x", "1:7: this string has no closing '\"'"),
        ("{\"a\": \"x\\", "1:7: this string has no closing '\"'"),
        ("{\"a\" 1}", "1:6: expected ':' after the key, found '1'"),
        ("{\"a\": 1 \"b\": 2}", "1:9: expected ',' or '}', found '\"'"),
        ("[1 2]", "1:4: expected ',' or ']', found '2'"),
        ("{\"a\": [1}", "1:9: expected ',' or ']', found '}'"),
        ("{\"a\": 1", "1:8: expected ',' or '}', found the end of the file"),
        ("{\"a\":\n", "2:1: expected a value, found the end of the file"),
        ("{\"a\": ,}", "1:7: expected a value, found ','"),
        ("{}\n{}", "2:1: expected the end of the file after the JSON value, found '{'"),
        ("{\"a\": &x 1}", "1:7: expected a value, found '&'"),
    ])
    func refusals(_ text: String, _ expected: String) {
        let parts = expected.split(separator: ": ", maxSplits: 1)
        #expect(
            DocumentText.problems(DocumentText.read(text, "m.json"))
                == ["m.json:\(parts[0]): invalidJSON: not valid JSON: \(parts[1])"]
        )
    }

    @Test func duplicateKeysAreFoundBehindEscapes() {
        let document = DocumentText.read(#"{"name": 1, "n\u0061me": 2}"#, "m.json")
        #expect(
            DocumentText.problems(document)
                == [
                    "m.json:1:13: duplicateKey: duplicate key 'name' (first at m.json:1:2)"
                ]
        )
    }

    @Test func emptyFilesAreEmptyNotBroken() {
        for text in ["", " \n", "null"] {
            #expect(DocumentText.read(text, "m.json").problems.map(\.kind) == [.emptyDocument])
        }
    }

    @Test func theFormatFollowsTheNameThenTheFirstCharacter() {
        // A comment and an unquoted key are YAML only.
        let text = "{a: 1} # note\n"
        #expect(DocumentText.read(text, "m.yaml").problems.isEmpty)
        #expect(DocumentText.read(text, "m.YML").problems.isEmpty)
        #expect(DocumentText.read(text, "m.JSON").problems.map(\.kind) == [.invalidJSON])
        #expect(DocumentText.read(text, "<stdin>").problems.map(\.kind) == [.invalidJSON])
        #expect(DocumentText.read(" \n" + text, "manifest").problems.map(\.kind) == [.invalidJSON])
        #expect(DocumentText.read("a: 1 # note\n", "<stdin>").problems.isEmpty)
    }

    /// What JSONDecoder says is JSON, this reader reads, and the other way round, trailing commas aside.
    @Test func agreesWithJSONDecoderOnNumbers() {
        for token in [
            "0", "-1", "1.5", "1e9", "1E+9", "1e-9", "-0.0", "12345678901234567890", "1.", ".1", "-", "1e",
            "--1",
        ] {
            let isJSON = (try? JSONDecoder().decode(Double.self, from: Data(token.utf8))) != nil
            #expect(DocumentText.read("[\(token)]", "m.json").problems.isEmpty == isJSON, "\(token)")
        }
    }
}
