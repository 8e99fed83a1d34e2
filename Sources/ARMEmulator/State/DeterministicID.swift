/// Ids and opaque texts that look random and are the same on every run.
enum DeterministicID {
    /// A GUID made from the parts; other parts give another GUID.
    static func guid(_ parts: String...) -> String {
        var stream = Stream(seed: parts.joined(separator: "\u{1F}"))
        let high = stream.next()
        let low = stream.next()
        let hex = padded(high) + padded(low)
        let cuts = [0, 8, 12, 16, 20, 32]
        let pieces = zip(cuts, cuts.dropFirst()).map { start, end in
            String(hex.dropFirst(start).prefix(end - start))
        }
        return pieces.joined(separator: "-")
    }

    /// Text of base64url characters, as the signed parts of an operation URL have it.
    static func opaque(_ seed: String, length: Int) -> String {
        var stream = Stream(seed: seed)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        while bytes.count < length {
            var word = stream.next()
            for _ in 0..<min(10, length - bytes.count) {
                bytes.append(alphabet[Int(word & 63)])
                word >>= 6
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func padded(_ word: UInt64) -> String {
        let hex = String(word, radix: 16)
        return String(repeating: "0", count: 16 - hex.count) + hex
    }

    /// SplitMix64 seeded by FNV-1a: spread out well enough for names, nothing secret hangs on it.
    private struct Stream {
        private var state: UInt64

        init(seed: String) {
            state = seed.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
