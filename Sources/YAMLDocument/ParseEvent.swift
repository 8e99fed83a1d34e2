/// What both readers, YAML and JSON, tell the composer: the parts of a document in file order.
struct ParseEvent: Equatable {
    enum Kind: Equatable {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case mappingStart
        case mappingEnd
        case sequenceStart
        case sequenceEnd
        /// A scalar; only a plain (unquoted) one may be anything but a string.
        case scalar(text: String, isPlain: Bool)
        /// A reference to an anchor.
        case alias
    }

    let kind: Kind
    let location: SourceLocation
    /// The name after `&`, or after `*` for an alias.
    var anchor: String?
    /// The tag as libyaml expands it.
    var tag: String?
}

/// A reader that yields the events of one document, in order, ending with `streamEnd`.
protocol EventSource: ~Copyable {
    /// The next event.
    ///
    /// - Throws: the problem that ends the file; the source is not to be asked again.
    mutating func next() throws(SyntaxProblem) -> ParseEvent
}
