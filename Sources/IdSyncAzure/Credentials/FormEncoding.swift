import Foundation

/// Percent encoding for form bodies and query strings.
enum FormEncoding {
    /// Encodes one name or value: every byte of its UTF-8 but the unreserved ones of RFC 3986.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Fields joined as `name=value&name=value`, in their order.
    static func join(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }

    /// A form body.
    static func body(_ fields: [(name: String, value: String)]) -> Data { Data(join(fields).utf8) }

    /// The URL with fields added to its query, or nil when that is no URL.
    static func url(_ base: URL, adding fields: [(name: String, value: String)]) -> URL? {
        let text = base.absoluteString
        let separator = text.contains("?") ? (text.hasSuffix("?") || text.hasSuffix("&") ? "" : "&") : "?"
        return URL(string: text + separator + join(fields))
    }
}
