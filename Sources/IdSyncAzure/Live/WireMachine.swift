import Foundation
import IdSyncCore

/// The slice of a VM or scale set that idsync reads; everything else in the answer is skipped.
struct WireMachine: WireResource {
    let machine: LiveMachine
    var id: ResourceID { machine.id }

    private enum Key: String, CodingKey { case id, identity, etag, managedBy, properties }

    private struct Properties: Decodable {
        struct SecurityProfile: Decodable {
            struct EncryptionIdentity: Decodable { let userAssignedIdentityResourceId: String? }
            let encryptionIdentity: EncryptionIdentity?
        }
        let provisioningState: String?
        let securityProfile: SecurityProfile?
    }

    private init(_ machine: LiveMachine) { self.machine = machine }

    func withETag(_ etag: String?) -> WireMachine {
        guard machine.etag == nil, let etag else { return self }
        return WireMachine(
            LiveMachine(
                id: machine.id,
                block: machine.block,
                etag: etag,
                provisioningState: machine.provisioningState,
                managedBy: machine.managedBy,
                encryptionIdentityKey: machine.encryptionIdentityKey
            )
        )
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
        let properties = try? container.decodeIfPresent(Properties.self, forKey: .properties)
        let encryption = properties?.securityProfile?.encryptionIdentity?.userAssignedIdentityResourceId
        machine = LiveMachine(
            id: id,
            block: try container.decodeIfPresent(WireIdentityBlock.self, forKey: .identity)?.block ?? .empty,
            etag: try? container.decodeIfPresent(String.self, forKey: .etag),
            provisioningState: properties?.provisioningState,
            managedBy: (try? container.decodeIfPresent(String.self, forKey: .managedBy)).flatMap {
                $0.isEmpty ? nil : $0
            },
            encryptionIdentityKey: encryption.map { AttachedIdentity(spelling: $0).key }
        )
    }
}
