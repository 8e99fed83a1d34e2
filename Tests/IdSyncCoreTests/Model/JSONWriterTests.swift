import Foundation
import IdSyncCore
import TestSupport
import Testing

/// The writer gives the bytes of `JSONEncoder`, which is the one that everybody trusts.
struct JSONWriterTests {
    private func expectEqual(_ value: JSONValue) throws {
        for isIndented in [false, true] {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
            let expected = String(decoding: try encoder.encode(value), as: UTF8.self)
            let written =
                isIndented ? value.prettyText() : String(decoding: value.canonicalData(), as: UTF8.self)
            #expect(written == expected)
        }
    }

    @Test(
        arguments: [
            0, -0.0, 1, -2.5, 0.1, 1e15, 1e16, 1e100, 1e-7, 2.2250738585072014e-308, 1.7976931348623157e308,
        ]
            as [Double]
    )
    func numbers(value: Double) throws { try expectEqual([.number(value)]) }

    @Test func everyShortScalar() throws {
        let scalars = (0..<0x300).compactMap { Unicode.Scalar($0) }
        try expectEqual(.array(scalars.map { .string("a\($0)b") } + ["\u{2028}\u{2029}\u{FFFD}😀"]))
    }

    @Test func keysAreSortedByBytes() throws {
        try expectEqual([
            "B": 1, "a": [], "A": [:], "é": 2, "e\u{301}x": 3, "z10": 4, "z9": 5, "": 6, "😀": 7, "/": 8,
        ])
    }

    @Test(arguments: 0..<50 as Range<UInt64>) func anything(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 { try expectEqual(value(&random, depth: 0)) }
    }

    private func value(_ random: inout SeededRandom, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 3 ? 5 : 7), using: &random) {
        case 0: .null
        case 1: .bool(random.oneIn(2))
        case 2: .integer(Int.random(in: Int.min...Int.max, using: &random))
        case 3: .number(Double.random(in: -1e6...1e6, using: &random))
        case 4: .string(text(&random))
        case 5: .array((0..<4).map { _ in value(&random, depth: depth + 1) })
        default:
            .object(
                Dictionary(
                    (0..<4).map { _ in (text(&random), value(&random, depth: depth + 1)) },
                    uniquingKeysWith: { $1 }
                )
            )
        }
    }

    private func text(_ random: inout SeededRandom) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<8, using: &random) {
            scalars.append(Unicode.Scalar(UInt8.random(in: 0...255, using: &random)))
        }
        return String(scalars)
    }
}
