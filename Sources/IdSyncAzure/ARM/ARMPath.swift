package import Foundation

/// Builds request URLs from resource ids and query items.
package enum ARMPath {
    /// The percent-encoded form of a path of names: every segment is encoded on its own.
    ///
    /// Resource groups may hold Unicode letters, `(`, `)` and `.` (FACTS section 7).
    package static func encoded(_ path: String) -> String {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            // A segment of dots would be taken as a step up in the path.
            if !segment.isEmpty, segment.allSatisfy({ $0 == "." }) {
                return segment.map { _ in "%2E" }.joined()
            }
            return encode(String(segment), keeping: inSegment)
        }
        let text = segments.joined(separator: "/")
        return text.hasPrefix("/") ? text : "/" + text
    }

    /// The request URL; nil only when the endpoint cannot be extended, which a parsed one always can.
    package static func url(
        endpoint: ARMEndpoint,
        path: String,
        apiVersion: String,
        query: [(name: String, value: String)] = []
    ) -> URL? {
        let items = [(name: "api-version", value: apiVersion)] + query
        // `$filter` keeps its dollar sign; values keep only what no server can misread.
        let pairs = items.map { encode($0.name, keeping: inName) + "=" + encode($0.value, keeping: plain) }
        return URL(string: endpoint.description + encoded(path) + "?" + pairs.joined(separator: "&"))
    }

    /// A link with only its forbidden characters encoded; everything else, escapes too, stays as it is.
    ///
    /// `URL(string:)` would encode every `%` of a link once more as soon as it finds one forbidden character anywhere.
    static func repaired(_ link: String) -> String {
        let bytes = Array(link.utf8)
        // Nearly every link is sound, and that of an operation is 3,000 bytes long (REC-VM).
        if bytes.allSatisfy({ $0 != UInt8(ascii: "%") && isAllowed($0) }) { return link }
        let query = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
        var repaired: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let isEscape =
                byte == UInt8(ascii: "%") && bytes[(index + 1)...].prefix(2).filter(isHex).count == 2
            // Brackets belong to an IPv6 host only.
            let isBracket = index < query && (byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]"))
            if isEscape || isBracket || isAllowed(byte) {
                repaired.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                repaired += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: repaired, as: UTF8.self)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte & 0xDF)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte & 0xDF) && byte < 0x80
            || "-._~:/?#@!$&'()*+,;=".utf8.contains(byte)
    }

    private static func encode(_ text: String, keeping allowed: CharacterSet) -> String {
        text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    /// What no server can misread, and what else a segment and a name may hold; made once, for sets are dear to make.
    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
    private static let inSegment = plain.union(CharacterSet(charactersIn: "()!*',;:@&=+$"))
    private static let inName = plain.union(CharacterSet(charactersIn: "$"))
}
