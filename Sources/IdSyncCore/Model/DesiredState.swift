package import YAMLDocument

/// The manifest after resolution: names are ids, defaults are applied, everything is canonical and sorted.
package struct DesiredState: Sendable, Equatable {
    /// The identities, sorted by id.
    package let identities: [DesiredIdentity]
    /// The VMs (and scale sets), sorted by id.
    package let machines: [DesiredMachine]
    /// Patterns of identities that are never detached or deleted.
    package let protected: [GlobPattern]
    /// How much one plan may remove.
    package let limits: Limits
    /// The cloud that the manifest addresses.
    package let cloud: Cloud
    /// The api-versions to use.
    package let apiVersions: APIVersions
    /// The subscriptions that the manifest's defaults and targets name, sorted and folded.
    package let subscriptions: [String]

    /// Makes a state; identities and machines are sorted here so that order in the file never matters.
    package init(
        identities: [DesiredIdentity] = [],
        machines: [DesiredMachine] = [],
        protected: [GlobPattern] = [],
        limits: Limits = Limits(),
        cloud: Cloud = .azureCloud,
        apiVersions: APIVersions = APIVersions()
    ) {
        self.identities = identities.sorted { $0.id < $1.id }
        self.machines = machines.sorted { $0.id < $1.id }
        self.protected = protected
        self.limits = limits
        self.cloud = cloud
        self.apiVersions = apiVersions
        let named = identities.map(\.id.subscription) + machines.map(\.id.subscription)
        subscriptions = Set(named.map(Folding.fold)).sorted()
    }
}

/// A user-assigned identity that the manifest declares.
package struct DesiredIdentity: Sendable, Equatable {
    /// Whether the identity is to exist.
    package enum Presence: Sendable, Equatable { case present, absent }

    /// The identity.
    package let id: ResourceID
    /// The location as written; nil only for an absent identity.
    package let location: String?
    /// The tags to have; nil leaves tags alone, tags that are not named are kept.
    package let tags: [String: String]?
    /// Whether the identity is to exist.
    package let presence: Presence
    /// The place that declared it.
    package let origin: SourceLocation

    /// Makes a declared identity.
    package init(
        id: ResourceID,
        location: String?,
        tags: [String: String]? = nil,
        presence: Presence = .present,
        origin: SourceLocation
    ) {
        self.id = id
        self.location = location
        self.tags = tags
        self.presence = presence
        self.origin = origin
    }
}

/// An identity that a VM entry names, with the place that named it.
package struct IdentityReference: Sendable, Equatable {
    /// The identity.
    package let id: ResourceID
    /// The place of the reference.
    package let origin: SourceLocation

    /// Makes a reference.
    package init(id: ResourceID, origin: SourceLocation) {
        self.id = id
        self.origin = origin
    }
}

/// A VM (or scale set) and the identities that the manifest asks for on it.
package struct DesiredMachine: Sendable, Equatable {
    /// The VM or scale set.
    package let id: ResourceID
    /// True or false sets the system-assigned identity; nil leaves it as it is.
    package let systemAssigned: Bool?
    /// Where `systemAssigned` stands, when it is given.
    package let systemOrigin: SourceLocation?
    /// Identities to have, sorted by id.
    package let userAssigned: [IdentityReference]
    /// Identities to take off, sorted by id.
    package let remove: [IdentityReference]
    /// Whether `userAssigned` is the exact set.
    package let exclusive: Bool
    /// With `exclusive`: patterns of identities that stay all the same.
    package let ignore: [GlobPattern]
    /// Whether identities that no longer exist are taken off (`remove: [dangling]`, F25).
    package let removeDangling: Bool
    /// Whether identities that were deleted and made anew are taken off and put on again (F26).
    package let reattach: Bool
    /// The place of the entry.
    package let origin: SourceLocation

    /// Makes an entry; references are sorted here.
    package init(
        id: ResourceID,
        systemAssigned: Bool? = nil,
        systemOrigin: SourceLocation? = nil,
        userAssigned: [IdentityReference] = [],
        remove: [IdentityReference] = [],
        exclusive: Bool = false,
        ignore: [GlobPattern] = [],
        removeDangling: Bool = false,
        reattach: Bool = false,
        origin: SourceLocation
    ) {
        self.id = id
        self.systemAssigned = systemAssigned
        self.systemOrigin = systemOrigin
        self.userAssigned = userAssigned.sorted { $0.id < $1.id }
        self.remove = remove.sorted { $0.id < $1.id }
        self.exclusive = exclusive
        self.ignore = ignore
        self.removeDangling = removeDangling
        self.reattach = reattach
        self.origin = origin
    }
}

/// How much one plan may remove before it is blocked.
package struct Limits: Sendable, Equatable {
    /// The counts that a limit may state.
    package static let counts = 0...1_000_000_000

    /// A limit as a count, a share, or both; both are checked.
    package struct Limit: Sendable, Equatable {
        /// The largest count allowed.
        package let count: Int?
        /// The largest share allowed, in percent of what is there.
        package let percent: Int?
        /// Where the manifest says so; nil for the default or a flag.
        package let origin: SourceLocation?

        /// Makes a limit.
        package init(count: Int? = nil, percent: Int? = nil, origin: SourceLocation? = nil) {
            self.count = count
            self.percent = percent
            self.origin = origin
        }
    }

    /// Identity deletions per plan.
    package let deletes: Limit
    /// Identities taken off VMs per plan, system-assigned ones included.
    package let unassigns: Limit

    /// Makes limits; the defaults are those of DESIGN section 2.
    package init(deletes: Limit = Limit(count: 10), unassigns: Limit = Limit(count: 100)) {
        self.deletes = deletes
        self.unassigns = unassigns
    }
}
