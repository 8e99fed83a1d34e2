package import Foundation

/// A plan with where and from what it was made: what `plan` saves and `apply` checks against.
package struct PlanDocument: Sendable, Equatable {
    /// The plan.
    package let plan: Plan
    /// When it was made; not part of the digest.
    package let createdAt: Date
    /// The version of idsync that made it.
    package let toolVersion: String
    /// The manifest files that it was made from.
    package let manifest: ManifestDigest
    /// The Azure, or emulator, that it was made against.
    package let target: PlanTarget
    /// The limits that flags set; nil members were not given.
    package let options: PlanOptions
    /// What the manifest reader had to say; not part of the digest.
    package let diagnostics: [Diagnostic]
    /// The digest that `--expect-plan` and the saved plan are checked by, `sha256:…`.
    ///
    /// Made once: text, document and report all show it, and a large plan takes a while to digest.
    package private(set) var digest = ""

    /// Makes a document.
    package init(
        plan: Plan,
        createdAt: Date,
        toolVersion: String,
        manifest: ManifestDigest,
        target: PlanTarget,
        options: PlanOptions = PlanOptions(),
        diagnostics: [Diagnostic] = []
    ) {
        self.plan = plan
        self.createdAt = createdAt
        self.toolVersion = toolVersion
        self.manifest = manifest
        self.target = target
        self.options = options
        self.diagnostics = diagnostics
        digest = PlanDigest.digest(of: undigestedJSON)
    }

    /// The whole document of DESIGN section 7, digest included.
    package var json: JSONValue {
        var members = undigestedJSON.object ?? [:]
        members["digest"] = .string(digest)
        return .object(members)
    }
}

/// The manifest files of a plan and one digest over all of them.
package struct ManifestDigest: Sendable, Equatable {
    /// One manifest file.
    package struct File: Sendable, Equatable {
        /// The path as the user named it.
        package let path: String
        /// `sha256:…` of its bytes.
        package let digest: String

        /// Makes an entry from a digest that is known.
        package init(path: String, digest: String) {
            self.path = path
            self.digest = digest
        }

        /// Makes an entry from the bytes of the file.
        package init(path: String, contents: Data) {
            self.init(path: path, digest: SHA256.tagged(contents))
        }
    }

    /// The files, sorted by path.
    package let files: [File]
    /// `sha256:…` over the sorted paths and digests; a renamed file is a changed manifest.
    package let digest: String

    /// Makes a digest; the order of the files does not matter.
    package init(files: [File]) {
        let sorted = files.sorted { ($0.path, $0.digest) < ($1.path, $1.digest) }
        let canonical = JSONValue.array(sorted.map { [.string($0.path), .string($0.digest)] })
        self.files = sorted
        digest = SHA256.tagged(canonical.canonicalData())
    }
}

/// The limits that the command line set for a plan, in the words of the user (`5`, `25%`).
package struct PlanOptions: Sendable, Equatable {
    /// `--max-deletes`.
    package let maxDeletes: String?
    /// `--max-unassigns`.
    package let maxUnassigns: String?

    /// `--skip-blocked`: what is blocked is left out instead of refusing the whole plan.
    package let skipBlocked: Bool

    /// Makes a set of options; nil means that the flag was not given.
    package init(maxDeletes: String? = nil, maxUnassigns: String? = nil, skipBlocked: Bool = false) {
        self.maxDeletes = maxDeletes
        self.maxUnassigns = maxUnassigns
        self.skipBlocked = skipBlocked
    }
}

/// Where a plan was made, so that `apply` goes to the same place; never holds a secret.
package struct PlanTarget: Sendable, Equatable, CustomStringConvertible {
    /// The cloud name, such as `AzureCloud`.
    package let cloud: String
    /// The ARM base URL of the cloud.
    package let resourceManager: String
    /// The `--endpoint` that replaced it, if any.
    package let endpoint: String?
    /// The `--emulator` state file, if any.
    package let emulator: String?

    /// Makes a target; user, password, query and fragment of the URLs are dropped, since they can hold a secret.
    package init(cloud: String, resourceManager: String, endpoint: String? = nil, emulator: String? = nil) {
        self.cloud = cloud
        self.resourceManager = Self.withoutSecrets(resourceManager)
        self.endpoint = endpoint.map(Self.withoutSecrets)
        self.emulator = emulator
    }

    /// For people: the cloud and what replaces its endpoint.
    package var description: String {
        var parts = ["cloud \(cloud)"]
        if cloud == "custom" { parts.append(resourceManager) }
        if let endpoint { parts.append("endpoint \(endpoint)") }
        if let emulator { parts.append("emulator \(emulator)") }
        return parts.joined(separator: "  ")
    }

    /// For the first line of a plan: the cloud and where its requests go.
    package var heading: String {
        if let emulator { return "\(cloud)  emulator \(emulator)" }
        return "\(cloud)  \(endpoint ?? resourceManager)"
    }

    /// Works on any text, a URL or not, so that nothing slips through because it does not parse.
    private static func withoutSecrets(_ url: String) -> String {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = path.range(of: "://") else { return String(path) }
        let rest = path[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return String(path) }
        return String(path[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}
