import YAMLDocument

/// Turns the ways to name an identity into ids: a declared name, `group/name`, or a full resource id.
struct ReferenceResolver {
    /// Declared identities by folded name.
    private let declared: [String: [Located<ResourceID>]]
    /// Every declared name as written, also of entries whose id could not be made.
    private let names: [String]
    private let foldedNames: Set<String>
    private let defaultSubscription: Field<String>
    /// Whether declarations may be missing because they could not be read; then an unknown name is no news.
    private let isIncomplete: Bool
    private let collector: DiagnosticCollector

    init(
        declared: [Located<ResourceID>],
        names: [String],
        defaultSubscription: Field<String>,
        isIncomplete: Bool,
        _ collector: DiagnosticCollector
    ) {
        self.declared = Dictionary(grouping: declared) { Folding.fold($0.value.name) }
        self.names = names
        foldedNames = Set(names.map(Folding.fold))
        self.defaultSubscription = defaultSubscription
        self.isIncomplete = isIncomplete
        self.collector = collector
    }

    /// The identity that a reference names; nil when that cannot be told, which has then been reported.
    func resolve(_ reference: Located<String>) -> ResourceID? {
        let slashes = reference.value.utf8.count { $0 == UInt8(ascii: "/") }
        if slashes == 0 { return shortName(reference) }
        let isGroupAndName = slashes == 1 && !reference.value.hasPrefix("/")
        return isGroupAndName ? groupAndName(reference) : fullID(reference)
    }

    private func shortName(_ reference: Located<String>) -> ResourceID? {
        let folded = Folding.fold(reference.value)
        let matches = declared[folded] ?? []
        if matches.count == 1 { return matches.first?.value }
        let quoted = Quoting.quote(reference.value)
        if matches.count > 1 {
            collector.error(
                .ambiguousName,
                "\(quoted) names \(matches.count) identities of this manifest",
                at: reference.location,
                notes: matches.map {
                    "\($0.value.resourceGroup)/\($0.value.name), declared at \($0.location)"
                }
                    + ["write group/name or the full resource id"]
            )
            return nil
        }
        guard !isIncomplete, !foldedNames.contains(folded) else { return nil }
        collector.error(
            .unknownIdentity,
            "no identity \(quoted) is declared in this manifest",
            at: reference.location,
            notes: Suggestion.notes(
                collector.wantsHints ? Suggestion.near(reference.value, among: names) : []
            )
                + ["declare it under 'identities', or write group/name or its full resource id"]
        )
        return nil
    }

    private func groupAndName(_ reference: Located<String>) -> ResourceID? {
        let parts = reference.value.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard isValid(parts[0], .resourceGroup, reference), isValid(parts[1], .identityName, reference) else {
            return nil
        }
        switch defaultSubscription {
        case .given(let subscription):
            return ResourceID(
                subscription: subscription.value,
                resourceGroup: parts[0],
                kind: .userAssignedIdentity,
                name: parts[1]
            )
        case .broken: return nil
        case .absent:
            collector.error(
                .noDefault,
                "\(Quoting.quote(reference.value)) needs a default subscription",
                at: reference.location,
                notes: ["add 'subscription' under 'defaults', or write the full resource id"]
            )
            return nil
        }
    }

    private func fullID(_ reference: Located<String>) -> ResourceID? {
        let id: ResourceID
        do throws(ResourceIDError) {
            id = try ResourceID(parsing: reference.value)
        } catch {
            report(reference, error.description)
            return nil
        }
        guard id.kind == .userAssignedIdentity else {
            report(reference, "it names a resource of type \(id.kind.namespace)/\(id.kind.typeName)")
            return nil
        }
        let isValid =
            isValid(id.subscription, .subscription, reference)
            && isValid(id.resourceGroup, .resourceGroup, reference)
            && isValid(id.name, .identityName, reference)
        return isValid ? id : nil
    }

    private func isValid(_ text: String, _ rule: TextRule, _ reference: Located<String>) -> Bool {
        guard !rule.isMet(text) else { return true }
        report(reference, rule.expectation)
        return false
    }

    private func report(_ reference: Located<String>, _ why: String) {
        collector.error(
            .malformedReference,
            "\(Quoting.quote(reference.value)) is not an identity: \(why)",
            at: reference.location
        )
    }
}
