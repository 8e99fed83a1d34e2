import IdSyncCore

/// A VM or scale set as the emulator keeps it.
struct MachineResource: Sendable, Equatable {
    /// The id as the creator spelled it.
    let id: ResourceID
    /// Everything but `id`, `name`, `type`, `identity`, `etag` and `properties.provisioningState`.
    var body: [String: JSONValue]
    var identity: MachineIdentity
    /// The number in the ETag; each write raises it by one (REC-VM).
    var etag: Int
    /// Nil shows none (F42).
    var provisioningState: String?
    /// The id of the operation that runs on it.
    var operation: String?

    var location: String { body["location"]?.string ?? "" }

    /// The ETag with its quotes, as header and body carry it.
    var etagText: String { "\"\(etag)\"" }

    /// Whether a scale set is of the Flexible kind, which takes no system-assigned identity (F48).
    var isFlexible: Bool {
        guard let mode = body["properties"]?["orchestrationMode"]?.string else { return false }
        return Folding.fold(mode) == "flexible"
    }

    /// The resource as a version of the api shows it.
    func rendered(apiVersion: String, settings: EmulatorSettings) -> JSONValue {
        let versions = APIVersions(compute: apiVersion)
        var shown = body
        shown["name"] = .string(id.name)
        shown["id"] = .string(id.description)
        shown["type"] = .string("\(id.kind.namespace)/\(id.kind.typeName)")
        var properties = body["properties"]?.object ?? [:]
        if let provisioningState { properties["provisioningState"] = .string(provisioningState) }
        if !versions.showsEncryption { Self.hideEncryptionIdentity(in: &properties) }
        shown["properties"] = .object(properties)
        shown["identity"] = identity.rendered(shape: versions.shape, settings: settings)
        if versions.hasETag, settings.etags { shown["etag"] = .string(etagText) }
        return .object(shown)
    }

    /// Versions before 2023-09-01 do not know the field (FACTS section 3); a scale set has it in the model of its
    /// instances.
    private static func hideEncryptionIdentity(in properties: inout [String: JSONValue]) {
        if var model = properties["virtualMachineProfile"]?.object {
            hideEncryptionIdentity(in: &model)
            properties["virtualMachineProfile"] = .object(model)
        }
        guard var profile = properties["securityProfile"]?.object, profile["encryptionIdentity"] != nil
        else { return }
        profile["encryptionIdentity"] = nil
        properties["securityProfile"] = .object(profile)
    }
}

extension JSONValue {
    /// JSON merge patch (RFC 7396): members merge, null removes, everything else replaces.
    func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = object ?? [:]
        for (name, change) in changes {
            members[name] = change == .null ? JSONValue?.none : (members[name] ?? [:]).merged(with: change)
        }
        return .object(members)
    }
}
