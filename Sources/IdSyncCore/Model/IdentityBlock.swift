/// The `identity.type` of a VM or scale set as a set of two flags.
///
/// ARM spells the pair with and without a blank and in several cases; it is parsed as a set
/// (FACTS section 3, F5).
package enum IdentityType: Sendable, Hashable {
    case known(system: Bool, user: Bool)
    /// A token that idsync does not know: nothing may be written to that target (law 6).
    case unknown(String)

    /// No identity at all: `type` absent, null or `None`.
    package static let none = IdentityType.known(system: false, user: false)

    /// Parses what ARM sent; nil and blank mean `None`.
    package init(parsing text: String?) {
        var system = false
        var user = false
        for part in (text ?? "").split(separator: ",") {
            switch Folding.location(String(part)) {
            case "systemassigned": system = true
            case "userassigned": user = true
            case "none", "": break
            default:
                self = .unknown(text ?? "")
                return
            }
        }
        self = .known(system: system, user: user)
    }

    /// Whether a system-assigned identity is on; false for an unknown type.
    package var hasSystem: Bool {
        if case .known(true, _) = self { true } else { false }
    }

    /// Whether the type claims user-assigned identities; false for an unknown type.
    package var hasUser: Bool {
        if case .known(_, true) = self { true } else { false }
    }

    /// The spelling that Compute documents, with the blank (SPEC ResourceIdentityType).
    package var wireText: String {
        switch self {
        case .known(false, false): "None"
        case .known(true, false): "SystemAssigned"
        case .known(false, true): "UserAssigned"
        case .known(true, true): "SystemAssigned, UserAssigned"
        case .unknown(let text): text
        }
    }
}

/// One user-assigned identity that a VM or scale set carries.
package struct AttachedIdentity: Sendable, Hashable {
    /// The key exactly as ARM returned it; a removal must send this spelling (F3).
    package let spelling: String
    /// The parsed id, or nil for a foreign key that does not parse and is kept opaque (F2).
    package let id: ResourceID?
    /// The client id that the VM reports for it; nil while it is being attached or when it dangles.
    package let clientID: String?
    /// The principal id that the VM reports for it; nil as above.
    package let principalID: String?
    /// The folded id: how attached identities are matched.
    package let key: String

    /// Makes an attached identity from ARM's spelling.
    package init(spelling: String, clientID: String? = nil, principalID: String? = nil) {
        self.spelling = spelling
        self.clientID = clientID
        self.principalID = principalID
        id = try? ResourceID(parsing: spelling)
        key = id?.key ?? Folding.fold(spelling)
    }

    /// Makes an attached identity from an id that is known, in the canonical spelling.
    package init(_ id: ResourceID) {
        spelling = id.description
        clientID = nil
        principalID = nil
        self.id = id
        key = id.key
    }

    /// The canonical spelling for display and JSON, or ARM's own text when it does not parse.
    package var display: String { id?.description ?? spelling }
}

/// The canonical identity block of a VM or scale set.
package struct IdentityBlock: Sendable, Hashable {
    /// The type flags.
    package let type: IdentityType
    /// The user-assigned identities, unique by key and sorted by key.
    package let attached: [AttachedIdentity]
    /// The principal of the system-assigned identity, if any.
    package let principalID: String?

    /// Makes a block; entries that differ only in case are folded into the first.
    package init(type: IdentityType, attached: [AttachedIdentity] = [], principalID: String? = nil) {
        var seen: Set<String> = []
        self.type = type
        self.attached = attached.filter { seen.insert($0.key).inserted }.sorted { $0.key < $1.key }
        self.principalID = principalID
    }

    /// The block of a VM without any identity.
    package static let empty = IdentityBlock(type: .none)
}
