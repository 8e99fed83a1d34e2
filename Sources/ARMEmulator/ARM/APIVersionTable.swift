import IdSyncCore

/// Which api-versions the emulator serves, and what they show.
enum APIVersionTable {
    /// Stable Compute versions with VMs (FACTS section 2.2; the 20 up to 2024-03-01 are those of SPEC).
    static let compute = [
        "2017-12-01", "2018-04-01", "2018-06-01", "2018-10-01", "2019-03-01", "2019-07-01", "2019-12-01",
        "2020-06-01", "2020-12-01", "2021-03-01", "2021-04-01", "2021-07-01", "2021-11-01", "2022-03-01",
        "2022-08-01", "2022-11-01", "2023-03-01", "2023-07-01", "2023-09-01", "2024-03-01", "2024-07-01",
        "2024-11-01", "2025-04-01", "2025-11-01", "2026-03-01", "2026-04-01",
    ]

    /// ManagedIdentity versions (FACTS section 2.1).
    static let managedIdentity = [
        "2015-08-31-preview", "2018-11-30", "2021-09-30-preview", "2022-01-31-preview", "2023-01-31",
        "2023-07-31-preview", "2024-11-30", "2025-01-31-preview", "2025-05-31-preview", "2026-04-30",
        "2026-05-31",
    ]

    /// Writable identity properties with the versions that know them (FACTS section 2.1).
    private static let identityProperties: [String: @Sendable (String) -> Bool] = [
        "isolationScope": { $0.prefix(10) >= "2024-11-30" },
        "assignmentRestrictions": { ["2025-05-31-preview", "2026-05-31"].contains($0) },
    ]

    /// The names of the writable properties.
    static var identityPropertyNames: [String] { identityProperties.keys.sorted() }

    /// Whether a version knows a writable property of an identity; an older one hides it and cannot write it.
    static func shows(identityProperty name: String, in version: String) -> Bool {
        identityProperties[name]?(version) ?? false
    }

    /// Checks the `api-version` of a request; a nil kind accepts every well-formed version.
    ///
    /// - Throws: `ARMFailure` with status 400.
    static func check(_ version: String?, kind: ResourceKind?) throws(ARMFailure) -> String {
        guard let given = version, !given.isEmpty else { throw .missingVersion }
        let version = Folding.fold(given)
        guard isWellFormed(version) else { throw .invalidVersion(version) }
        guard let kind else { return version }
        let supported = kind == .userAssignedIdentity ? managedIdentity : compute
        guard supported.contains(version) else {
            throw .unregistered(version, type: kind.typeName, supported: supported)
        }
        return version
    }

    private static func isWellFormed(_ version: String) -> Bool {
        let parts = version.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4 && parts[3] == "preview" else { return false }
        return zip(parts, [4, 2, 2]).allSatisfy { part, length in
            part.count == length && part.allSatisfy { $0.isASCII && $0.isNumber }
        }
    }
}
