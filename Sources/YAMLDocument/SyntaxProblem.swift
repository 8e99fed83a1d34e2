/// One reason why a file cannot be read as a document, with its place.
package struct SyntaxProblem: Error, Sendable, Equatable {
    /// What kind of problem it is; callers map it to a stable code.
    package enum Kind: String, Sendable, Equatable, CaseIterable {
        /// The file holds no document.
        case emptyDocument
        /// Bytes that are not UTF-8.
        case invalidUTF8
        /// UTF-16 or UTF-32 text.
        case wrongEncoding
        /// NUL, another control character, or a line separator outside ASCII.
        case forbiddenCharacter
        /// Bytes that are no text at all.
        case notText
        /// What libyaml refuses.
        case invalidYAML
        /// What strict JSON refuses.
        case invalidJSON
        /// A key that one mapping has twice.
        case duplicateKey
        /// An anchor or an alias.
        case alias
        /// The merge key `<<`.
        case mergeKey
        /// A YAML tag such as `!!str`.
        case tag
        /// A second document in one file.
        case severalDocuments
        /// A key that is a list or a mapping.
        case keyNotScalar
        /// More bytes than `DocumentLimits.bytes`.
        case tooLarge
        /// Deeper nesting than `DocumentLimits.depth`.
        case tooDeep
        /// More nodes than `DocumentLimits.nodes`, or more problems than `DocumentLimits.problems`.
        case tooMany
    }

    /// What kind of problem it is.
    package let kind: Kind
    /// What is wrong, in one sentence without a full stop.
    package let message: String
    /// The place.
    package let location: SourceLocation
    /// What to do, or the other place.
    package let notes: [String]

    /// Makes a problem.
    package init(_ kind: Kind, _ message: String, at location: SourceLocation, notes: [String] = []) {
        self.kind = kind
        self.message = message
        self.location = location
        self.notes = notes
    }
}

/// How large a document may be; what is beyond is refused before it costs time or memory.
package struct DocumentLimits: Sendable, Equatable {
    /// The largest file in bytes.
    package let bytes: Int
    /// The deepest nesting of lists and mappings; the outermost one counts as 1.
    package let depth: Int
    /// The most nodes, keys included.
    package let nodes: Int
    /// The most problems that are collected in one file before the rest of it is left unread.
    package let problems: Int

    /// Makes limits; the defaults leave room for some 100,000 VM entries.
    package init(bytes: Int = 8 << 20, depth: Int = 32, nodes: Int = 1_000_000, problems: Int = 100) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
        self.problems = problems
    }
}
