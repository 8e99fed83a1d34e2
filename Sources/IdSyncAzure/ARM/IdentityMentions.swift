package import IdSyncCore

/// Finds the identities that an error text names.
///
/// The text is cut at quotes, commas, brackets and blanks, which no id contains, and each piece goes through the id
/// parser; resource groups with `.`, `(` and `)` therefore work (F53: a pattern over the text missed them).
package enum IdentityMentions {
    /// The identities named in a text, each once, in order.
    package static func identities(in text: String) -> [ResourceID] {
        var seen: Set<String> = []
        return pieces(of: text).compactMap(identity).filter { seen.insert($0.key).inserted }
    }

    /// The object id of the caller in "The client '…' with object id '…' …".
    package static func callerObjectID(in text: String) -> String? {
        let parts = text.split(separator: "object id '", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let id = String(parts[1].prefix { $0 != "'" })
        let isPlain = id.allSatisfy { ($0.isLetter && $0.isASCII) || $0.isNumber || $0 == "-" }
        return id.isEmpty || !isPlain ? nil : id
    }

    private static func pieces(of text: String) -> [String] {
        let borders: Set<Character> = [
            "'", "\"", "`", ",", ";", "[", "]", "{", "}", "<", ">", "\\", "‘", "’", "“", "”",
        ]
        return text.split { borders.contains($0) || $0.isWhitespace }.map(String.init)
    }

    private static func identity(_ piece: String) -> ResourceID? {
        var candidate = Substring(piece)
        // A sentence may end right after the id, and no identity name ends in one of these.
        while let last = candidate.last, last == "." || last == ":" || last == ")" { candidate.removeLast() }
        guard let id = try? ResourceID(parsing: String(candidate)), id.kind == .userAssignedIdentity else {
            return nil
        }
        return id
    }
}
