import YAMLDocument

extension FieldReader {
    /// Tags by name as written; every tag that breaks a rule is reported (FACTS section 7).
    func tags(_ field: FieldSpec) -> Field<[String: String]> {
        read(field) { node in
            guard case .mapping(let pairs) = node.content else {
                NodeText.reportType(
                    node,
                    expected: "a mapping of names to strings for '\(field.name)'",
                    collector
                )
                return nil
            }
            if pairs.count > Tags.most {
                collector.error(
                    .tagCount,
                    "\(pairs.count) tags; a resource has at most \(Tags.most)",
                    at: node.location
                )
            }
            var tags: [String: String] = [:]
            var seen: [String: SourceLocation] = [:]
            for pair in pairs {
                check(pair.key, .tagName, at: pair.keyLocation)
                if let first = seen[Folding.fold(pair.key)] {
                    collector.error(
                        .duplicateTag,
                        "the tag \(Quoting.quote(pair.key)) differs only in case from another one",
                        at: pair.keyLocation,
                        notes: ["the other one is at \(first)"]
                    )
                }
                seen[Folding.fold(pair.key)] = pair.keyLocation
                tags[pair.key] = tagValue(pair)
            }
            return tags
        }
    }

    private func tagValue(_ pair: Node.Pair) -> String {
        if case .scalar(.string(let text)) = pair.value.content {
            check(text, .tagValue, at: pair.value.location)
            return text
        }
        if !reportNull(pair.value, "the tag \(Quoting.quote(pair.key))") {
            NodeText.reportType(
                pair.value,
                expected: "a string for the tag \(Quoting.quote(pair.key))",
                notes: Advice.quotes(around: pair.value),
                collector
            )
        }
        return ""
    }

    /// A count (`10`) or a percentage (`"25%"`).
    func limit(_ field: FieldSpec) -> Field<Limits.Limit> {
        read(field) { node in
            if let count = Self.wholeNumber(node), Limits.counts.contains(count) {
                return Limits.Limit(count: count, origin: node.location)
            }
            if case .scalar(.string(let text)) = node.content, let percent = Self.percent(text) {
                return Limits.Limit(percent: percent, origin: node.location)
            }
            guard node.content != .refused else { return nil }
            let isTooLarge = Self.wholeNumber(node).map { $0 > Limits.counts.upperBound } ?? false
            collector.error(
                .limit,
                "'\(field.name)' is a count such as 10 or a percentage such as \"25%\", "
                    + "found \(NodeText.describe(node))",
                at: node.location,
                notes: isTooLarge ? ["the largest count is \(Limits.counts.upperBound)"] : []
            )
            return nil
        }
    }

    /// The whole number that a node stands for; as in JSON Schema, `1.0` is 1.
    ///
    /// A number with leading zeros is none: YAML 1.1 reads it as octal, YAML 1.2 as decimal.
    static func wholeNumber(_ node: Node) -> Int? {
        switch node.content {
        case .scalar(.integer(let number)): return number
        case .scalar(.number(let text)):
            let digits = text.drop { $0 == "-" || $0 == "+" }
            let isPadded = digits.first == "0" && digits.dropFirst().first?.isNumber == true
            guard !isPadded, let number = Double(text), abs(number) <= 0x1p53 else { return nil }
            return Int(exactly: number)
        default: return nil
        }
    }

    /// The number of `0%` to `100%`, without leading zeros.
    private static func percent(_ text: String) -> Int? {
        guard text.hasSuffix("%"), let number = Int(text.dropLast()), (0...100).contains(number),
            text == "\(number)%"
        else { return nil }
        return number
    }
}

/// The limits of tags (FACTS section 7).
enum Tags {
    /// How many tags a resource has at most.
    static let most = 50

    /// Default tags under the tags of one identity; names are compared without case, the identity's spelling wins.
    static func merged(_ defaults: [String: String]?, _ own: [String: String]?) -> [String: String]? {
        guard let defaults else { return own }
        guard let own else { return defaults }
        let named = Set(own.keys.map(Folding.fold))
        return defaults.filter { !named.contains(Folding.fold($0.key)) }.merging(own) { $1 }
    }
}
