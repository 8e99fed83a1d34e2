import YAMLDocument

/// Turns the tree of one file into what it says; goes on after a mistake, and reports every one.
struct ManifestDecoder {
    private let collector: DiagnosticCollector

    init(_ collector: DiagnosticCollector) { self.collector = collector }

    /// Decodes one file.
    func decode(_ root: Node) -> ManifestFile {
        guard let reader = FieldReader(root, as: ManifestFields.object, collector) else {
            return ManifestFile(isIncomplete: true)
        }
        reader.checkConstant(ManifestFields.version)
        reader.checkText(ManifestFields.schema)
        let single = [
            ManifestFields.cloud, ManifestFields.apiVersions, ManifestFields.defaults, ManifestFields.limits,
        ]
        var file = ManifestFile()
        file.sections = single.compactMap { field in
            reader.pair(field).map { .init(name: field.name, node: $0.value, location: $0.keyLocation) }
        }
        file.cloud = cloud(reader)
        file.apiVersions = apiVersions(reader)
        file.defaults = defaults(reader)
        file.limits = limits(reader)
        file.protected = reader.texts(ManifestFields.protected).value ?? []
        let identities = reader.objects(ManifestFields.identities)
        let entries = identities.value ?? []
        file.identities = entries.compactMap(identity)
        file.isIncomplete =
            identities.isBroken || file.identities.count < reader.elementCount(ManifestFields.identities)
        file.machines = (reader.objects(ManifestFields.virtualMachines).value ?? []).compactMap(machine)
        return file
    }

    private func identity(_ reader: FieldReader) -> IdentityEntry? {
        let state = reader.text(IdentityFields.state)
        let name = reader.text(IdentityFields.name)
        let subscription = reader.text(IdentityFields.subscription)
        let resourceGroup = reader.text(IdentityFields.resourceGroup)
        let location = reader.text(IdentityFields.location)
        let tags = reader.tags(IdentityFields.tags)
        guard let name = name.located else { return nil }
        return IdentityEntry(
            name: name,
            subscription: subscription,
            resourceGroup: resourceGroup,
            location: location,
            tags: tags,
            isAbsent: state.value == "absent",
            origin: reader.location
        )
    }

    private func machine(_ reader: FieldReader) -> MachineEntry? {
        let name = reader.text(MachineFields.name)
        let subscription = reader.text(MachineFields.subscription)
        let resourceGroup = reader.text(MachineFields.resourceGroup)
        let systemAssigned = reader.flag(MachineFields.systemAssigned)
        let userAssigned = reader.texts(MachineFields.userAssigned)
        let remove = reader.texts(MachineFields.remove)
        let exclusive = reader.flag(MachineFields.exclusive)
        let ignore = reader.texts(MachineFields.ignore)
        let reattach = reader.flag(MachineFields.reattach)
        guard let name = name.located else { return nil }
        let hasLists =
            !reader.isEmptyOrAbsent(MachineFields.userAssigned)
            || !reader.isEmptyOrAbsent(MachineFields.remove)
        return MachineEntry(
            name: name,
            subscription: subscription,
            resourceGroup: resourceGroup,
            systemAssigned: systemAssigned,
            userAssigned: userAssigned,
            remove: remove,
            exclusive: exclusive,
            ignore: ignore,
            reattach: reattach,
            asksNothing: !hasLists && !reader.hasUnknownKeys
                && reader.pair(MachineFields.systemAssigned) == nil
                && (exclusive.value ?? exclusive.isBroken) == false,
            origin: reader.location
        )
    }
}

// The sections that all files together may give once.
extension ManifestDecoder {
    private func cloud(_ reader: FieldReader) -> Field<Cloud> {
        guard reader.isMapping(ManifestFields.cloud) else {
            return reader.text(ManifestFields.cloud).flatMap { name in
                Cloud.named.first { $0.name == name }
            }
        }
        return reader.object(ManifestFields.cloud).flatMap { cloud in
            let resourceManager = cloud.text(CustomCloudFields.resourceManager).value
            let authority = cloud.text(CustomCloudFields.authority).value
            let audience = cloud.text(CustomCloudFields.audience).value
            guard let resourceManager, let authority, let audience else { return nil }
            return Cloud(
                name: "custom",
                resourceManager: resourceManager,
                authority: authority,
                audience: audience
            )
        }
    }

    private func apiVersions(_ reader: FieldReader) -> Field<APIVersions> {
        reader.object(ManifestFields.apiVersions).flatMap { versions in
            let standard = APIVersions()
            return APIVersions(
                compute: versions.text(APIVersionFields.compute).value ?? standard.compute,
                managedIdentity: versions.text(APIVersionFields.managedIdentity).value
                    ?? standard.managedIdentity,
                authorization: versions.text(APIVersionFields.authorization).value ?? standard.authorization
            )
        }
    }

    private func defaults(_ reader: FieldReader) -> Field<DefaultsEntry> {
        reader.object(ManifestFields.defaults).flatMap { defaults in
            DefaultsEntry(
                subscription: defaults.text(DefaultFields.subscription),
                resourceGroup: defaults.text(DefaultFields.resourceGroup),
                location: defaults.text(DefaultFields.location),
                tags: defaults.tags(DefaultFields.tags)
            )
        }
    }

    private func limits(_ reader: FieldReader) -> Field<Limits> {
        reader.object(ManifestFields.limits).flatMap { limits in
            let standard = Limits()
            return Limits(
                deletes: limits.limit(LimitFields.deletes).value ?? standard.deletes,
                unassigns: limits.limit(LimitFields.unassigns).value ?? standard.unassigns
            )
        }
    }
}
