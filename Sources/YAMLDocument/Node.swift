/// One node of a manifest document, from YAML or JSON, with its place in the file.
package struct Node: Sendable, Equatable {
    /// What the node is.
    package enum Content: Sendable, Equatable {
        /// A single value; see `Scalar`.
        case scalar(Scalar)
        /// A list, in file order.
        case sequence([Node])
        /// Key and value pairs, in file order; keys are unique (the composer refuses duplicates).
        case mapping([Pair])
        /// A value that was refused and reported, such as an alias; nothing more is to be said about it.
        case refused
    }

    /// A scalar after typing: only `true` and `false` are booleans (YAML 1.2 core, less its spellings).
    package enum Scalar: Sendable, Equatable {
        case null
        case bool(Bool)
        case integer(Int)
        /// A number with a fraction or exponent, kept as the user wrote it.
        case number(String)
        case string(String)
    }

    /// One entry of a mapping.
    package struct Pair: Sendable, Equatable {
        /// The key text.
        package let key: String
        /// Where the key starts.
        package let keyLocation: SourceLocation
        /// The value.
        package let value: Node

        /// Makes an entry.
        package init(key: String, keyLocation: SourceLocation, value: Node) {
            self.key = key
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    /// What the node is.
    package let content: Content
    /// Where the node starts.
    package let location: SourceLocation

    /// Makes a node.
    package init(_ content: Content, at location: SourceLocation) {
        self.content = content
        self.location = location
    }
}
