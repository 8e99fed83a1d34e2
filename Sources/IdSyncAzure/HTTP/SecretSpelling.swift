/// Finds a secret in a text however it is spelled there: as it is, or with some bytes percent-encoded (in either case of
/// the digits, a blank perhaps as `+`), or escaped by a backslash as JSON does.
struct SecretSpelling {
    private let secret: [UInt8]

    init(_ secret: String) { self.secret = Array(secret.utf8) }

    /// The text with every spelling of the secret replaced.
    func replace(in text: String, with mark: String) -> String {
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        var position = 0
        var isFound = false
        while position < bytes.count {
            if let end = end(in: bytes, from: position) {
                kept += Array(mark.utf8)
                position = end
                isFound = true
            } else {
                kept.append(bytes[position])
                position += 1
            }
        }
        return isFound ? String(decoding: kept, as: UTF8.self) : text
    }

    /// Where a spelling that starts at a position ends, or nil when none starts there.
    ///
    /// A `%` or `\` of the text can be the secret's own or begin an encoded byte, so both ways are followed.
    private func end(in text: [UInt8], from start: Int) -> Int? {
        var ends: Set<Int> = [start]
        for byte in secret {
            ends = ends.reduce(into: []) { result, end in
                guard end < text.count else { return }
                if text[end] == byte || (byte == 0x20 && text[end] == UInt8(ascii: "+")) {
                    result.insert(end + 1)
                }
                if text[end] == UInt8(ascii: "%"), Self.byte(text, after: end) == byte {
                    result.insert(end + 3)
                }
                if text[end] == UInt8(ascii: "\\"), end + 1 < text.count, text[end + 1] == byte {
                    result.insert(end + 2)
                }
            }
            if ends.isEmpty { return nil }
        }
        return ends.max()
    }

    private static func byte(_ text: [UInt8], after percent: Int) -> UInt8? {
        guard percent + 2 < text.count else { return nil }
        let digits = text[percent + 1...percent + 2]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
