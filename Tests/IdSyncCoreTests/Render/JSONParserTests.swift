import Foundation
import IdSyncCore
import TestSupport
import Testing

/// Our parser and `JSONDecoder` accept the same documents and see the same values.
@Suite struct JSONParserTests {
    private func decoded(_ data: Data) -> JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: data) }
    private func parsed(_ data: Data) -> JSONValue? { try? JSONValue(parsing: data) }

    @Test(arguments: [
        "null", " true ", "false", "0", "-0", "-1", "12", "1.5", "1e2", "1E+2", "1.0", "-2.50e-3",
        "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "123456789012345678901234567890", "0.1", "1e-400",
        "\"\"", "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\\u00e9\\ud83d\\ude00\"", "\"é😀\"", "[]", "[ ]",
        "{}", "{ }",
        "[1,[2,{\"a\":[]}],null]", "{\"a\":{\"b\":true},\"a \":1}", "\u{FEFF}{}", "{\"a\":1,\"a\":2}",
        "\t\r\n[\t1\r,\n2 ]",
    ])
    func accepted(text: String) throws {
        let data = Data(text.utf8)
        #expect(try JSONValue(parsing: data) == decoded(data))
    }

    @Test(arguments: [
        "", " ", "nul", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1 2", "[1,]", "[,1]", "[1",
        "{", "{\"a\"",
        "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{'a':1}", "\"", "\"\\", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\ud800\\\"", "\"a\nb\"", "\"\u{01}\"", "[]]",
        "// x\n1", "1e400",
        "NaN", "[1 2]", "{\"a\" 1}", "{1:2}",
    ])
    func refused(text: String) {
        let data = Data(text.utf8)
        #expect(throws: DecodingError.self) { try JSONValue(parsing: data) }
        #expect(decoded(data) == nil || text.contains(/,[\]}]/), "JSONDecoder lets a comma stand at the end")
    }

    @Test func invalidUTF8IsRefused() {
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
            let data = Data([0x22] + bytes + [0x22])
            #expect(throws: DecodingError.self) { try JSONValue(parsing: data) }
        }
    }

    @Test func depthIsLimited() throws {
        let nested = { (depth: Int) in
            Data((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(parsed(nested(512)) != nil)
        #expect(throws: DecodingError.self) { try JSONValue(parsing: nested(513)) }
        #expect(throws: DecodingError.self) { try JSONValue(parsing: nested(1_000_000)) }
    }

    @Test func errorsNameTheByte() {
        #expect(message("[1,\n x]") == "not JSON: expected a value at byte 5")
        #expect(message("{\"a\":1") == "not JSON: expected ',' or '}' at byte 6")
    }

    private func message(_ text: String) -> String? {
        do {
            _ = try JSONValue(parsing: Data(text.utf8))
            return nil
        } catch DecodingError.dataCorrupted(let context) {
            return context.debugDescription
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4]) func randomDamage(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let text =
            #"{"a":[1,-2.5e3,true,null,"x\u00e9\n\"é"],"b":{"c":"","d":[{}, [] ]},"e":1234567}"#
        let source = Data(text.utf8)
        for _ in 0..<1500 {
            var data = source
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let position = Int.random(in: 0..<data.count, using: &random)
                // Mostly bytes that mean something to JSON, sometimes any.
                let byte =
                    random.oneIn(4)
                    ? UInt8.random(in: 0...255, using: &random)
                    : Array("{}[]:,\"\\ntfu0159.-+eE \n".utf8).randomElement(using: &random) ?? 0
                data[position] = byte
            }
            let (ours, theirs) = (parsed(data), decoded(data))
            let damaged = String(decoding: data, as: UTF8.self)
            if ours == nil, damaged.contains(/,\s*[\]}]/) { continue }
            #expect(ours == theirs, "seed \(seed): \(damaged)")
        }
    }
}
