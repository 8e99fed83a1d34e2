/// Case folding for everything that ARM compares without case: ids, names, tag names, locations.
///
/// Source: RPC common-api-details, "resource ids and names are case-insensitive but case-preserving".
package enum Folding {
    /// The text in the one case that comparisons use; ASCII takes a path without Unicode tables.
    package static func fold(_ text: String) -> String {
        var isASCII = true
        var hasUpper = false
        for byte in text.utf8 {
            if byte >= 0x80 { isASCII = false }
            if byte >= 0x41, byte <= 0x5A { hasUpper = true }
        }
        guard isASCII else { return text.lowercased() }
        guard hasUpper else { return text }
        return String(decoding: text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// A location as ARM compares it: without case and blanks ("West US" equals "westus").
    ///
    /// Source: RPC common-api-details.
    package static func location(_ text: String) -> String {
        fold(text.filter { !$0.isWhitespace })
    }
}
