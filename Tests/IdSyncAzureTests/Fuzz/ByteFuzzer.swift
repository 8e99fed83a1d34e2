import Foundation
import TestSupport

/// Damages texts that a server sends: truncations, doubled and lost pieces, huge and odd numbers, deep nesting,
/// bytes that are no UTF-8, values of other types.
struct ByteFuzzer {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private static let numbers = [
        "0", "-1", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "1e999", "-1e999",
        "NaN",
        "nan", "inf", "-inf", "infinity", "0x7fffffffffffffff", "1e308", "-0", "00", "1.5e-400",
        "18446744073709551616",
        "٣", "²", "",
    ]

    private static let values = [
        "null", "true", "[]", "{}", "\"\"", "\"x\"", "3", "-1", "1e999", "[null]", "{\"id\":{}}",
        "\"\\ud800\"",
    ]

    private static let pieces =
        numbers + values + [
            "\0", "\u{1}", "\t", "\r\n", "\u{85}", "\u{2028}", "\u{FEFF}", "{", "}", "[", "]", ":", ",", "\"",
            "'", "\\",
            "\\\"", "\\u0000", ";", "/", "%00", "%", "<html>", "id", "\"id\":", "\"id\":\"/\",", "\"value\":",
            "\"nextLink\":\"https://management.azure.com/x\",", "\"error\":{", "\"status\":",
            "\"properties\":",
            "\"identity\":null,", "\"type\":", "\"etag\":\"*\",", "😀", "ä",
            String(repeating: "[", count: 3_000), String(repeating: "{\"details\":[", count: 600),
            String(repeating: "{\"innererror\":", count: 600), String(repeating: "9", count: 400),
        ]

    /// A whole number from 0 below `count`.
    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    /// One of these.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A damaged copy.
    mutating func damaged(_ bytes: Data) -> Data {
        var bytes = [UInt8](bytes)
        for _ in 0...below(4) {
            let at = below(bytes.count + 1)
            switch below(7) {
            case 0: bytes.insert(UInt8(below(256)), at: at)
            case 1: bytes.insert(contentsOf: Array(pick(Self.pieces).utf8), at: at)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(8)))
            case 3: bytes.removeSubrange(at...)
            case 4: replaceValue(in: &bytes, near: at)
            case 5:
                bytes.insert(contentsOf: pick([[0xC3], [0xFF, 0xFE], [0xED, 0xA0, 0x80], [0x80]]), at: at)
            default:
                let copied = bytes[at..<min(bytes.count, at + 1 + below(60))]
                bytes.insert(contentsOf: Array(copied), at: below(bytes.count + 1))
            }
        }
        return Data(bytes)
    }

    /// A damaged copy of a text, as a header field may have it.
    mutating func damaged(_ text: String) -> String {
        switch below(4) {
        case 0: return pick(Self.numbers)
        case 1:
            // A field whose numbers are all replaced by one odd one.
            let number = pick(Self.numbers)
            return text.replacing(/\d+/) { _ in number }
        default: return String(decoding: damaged(Data(text.utf8)), as: UTF8.self)
        }
    }

    /// Puts another value in the place of one after a colon.
    private mutating func replaceValue(in bytes: inout [UInt8], near start: Int) {
        guard let colon = bytes[start...].firstIndex(of: UInt8(ascii: ":")) else { return }
        let rest = bytes[(colon + 1)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? bytes.endIndex
        bytes.replaceSubrange((colon + 1)..<end, with: Array(pick(Self.values).utf8))
    }
}
