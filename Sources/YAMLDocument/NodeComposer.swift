/// Builds the node tree from events, and refuses what a manifest may not hold.
///
/// What one file can be read past (a duplicate key, an anchor, a tag) is collected, so that the user sees all of it
/// at once; what it cannot be read past is thrown.
struct NodeComposer {
    private let limits: DocumentLimits
    private var nodes = 0
    /// What was found, in file order.
    private(set) var problems: [SyntaxProblem] = []

    init(limits: DocumentLimits) { self.limits = limits }

    /// The root of the only document; nil when there is none, which is then among the problems.
    ///
    /// - Throws: the problem that ends the file.
    mutating func compose<Source: EventSource & ~Copyable>(
        from source: inout Source
    ) throws(SyntaxProblem) -> Node? {
        var event = try source.next()
        while event.kind == .streamStart || event.kind == .documentStart { event = try source.next() }
        guard event.kind != .streamEnd else {
            try report(.emptyDocument, Self.empty, at: event.location)
            return nil
        }
        let root = try node(event, depth: 1, from: &source)
        guard root.content != .scalar(.null) else {
            try report(.emptyDocument, Self.empty, at: root.location)
            return nil
        }
        event = try source.next()
        while event.kind == .documentEnd { event = try source.next() }
        if event.kind != .streamEnd {
            try report(
                .severalDocuments,
                "a manifest file holds one document, and a second one starts here",
                at: event.location,
                notes: ["put it in a file of its own and name both files"]
            )
        }
        return root
    }

    private static let empty = "the file holds no manifest; a manifest starts with 'version: 1'"

    private mutating func node<Source: EventSource & ~Copyable>(
        _ event: ParseEvent,
        depth: Int,
        from source: inout Source
    ) throws(SyntaxProblem) -> Node {
        try count(event)
        switch event.kind {
        case .scalar(let text, let isPlain):
            return Node(.scalar(ScalarTyping.type(text, isPlain: isPlain)), at: event.location)
        case .sequenceStart:
            try checkDepth(depth, event)
            return try sequence(event, depth: depth, from: &source)
        case .mappingStart:
            try checkDepth(depth, event)
            return try mapping(event, depth: depth, from: &source)
        case .alias:
            try report(
                .alias,
                "aliases are not allowed: '*\(event.anchor ?? "")'",
                at: event.location,
                notes: ["write the value out; a text that starts with '*' needs quotes"]
            )
            return Node(.refused, at: event.location)
        default:
            // Neither reader yields another kind where a value is due.
            return Node(.refused, at: event.location)
        }
    }

    private mutating func sequence<Source: EventSource & ~Copyable>(
        _ start: ParseEvent,
        depth: Int,
        from source: inout Source
    ) throws(SyntaxProblem) -> Node {
        var elements: [Node] = []
        while true {
            let event = try source.next()
            if event.kind == .sequenceEnd { return Node(.sequence(elements), at: start.location) }
            elements.append(try node(event, depth: depth + 1, from: &source))
        }
    }

    private mutating func mapping<Source: EventSource & ~Copyable>(
        _ start: ParseEvent,
        depth: Int,
        from source: inout Source
    ) throws(SyntaxProblem) -> Node {
        var pairs: [Node.Pair] = []
        var places: [String: SourceLocation] = [:]
        var isWhole = true
        while true {
            let event = try source.next()
            if event.kind == .mappingEnd {
                return Node(isWhole ? .mapping(pairs) : .refused, at: start.location)
            }
            guard let key = try key(event, depth: depth, from: &source) else {
                _ = try node(try source.next(), depth: depth + 1, from: &source)
                isWhole = false
                continue
            }
            let value = try node(try source.next(), depth: depth + 1, from: &source)
            if let first = places[key] {
                try report(
                    .duplicateKey,
                    "duplicate key \(Quoting.quote(key)) (first at \(first))",
                    at: event.location
                )
            } else {
                places[key] = event.location
                pairs.append(Node.Pair(key: key, keyLocation: event.location, value: value))
            }
        }
    }

    /// The text of a key; nil for one that was refused, after which the mapping cannot be trusted.
    private mutating func key<Source: EventSource & ~Copyable>(
        _ event: ParseEvent,
        depth: Int,
        from source: inout Source
    ) throws(SyntaxProblem) -> String? {
        guard case .scalar(let text, let isPlain) = event.kind else {
            let isAlias = event.kind == .alias
            // Reads the key to its end (an alias reports itself there).
            _ = try node(event, depth: depth + 1, from: &source)
            if !isAlias {
                try report(.keyNotScalar, "a key must be a single word or text", at: event.location)
            }
            return nil
        }
        try count(event)
        guard text == "<<", isPlain else { return text }
        try report(
            .mergeKey,
            "merge keys are not allowed: '<<'",
            at: event.location,
            notes: ["write the fields out; values shared by all entries go under 'defaults'"]
        )
        return nil
    }

    /// Counts a node and refuses its tag and anchor.
    private mutating func count(_ event: ParseEvent) throws(SyntaxProblem) {
        nodes += 1
        guard nodes <= limits.nodes else {
            throw SyntaxProblem(
                .tooMany,
                "the file holds more than \(limits.nodes) values",
                at: event.location,
                notes: ["split it into several files"]
            )
        }
        if let tag = event.tag {
            try report(
                .tag,
                "YAML tag \(Self.spelled(tag)) is not allowed",
                at: event.location,
                notes: ["remove it: quoted values are strings; numbers, true and false take no quotes"]
            )
        }
        if let anchor = event.anchor, event.kind != .alias {
            try report(.alias, "anchors are not allowed: '&\(anchor)'", at: event.location)
        }
    }

    /// A tag the way people write it; libyaml hands it over expanded.
    private static func spelled(_ tag: String) -> String {
        let standard = "tag:yaml.org,2002:"
        if tag.hasPrefix(standard) { return "!!" + Quoting.plain(String(tag.dropFirst(standard.count))) }
        return tag.hasPrefix("!") ? Quoting.plain(tag) : "!<\(Quoting.plain(tag))>"
    }

    private func checkDepth(_ depth: Int, _ event: ParseEvent) throws(SyntaxProblem) {
        guard depth > limits.depth else { return }
        throw SyntaxProblem(
            .tooDeep,
            "lists and mappings are nested more than \(limits.depth) deep",
            at: event.location
        )
    }

    private mutating func report(
        _ kind: SyntaxProblem.Kind,
        _ message: String,
        at location: SourceLocation,
        notes: [String] = []
    ) throws(SyntaxProblem) {
        let problem = SyntaxProblem(kind, message, at: location, notes: notes)
        guard problems.count < limits.problems else {
            throw SyntaxProblem(
                .tooMany,
                "\(limits.problems) errors shown; the rest of the file was not read",
                at: location
            )
        }
        problems.append(problem)
    }
}
