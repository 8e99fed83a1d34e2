import Testing
import YAMLDocument

/// Which plain words are what; quoted ones are strings.
struct ScalarTypingTests {
    @Test(arguments: [
        ("true", "true"), ("false", "false"),
        ("True", "\"True\""), ("TRUE", "\"TRUE\""), ("yes", "\"yes\""), ("no", "\"no\""), ("on", "\"on\""),
        ("off", "\"off\""), ("y", "\"y\""),
        ("null", "null"), ("~", "null"), ("", "null"), ("Null", "\"Null\""), ("NULL", "\"NULL\""),
        ("0", "0"), ("12", "12"), ("-3", "-3"), ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "number(9223372036854775808)"),
        ("007", "number(007)"), ("+1", "number(+1)"), ("-0", "number(-0)"),
        ("1.5", "number(1.5)"), ("1.", "number(1.)"), (".5", "number(.5)"), ("1e5", "number(1e5)"),
        ("1E-5", "number(1E-5)"), ("1e", "\"1e\""), (".", "\".\""), ("-", "[null]"),
        ("0x1F", "\"0x1F\""), ("1_000", "\"1_000\""), ("12:30", "\"12:30\""), ("1.2.3", "\"1.2.3\""),
        ("2024-07-01", "\"2024-07-01\""), ("80c696ff-5efa", "\"80c696ff-5efa\""), (".inf", "\".inf\""),
        ("'true'", "\"true\""), ("\"12\"", "\"12\""), ("'~'", "\"~\""), ("''", "\"\""),
        ("|\n  true\n", "\"true\\n\""), (">-\n  12\n", "\"12\""),
    ])
    func typing(_ word: String, _ expected: String) {
        let document = DocumentText.read("k: " + (word == "-" ? "\n  -" : word) + "\n")
        #expect(DocumentText.problems(document) == [])
        #expect(DocumentText.tree(document.root) == "{k: \(expected)}")
    }
}
