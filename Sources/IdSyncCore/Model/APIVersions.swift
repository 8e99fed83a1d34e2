/// The api-versions that requests carry, and what follows from them.
package struct APIVersions: Sendable, Hashable {
    /// Microsoft.Compute; default `2024-07-01`.
    package let compute: String
    /// Microsoft.ManagedIdentity; default `2023-01-31`.
    package let managedIdentity: String
    /// Microsoft.Authorization; default `2022-04-01`.
    package let authorization: String

    /// Makes a set of versions; each is `YYYY-MM-DD` or `YYYY-MM-DD-preview`.
    package init(
        compute: String = "2024-07-01",
        managedIdentity: String = "2023-01-31",
        authorization: String = "2022-04-01"
    ) {
        self.compute = compute
        self.managedIdentity = managedIdentity
        self.authorization = authorization
    }

    /// How the Compute version spells user-assigned identities.
    ///
    /// The dictionary came with 2018-06-01; 2018-04-01 still has the array (SPEC).
    package var shape: IdentityShape { compute.prefix(10) >= "2018-06-01" ? .dictionary : .array }

    /// Whether the Compute version has ETags and `If-Match` (SPEC: first in 2023-09-01).
    package var hasETag: Bool { compute.prefix(10) >= "2023-09-01" }

    /// Whether the Compute version shows which identity encrypts the disks (FACTS section 3: from 2023-09-01 on).
    package var showsEncryption: Bool { compute.prefix(10) >= Self.firstWithEncryption.prefix(10) }

    /// The first Compute version that shows which identity encrypts the disks: the one that most clouds have.
    package static let firstWithEncryption = "2023-09-01"

    /// The version for a resource kind.
    package func version(for kind: ResourceKind) -> String {
        kind == .userAssignedIdentity ? managedIdentity : compute
    }
}

/// The two shapes of the identity block on the wire.
package enum IdentityShape: Sendable, Hashable, CaseIterable {
    /// `identityIds: [id]`, where a PATCH replaces the whole list (up to 2018-04-01).
    case array
    /// `userAssignedIdentities: {id: {}}`, where a PATCH merges and null removes (from 2018-06-01).
    case dictionary
}
