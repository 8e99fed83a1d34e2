import YAMLDocument

/// Reads the fields of one mapping by its table; the only code that walks nodes.
///
/// Making a reader reports unknown keys, keys without a value and missing fields; each accessor reports a wrong type
/// and a broken rule. Nothing here stops at the first mistake.
struct FieldReader {
    /// Where the mapping starts.
    let location: SourceLocation
    private let values: [String: Node.Pair]
    /// Required fields that are not there; they were reported.
    private let missing: Set<String>
    /// Whether the mapping has keys that are not fields, which were reported.
    let hasUnknownKeys: Bool
    let collector: DiagnosticCollector

    /// Starts on a mapping; nil, and reported, when the node is something else.
    init?(_ node: Node, as spec: ObjectSpec, _ collector: DiagnosticCollector) {
        guard case .mapping(let pairs) = node.content else {
            NodeText.reportType(node, expected: "a mapping for \(spec.label)", collector)
            return nil
        }
        location = node.location
        self.collector = collector
        var values: [String: Node.Pair] = [:]
        var meant: Set<String> = []
        for pair in pairs {
            if spec[pair.key] != nil {
                values[pair.key] = pair
            } else {
                meant.formUnion(Self.reportUnknown(pair, spec, collector))
            }
        }
        self.values = values
        hasUnknownKeys = values.count < pairs.count
        missing = Set(spec.fields.filter { $0.isRequired && values[$0.name] == nil }.map(\.name))
        // A misspelt key has been reported with the name that it stands for: that is one mistake, not two.
        for field in spec.fields where missing.contains(field.name) && !meant.contains(field.name) {
            collector.error(
                .missingField,
                "'\(field.name)' is missing in \(spec.label)",
                at: node.location,
                notes: field.examples.first.map {
                    ["for example: \(Advice.member(field.name, $0, in: node.location.file))"]
                } ?? []
            )
        }
    }

    private static func reportUnknown(
        _ pair: Node.Pair,
        _ spec: ObjectSpec,
        _ collector: DiagnosticCollector
    ) -> [String] {
        let key = Quoting.quote(pair.key)
        if spec.notYet.contains(pair.key) {
            collector.error(.notSupportedYet, "\(key) is not supported yet", at: pair.keyLocation)
            return []
        }
        var near: [String] = []
        var notes: [String] = []
        switch spec.hints[Folding.fold(pair.key)] {
        case .field(let name)?: near = [name]
        case .note(let note)?: notes = [note]
        case nil: near = collector.wantsHints ? Suggestion.near(pair.key, among: spec.names) : []
        }
        if notes.isEmpty { notes = Suggestion.notes(near) }
        if notes.isEmpty { notes = ["known here: \(spec.names.joined(separator: ", "))"] }
        collector.error(
            .unknownKey,
            "unknown key \(key) in \(spec.label)",
            at: pair.keyLocation,
            notes: notes
        )
        return near
    }

    /// The key and value of a field, typed or not; nil when it is not there.
    func pair(_ field: FieldSpec) -> Node.Pair? { values[field.name] }

    /// A string that obeys its rule or is one of the choices.
    func text(_ field: FieldSpec) -> Field<String> {
        read(field) { node in
            if case .choiceOrObject(let choices, _) = field.type, !isString(node) {
                let expected = "a mapping for '\(field.name)' or one of \(choices.joined(separator: ", "))"
                NodeText.reportType(node, expected: expected, collector)
                return nil
            }
            guard let text = string(node, field.name) else { return nil }
            switch field.type {
            case .text(let rule): check(text, rule, at: node.location)
            case .choice(let choices), .choiceOrObject(let choices, _):
                guard choices.contains(text) else {
                    reportChoice(text, choices, field, at: node.location)
                    return nil
                }
            default: break
            }
            return text
        }
    }

    /// `true` or `false`.
    func flag(_ field: FieldSpec) -> Field<Bool> {
        read(field) { node in
            if case .scalar(.bool(let flag)) = node.content { return flag }
            NodeText.reportType(
                node,
                expected: "true or false for '\(field.name)'",
                notes: ["write true or false, without quotes"],
                collector
            )
            return nil
        }
    }

    /// Checks that a field holds the one integer that its table allows.
    func checkConstant(_ field: FieldSpec) {
        guard case .constant(let constant) = field.type, let pair = values[field.name],
            !reportEmpty(pair), pair.value.content != .refused,
            Self.wholeNumber(pair.value) != constant
        else { return }
        let found = NodeText.describe(pair.value)
        collector.error(
            .valueNotAllowed,
            "'\(field.name)' must be \(constant), found \(found)",
            at: pair.value.location,
            notes: Advice.constant(constant, field.name, insteadOf: pair.value)
        )
    }

    /// Checks that a field that is of no further use holds a string.
    func checkText(_ field: FieldSpec) { _ = read(field) { string($0, field.name) } }

    /// A list of strings; elements that are wrong are reported and left out.
    func texts(_ field: FieldSpec) -> Field<[Located<String>]> {
        read(field) { node in
            guard case .texts(let rule) = field.type, let elements = list(node, field) else { return nil }
            var first: [String: SourceLocation] = [:]
            return elements.compactMap { element in
                guard !reportNull(element, "an element of '\(field.name)'"),
                    let text = string(element, field.name, isElement: true),
                    check(text, rule, at: element.location)
                else { return nil }
                let located = Located(value: text, location: element.location)
                if let other = first.updateValue(element.location, forKey: text) {
                    first[text] = other
                    reportTwice(located, in: field.name, first: other)
                    return nil
                }
                return located
            }
        }
    }

    /// A list of mappings, each with its reader; elements that are no mappings are reported and left out.
    func objects(_ field: FieldSpec) -> Field<[FieldReader]> {
        read(field) { node in
            guard case .objects(let spec) = field.type, let elements = list(node, field) else { return nil }
            return elements.compactMap { FieldReader($0, as: spec, collector) }
        }
    }

    /// A mapping with its reader; for a field that also has choices, only when the value is no string.
    func object(_ field: FieldSpec) -> Field<FieldReader> {
        read(field) { node in
            switch field.type {
            case .object(let spec), .choiceOrObject(_, let spec): FieldReader(node, as: spec, collector)
            default: nil
            }
        }
    }

    /// A value that another reader understands; nil from `body` means that the mistake was reported.
    func read<Value>(_ field: FieldSpec, _ body: (Node) -> Value?) -> Field<Value> {
        guard let pair = values[field.name] else { return missing.contains(field.name) ? .broken : .absent }
        guard !reportEmpty(pair), pair.value.content != .refused, let value = body(pair.value) else {
            return .broken
        }
        return .given(Located(value: value, location: pair.value.location))
    }

    /// How many elements a list has, whatever they are; 0 for anything else.
    func elementCount(_ field: FieldSpec) -> Int {
        if case .sequence(let elements) = values[field.name]?.value.content { elements.count } else { 0 }
    }

    /// Whether a field holds a mapping.
    func isMapping(_ field: FieldSpec) -> Bool {
        if case .mapping = values[field.name]?.value.content { true } else { false }
    }

    /// Whether a field is not there or is an empty list.
    func isEmptyOrAbsent(_ field: FieldSpec) -> Bool {
        guard let pair = values[field.name] else { return true }
        return pair.value.content == .sequence([])
    }

    /// The elements of a list; nil, and reported, for anything else.
    private func list(_ node: Node, _ field: FieldSpec) -> [Node]? {
        if case .sequence(let elements) = node.content { return elements }
        NodeText.reportType(
            node,
            expected: "a list for '\(field.name)'",
            notes: Advice.list(insteadOf: node, field.type),
            collector
        )
        return nil
    }

    /// Reports an element that a list has twice.
    func reportTwice(_ element: Located<String>, in name: String, first: SourceLocation) {
        collector.error(
            .duplicateReference,
            "\(Quoting.quote(element.value)) is listed twice in '\(name)'",
            at: element.location,
            notes: ["first listed at \(first)"]
        )
    }

    private func isString(_ node: Node) -> Bool {
        if case .scalar(.string) = node.content { true } else { false }
    }

    private func string(_ node: Node, _ name: String, isElement: Bool = false) -> String? {
        if case .scalar(.string(let text)) = node.content { return text }
        NodeText.reportType(
            node,
            expected: "a string \(isElement ? "in" : "for") '\(name)'",
            notes: Advice.quotes(around: node),
            collector
        )
        return nil
    }

    /// Reports a string that breaks its rule, and says whether it obeys.
    @discardableResult
    func check(_ text: String, _ rule: TextRule, at location: SourceLocation) -> Bool {
        guard !rule.isMet(text) else { return true }
        collector.error(rule.code, "\(Quoting.quote(text)) is not valid: \(rule.expectation)", at: location)
        return false
    }

    private func reportChoice(
        _ text: String,
        _ choices: [String],
        _ field: FieldSpec,
        at place: SourceLocation
    ) {
        let notes = Suggestion.notes(Suggestion.near(text, among: choices))
        collector.error(
            .valueNotAllowed,
            "\(Quoting.quote(text)) is not a value of '\(field.name)'",
            at: place,
            notes: notes.isEmpty ? ["one of: \(choices.joined(separator: ", "))"] : notes
        )
    }

    private func reportEmpty(_ pair: Node.Pair) -> Bool { reportNull(pair.value, "'\(pair.key)'") }

    /// Reports a null, and says whether it is one.
    func reportNull(_ node: Node, _ what: String) -> Bool {
        guard node.content == .scalar(.null) else { return false }
        collector.error(
            .noValue,
            "\(what) has no value",
            at: node.location,
            notes: ["add a value or remove the key; an empty list is []"]
        )
        return true
    }
}
