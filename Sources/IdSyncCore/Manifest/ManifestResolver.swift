import YAMLDocument

/// Turns a merged manifest into the desired state: names become ids, defaults are applied, contradictions are found.
struct ManifestResolver {
    private let manifest: ManifestFile
    private let scopes: ScopeResolver
    private let collector: DiagnosticCollector

    init(_ manifest: ManifestFile, _ collector: DiagnosticCollector) {
        self.manifest = manifest
        self.collector = collector
        scopes = ScopeResolver(manifest.defaults, collector)
    }

    /// The desired state; of use only when nothing was reported as an error.
    func resolve() -> DesiredState {
        let protected = protectedPatterns()
        let identities = identities(protected)
        let references = ReferenceResolver(
            declared: identities.map { Located(value: $0.id, location: $0.origin) },
            names: manifest.identities.map(\.name.value),
            defaultSubscription: scopes.field(\.subscription),
            isIncomplete: manifest.isIncomplete,
            collector
        )
        let absent = Dictionary(
            identities.filter { $0.presence == .absent }.map { ($0.id, $0.origin) },
            uniquingKeysWith: { first, _ in first }
        )
        var rules = MachineEntryRules(references, protected: protected, absent: absent, collector)
        return DesiredState(
            identities: identities,
            machines: machines(&rules),
            protected: protected,
            limits: manifest.limits.value ?? Limits(),
            cloud: manifest.cloud.value ?? .azureCloud,
            apiVersions: manifest.apiVersions.value ?? APIVersions()
        )
    }

    /// The patterns, each once, in a fixed order whatever the order of the files.
    private func protectedPatterns() -> [GlobPattern] {
        Set(manifest.protected.map(\.value)).sorted().map(GlobPattern.init)
    }

    private func identities(_ protected: [GlobPattern]) -> [DesiredIdentity] {
        var first: [ResourceID: SourceLocation] = [:]
        return manifest.identities.compactMap { entry in
            guard let identity = identity(entry) else { return nil }
            if let other = first[identity.id] {
                collector.error(
                    .duplicateIdentity,
                    "the identity \(Quoting.quote(entry.name.value)) is declared twice",
                    at: entry.name.location,
                    notes: ["first declared at \(other)", "both are \(identity.id)"]
                )
                return nil
            }
            first[identity.id] = entry.name.location
            if entry.isAbsent, let pattern = protected.first(where: { $0.matches(identity.id) }) {
                collector.error(
                    .deletesProtected,
                    "the identity \(Quoting.quote(entry.name.value)) cannot be deleted: it is protected",
                    at: entry.name.location,
                    notes: ["it matches \(Quoting.quote(pattern.description)) under 'protected'"]
                )
            }
            return identity
        }
    }

    private func identity(_ entry: IdentityEntry) -> DesiredIdentity? {
        let what = "identity \(Quoting.quote(entry.name.value))"
        let subscription = scopes.value(
            entry.subscription,
            \.subscription,
            "subscription",
            of: what,
            entry.origin
        )
        let group = scopes.value(
            entry.resourceGroup,
            \.resourceGroup,
            "resourceGroup",
            of: what,
            entry.origin
        )
        var location = entry.location.value ?? scopes.field(\.location).value
        if !entry.isAbsent {
            location = scopes.value(entry.location, \.location, "location", of: what, entry.origin)
        }
        guard let subscription, let group else { return nil }
        let tags = entry.isAbsent ? nil : Tags.merged(scopes.field(\.tags).value, entry.tags.value)
        if let tags, tags.count > Tags.most, (entry.tags.value?.count ?? 0) <= Tags.most {
            collector.error(
                .tagCount,
                "\(what) has \(tags.count) tags with those of 'defaults'; a resource has at most \(Tags.most)",
                at: entry.origin
            )
        }
        return DesiredIdentity(
            id: ResourceID(
                subscription: subscription,
                resourceGroup: group,
                kind: .userAssignedIdentity,
                name: entry.name.value
            ),
            location: location,
            tags: tags,
            presence: entry.isAbsent ? .absent : .present,
            origin: entry.origin
        )
    }

    private func machines(_ rules: inout MachineEntryRules) -> [DesiredMachine] {
        var first: [ResourceID: SourceLocation] = [:]
        return manifest.machines.compactMap { entry in
            let what = "virtual machine \(Quoting.quote(entry.name.value))"
            let subscription = scopes.value(
                entry.subscription,
                \.subscription,
                "subscription",
                of: what,
                entry.origin
            )
            let group = scopes.value(
                entry.resourceGroup,
                \.resourceGroup,
                "resourceGroup",
                of: what,
                entry.origin
            )
            // The references are checked even when the machine's own place is not known.
            let checked = rules.check(entry)
            guard let subscription, let group else { return nil }
            let id = ResourceID(
                subscription: subscription,
                resourceGroup: group,
                kind: .virtualMachine,
                name: entry.name.value
            )
            if let other = first[id] {
                collector.error(
                    .duplicateTarget,
                    "the \(what) has two entries",
                    at: entry.name.location,
                    notes: ["the other one is at \(other)", "put everything about it into one entry"]
                )
                return nil
            }
            first[id] = entry.name.location
            return DesiredMachine(
                id: id,
                systemAssigned: entry.systemAssigned.value,
                systemOrigin: entry.systemAssigned.located?.location,
                userAssigned: checked.userAssigned,
                remove: checked.remove,
                exclusive: entry.exclusive.value ?? false,
                ignore: (entry.ignore.value ?? []).map { GlobPattern($0.value) },
                removeDangling: checked.removeDangling,
                reattach: entry.reattach.value ?? false,
                origin: entry.origin
            )
        }
    }
}

/// Applies `defaults` to entries.
private struct ScopeResolver {
    private let defaults: Field<DefaultsEntry>
    private let collector: DiagnosticCollector

    init(_ defaults: Field<DefaultsEntry>, _ collector: DiagnosticCollector) {
        self.defaults = defaults
        self.collector = collector
    }

    /// A default; broken when the whole section is.
    func field<Value>(_ path: KeyPath<DefaultsEntry, Field<Value>>) -> Field<Value> {
        switch defaults {
        case .absent: .absent
        case .broken: .broken
        case .given(let entry): entry.value[keyPath: path]
        }
    }

    /// The entry's own value or the default; nil when there is none, which has then been reported.
    func value(
        _ own: Field<String>,
        _ path: KeyPath<DefaultsEntry, Field<String>>,
        _ name: String,
        of what: String,
        _ origin: SourceLocation
    ) -> String? {
        guard case .absent = own else { return own.value }
        let standard = field(path)
        if case .absent = standard {
            collector.error(
                .noDefault,
                "\(what) has no '\(name)'",
                at: origin,
                notes: ["add it here or under 'defaults'"]
            )
        }
        return standard.value
    }
}
