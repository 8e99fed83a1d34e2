import IdSyncCore

/// The identity block of a VM or scale set as the emulator keeps it.
struct MachineIdentity: Sendable, Equatable {
    /// A user-assigned identity on a machine, with the ids it had when it was attached.
    ///
    /// The entry is a copy, not a link: it stays when the identity is deleted or created again (FACTS section 1).
    struct Attachment: Sendable, Equatable {
        /// The id as the caller wrote it.
        var spelling: String
        var principalID: String?
        var clientID: String?
        /// Whether the operation that attaches it still runs; it then shows as `{}` (REC-VM).
        var isPending = false

        /// The folded id.
        var key: String { Folding.fold(spelling) }
    }

    /// Whether there is a system-assigned identity.
    var hasSystem = false
    /// The principal of the system-assigned identity.
    var principalID: String?
    /// Unique by key, in the order they were attached; a list of the array versions keeps it.
    var attached: [Attachment] = []
    /// A type that the state file spells in no known way, shown as it is until the next write (law 6).
    var foreignType: String?

    /// No identity at all.
    static let none = MachineIdentity()

    /// Whether a GET shows no `identity` member (REC-VM).
    var isEmpty: Bool { !hasSystem && attached.isEmpty && foreignType == nil }

    /// The type, with the blank or without.
    func typeText(_ spelling: EmulatorSettings.TypeSpelling) -> String {
        if let foreignType { return foreignType }
        let text = IdentityType.known(system: hasSystem, user: !attached.isEmpty).wireText
        return spelling == .compact ? text.filter { $0 != " " } : text
    }

    /// Ends the operation that attached the newest identities: their ids show from now on.
    mutating func settle() {
        for index in attached.indices { attached[index].isPending = false }
    }

    /// The block in the shape of a version, or nil when there is none to show.
    func rendered(shape: IdentityShape, settings: EmulatorSettings) -> JSONValue? {
        guard !isEmpty else { return nil }
        var block: [String: JSONValue] = ["type": .string(typeText(settings.typeSpelling))]
        if hasSystem {
            block["principalId"] = principalID.map(JSONValue.string) ?? .null
            block["tenantId"] = .string(settings.tenantID)
        }
        if !attached.isEmpty {
            switch shape {
            case .array:
                block["identityIds"] = .array(attached.map { .string(settings.cased($0.spelling)) })
            case .dictionary:
                let pairs = attached.map { (settings.cased($0.spelling), $0.rendered) }
                block["userAssignedIdentities"] = .object(Dictionary(pairs, uniquingKeysWith: { $1 }))
            }
        }
        return .object(block)
    }
}

extension MachineIdentity.Attachment {
    fileprivate var rendered: JSONValue {
        guard !isPending else { return [:] }
        return [
            "principalId": principalID.map(JSONValue.string) ?? .null,
            "clientId": clientID.map(JSONValue.string) ?? .null,
        ]
    }
}

extension EmulatorSettings {
    /// An identity id in the case that answers use.
    fileprivate func cased(_ id: String) -> String {
        switch idCase {
        case .asWritten: id
        case .lower: id.lowercased()
        case .upper: id.uppercased()
        }
    }
}
