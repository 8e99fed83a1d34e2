import YAMLDocument

/// What one manifest file says, before names are resolved and files are merged.
struct ManifestFile: Sendable {
    var sections: [Section] = []
    var cloud: Field<Cloud> = .absent
    var apiVersions: Field<APIVersions> = .absent
    var defaults: Field<DefaultsEntry> = .absent
    var limits: Field<Limits> = .absent
    var protected: [Located<String>] = []
    var identities: [IdentityEntry] = []
    var machines: [MachineEntry] = []
    /// Whether an identity may be missing from `identities` because its entry could not be read.
    var isIncomplete = false

    /// A section that all files together may give once.
    struct Section: Sendable {
        let name: String
        let node: Node
        let location: SourceLocation
    }
}

/// The section `defaults`.
struct DefaultsEntry: Sendable {
    let subscription: Field<String>
    let resourceGroup: Field<String>
    let location: Field<String>
    let tags: Field<[String: String]>
}

/// An entry of `identities`.
struct IdentityEntry: Sendable {
    let name: Located<String>
    let subscription: Field<String>
    let resourceGroup: Field<String>
    let location: Field<String>
    let tags: Field<[String: String]>
    let isAbsent: Bool
    let origin: SourceLocation
}

/// An entry of `virtualMachines`.
struct MachineEntry: Sendable {
    let name: Located<String>
    let subscription: Field<String>
    let resourceGroup: Field<String>
    let systemAssigned: Field<Bool>
    let userAssigned: Field<[Located<String>]>
    let remove: Field<[Located<String>]>
    let exclusive: Field<Bool>
    let ignore: Field<[Located<String>]>
    let reattach: Field<Bool>
    /// Whether the entry says nothing that could change a machine.
    let asksNothing: Bool
    let origin: SourceLocation
}
