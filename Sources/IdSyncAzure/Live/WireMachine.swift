import Foundation
import IdSyncCore

/// The slice of a VM or scale set that idsync reads; everything else in the answer is skipped.
///
/// Each member is decoded on its own, so that one of an odd type hides no other; one that decides about removals and
/// cannot be understood becomes the machine's doubt.
struct WireMachine: WireResource {
    let machine: LiveMachine
    var id: ResourceID { machine.id }

    private enum Key: String, CodingKey { case id, identity, etag, managedBy, properties }

    /// Makes a machine of what was put together from several answers.
    init(_ machine: LiveMachine) { self.machine = machine }

    func withETag(_ etag: String?) -> WireMachine { WireMachine(machine.with(etag: etag)) }

    func sharing(_ pool: inout AttachedPool) -> WireMachine {
        WireMachine(machine.with(block: pool.sharing(machine.block)))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let text = try container.decode(String.self, forKey: .id)
        let id: ResourceID
        do {
            id = try ResourceID(parsing: text)
        } catch let error {
            throw DecodingError.dataCorruptedError(
                forKey: .id,
                in: container,
                debugDescription: "'\(text)': \(error)"
            )
        }
        let identity = try container.decodeIfPresent(WireIdentityBlock.self, forKey: .identity)
        let properties = WireProperties(container, .properties)
        let problem = properties.problem ?? identity?.problem
        machine = LiveMachine(
            id: id,
            block: identity?.block ?? .empty,
            etag: ETag.usable(try? container.decodeIfPresent(String.self, forKey: .etag)),
            provisioningState: properties.provisioningState,
            managedBy: (try? container.decodeIfPresent(String.self, forKey: .managedBy)).flatMap {
                $0.isEmpty ? nil : $0
            },
            tenantID: identity?.tenantID,
            encryptionIdentityKey: properties.encryptionIdentity.map { AttachedIdentity(spelling: $0).key },
            isEncryptionSeen: properties.encryptionIdentity != nil,
            doubt: problem.map { ReadFailure(kind: .malformed, message: $0) }
        )
    }
}

/// What `properties` of a machine says about removals.
private struct WireProperties {
    private(set) var provisioningState: String?
    private(set) var encryptionIdentity: String?
    /// The first member that could not be understood.
    private(set) var problem: String?

    private enum Key: String, CodingKey { case provisioningState, securityProfile, virtualMachineProfile }
    private enum ModelKey: String, CodingKey { case securityProfile }
    private enum ProfileKey: String, CodingKey { case encryptionIdentity }
    private enum EncryptionKey: String, CodingKey { case userAssignedIdentityResourceId }

    init<Outer: CodingKey>(_ outer: KeyedDecodingContainer<Outer>, _ key: Outer) {
        guard let container = nested(Key.self, in: outer, key) else { return }
        provisioningState = attempt { try container.decodeIfPresent(String.self, forKey: .provisioningState) }
        encryptionIdentity = encryption(in: container, .securityProfile)
        // A scale set has its profile in the model of its instances (SPEC VirtualMachineScaleSetVMProfile).
        guard let model = nested(ModelKey.self, in: container, .virtualMachineProfile) else { return }
        encryptionIdentity = encryptionIdentity ?? encryption(in: model, .securityProfile)
    }

    private mutating func encryption<Outer: CodingKey>(
        in outer: KeyedDecodingContainer<Outer>,
        _ key: Outer
    ) -> String? {
        guard let profile = nested(ProfileKey.self, in: outer, key),
            let identity = nested(EncryptionKey.self, in: profile, .encryptionIdentity)
        else { return nil }
        return attempt {
            try identity.decodeIfPresent(String.self, forKey: .userAssignedIdentityResourceId)
        }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The members of an object; nil when there is none, or when it is no object, which is a problem.
    private mutating func nested<Inner: CodingKey, Outer: CodingKey>(
        _ type: Inner.Type,
        in outer: KeyedDecodingContainer<Outer>,
        _ key: Outer
    ) -> KeyedDecodingContainer<Inner>? {
        attempt {
            guard outer.contains(key), try !outer.decodeNil(forKey: key) else { return nil }
            return try outer.nestedContainer(keyedBy: type, forKey: key)
        }
    }

    private mutating func attempt<Value>(_ decode: () throws -> Value?) -> Value? {
        do { return try decode() } catch {
            problem = problem ?? DecodingProblem.text(error)
            return nil
        }
    }
}
