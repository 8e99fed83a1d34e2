import YAMLDocument

/// Checks one VM entry for contradictions while it resolves its references.
struct MachineEntryRules {
    /// The references of an entry after resolution.
    struct Checked {
        let userAssigned: [IdentityReference]
        let remove: [IdentityReference]
        /// Whether `remove` names all that no longer exist.
        let removeDangling: Bool
    }

    /// The word under `remove` for every attached identity that no longer exists (F25).
    private static let dangling = "dangling"

    private let references: ReferenceResolver
    private let protected: [GlobPattern]
    /// Identities that are to be gone, with the place that says so.
    private let absent: [ResourceID: SourceLocation]
    private let collector: DiagnosticCollector
    /// Long names that were warned of; once for each identity is enough.
    private var warned: Set<ResourceID> = []

    init(
        _ references: ReferenceResolver,
        protected: [GlobPattern],
        absent: [ResourceID: SourceLocation],
        _ collector: DiagnosticCollector
    ) {
        self.references = references
        self.protected = protected
        self.absent = absent
        self.collector = collector
    }

    /// Checks an entry and resolves its references; those that cannot be resolved are reported and left out.
    mutating func check(_ entry: MachineEntry) -> Checked {
        checkShape(entry)
        let userAssigned = resolve(entry.userAssigned.value ?? [], MachineFields.userAssigned.name)
        let listed = entry.remove.value ?? []
        let remove = resolve(listed.filter { $0.value != Self.dangling }, MachineFields.remove.name)
        for reference in userAssigned {
            checkPresence(reference)
            checkLength(reference)
        }
        let assigned = Dictionary(
            userAssigned.map { ($0.id, $0.origin) },
            uniquingKeysWith: { first, _ in first }
        )
        for reference in remove {
            if let other = assigned[reference.id] {
                collector.error(
                    .assignedAndRemoved,
                    "\(Quoting.quote(reference.id.name)) is in both 'userAssigned' and 'remove'",
                    at: reference.origin,
                    notes: ["it is assigned at \(other)"]
                )
            }
            checkProtection(reference)
        }
        return Checked(
            userAssigned: userAssigned,
            remove: remove,
            removeDangling: listed.contains { $0.value == Self.dangling }
        )
    }

    private func checkShape(_ entry: MachineEntry) {
        let name = Quoting.quote(entry.name.value)
        if entry.exclusive.value == true {
            if case .absent = entry.userAssigned {
                collector.error(
                    .exclusiveWithoutList,
                    "'exclusive' needs 'userAssigned', the exact set for \(name)",
                    at: entry.exclusive.located?.location,
                    notes: ["write userAssigned: [] to remove every identity"]
                )
            }
            if let remove = entry.remove.located {
                collector.warning(
                    .removeWithExclusive,
                    "'remove' has no effect with 'exclusive: true', which removes every identity that is not listed",
                    at: remove.location
                )
            }
        } else if let ignore = entry.ignore.located, !entry.exclusive.isBroken {
            collector.error(
                .ignoreWithoutExclusive,
                "'ignore' has an effect only with 'exclusive: true'",
                at: ignore.location,
                notes: ["without it, only the identities under 'remove' are removed from \(name)"]
            )
        }
        // Beside an absent identity the entry alone says something: detach it from this machine too.
        if entry.asksNothing, absent.isEmpty {
            collector.warning(
                .asksNothing,
                "the entry for \(name) asks for nothing",
                at: entry.origin,
                notes: ["add systemAssigned, userAssigned or remove"]
            )
        }
    }

    private func resolve(_ list: [Located<String>], _ name: String) -> [IdentityReference] {
        var first: [ResourceID: SourceLocation] = [:]
        return list.compactMap { reference in
            guard let id = references.resolve(reference) else { return nil }
            if let other = first[id] {
                collector.error(
                    .duplicateReference,
                    "\(Quoting.quote(reference.value)) is listed twice in '\(name)'",
                    at: reference.location,
                    notes: ["first listed at \(other)"]
                )
                return nil
            }
            first[id] = reference.location
            return IdentityReference(id: id, origin: reference.location)
        }
    }

    private func checkPresence(_ reference: IdentityReference) {
        guard let place = absent[reference.id] else { return }
        collector.error(
            .assignsAbsent,
            "\(Quoting.quote(reference.id.name)) is assigned here, but its state is absent",
            at: reference.origin,
            notes: ["declared absent at \(place)"]
        )
    }

    private func checkProtection(_ reference: IdentityReference) {
        guard let pattern = protected.first(where: { $0.matches(reference.id) }) else { return }
        collector.error(
            .removesProtected,
            "\(Quoting.quote(reference.id.name)) cannot be removed: it is protected",
            at: reference.origin,
            notes: ["it matches \(Quoting.quote(pattern.description)) under 'protected'"]
        )
    }

    /// FACTS section 7: above 24 an assignment may be refused; the service decides.
    private mutating func checkLength(_ reference: IdentityReference) {
        let length = reference.id.name.unicodeScalars.count
        guard length > 24, warned.insert(reference.id).inserted else { return }
        collector.warning(
            .longIdentityName,
            "the identity name \(Quoting.quote(reference.id.name)) has \(length) characters",
            at: reference.origin,
            notes: ["Azure documents at most 24 for an identity that is assigned to a machine"]
        )
    }
}
