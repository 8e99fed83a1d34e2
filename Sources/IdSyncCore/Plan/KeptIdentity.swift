/// An identity on a touched VM that stays, and why.
package struct KeptIdentity: Sendable, Equatable {
    /// Whether it is the system-assigned identity or a user-assigned one.
    package enum Kind: String, Sendable, Equatable { case system, user }

    /// Which kind of identity.
    package let kind: Kind
    /// The full id in canonical form, or ARM's text for one that does not parse; nil for the system identity.
    package let id: String?
    /// Why it stays: `declared`, `system`, `unmanaged`, `protected`, `ignored`, or a known writer.
    package let why: String

    /// Makes an entry.
    package init(kind: Kind, id: String?, why: String) {
        self.kind = kind
        self.id = id
        self.why = why
    }
}

/// Well-known services that attach identities on their own, recognised by the name they give.
package enum KnownWriter {
    /// The writer's name, or nil for a name that nobody known gives.
    ///
    /// Sources: F15 (`Built-In-Identity-*` by Azure Policy), DESIGN section 3 (`AzSecPackAutoConfigUA-*`), AKS
    /// names its node identity `*-agentpool` in an `MC_*` group (F50).
    package static func name(of id: ResourceID) -> String? {
        let name = Folding.fold(id.name)
        if name.hasPrefix("built-in-identity-") { return "azure-policy" }
        if name.hasPrefix("azsecpackautoconfigua-") { return "azure-security" }
        if name.hasSuffix("-agentpool"), Folding.fold(id.resourceGroup).hasPrefix("mc_") { return "aks" }
        return nil
    }
}
