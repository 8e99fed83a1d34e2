import Foundation
import IdSyncCore
import TestSupport
import Testing
import YAMLDocument

/// Damaged manifests: no trap, always an answer, and every place that is named lies inside its file.
struct ManifestFuzzTests {
    /// Text that sits on the edges of both formats.
    private static let pieces = [
        "\0", "\u{1}", "\t", "\r", "\n", "\u{85}", "\u{2028}", "\u{FEFF}", "{", "}", "[", "]", ":", ": ", ",",
        "&a ", "*a",
        "<<: ", "!!str ", "? ", "- ", "--- \n", "...\n", "\"", "'", "\\", "\\ud83d", "\\ud83d\\ude00", "|\n",
        ">", "#",
        "%YAML 1.2\n", "😀", "ä", "1e5", "007", "true", "null", "~", "  ",
    ]

    private func damage(_ bytes: Data, _ random: inout SeededRandom) -> Data {
        var bytes = [UInt8](bytes)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case 1:
                bytes.insert(
                    contentsOf: Array(Self.pieces.randomElement(using: &random)?.utf8 ?? "".utf8),
                    at: at
                )
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...8, using: &random)))
            case 3: bytes.removeSubrange(at...)
            default:
                let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
                bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
            }
        }
        return Data(bytes)
    }

    @Test(arguments: [UInt64(1), 20_260_101])
    func damagedManifestsGiveLocatedAnswers(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let files = try fixtures("manifests/valid") + fixtures("manifests/invalid-structure")
        var refused = 0
        for round in 0..<1500 {
            let file = try #require(files.randomElement(using: &random))
            let bytes = damage(file.bytes, &random)
            let loaded = ManifestLoader.load(documents: [(name: file.name, bytes: bytes)])
            refused += loaded.desired == nil ? 1 : 0
            let source = try #require(loaded.sources.first)
            for diagnostic in loaded.diagnostics {
                let place = try #require(diagnostic.location)
                guard source.contains(place) else {
                    Issue.record("seed \(seed) round \(round): \(diagnostic) is outside of \(file.name)")
                    continue
                }
            }
            let text = DiagnosticText.render(loaded.diagnostics, sources: loaded.sources)
            #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
        }
        // Most damage must be noticed, or the damage is too mild to prove anything.
        #expect(refused > 700, "seed \(seed)")
    }
}
