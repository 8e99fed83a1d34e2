import Foundation
import IdSyncCore

/// A user-assigned identity as ARM sends it.
///
/// Its ids tell whether idsync itself runs as it, so an answer in which they have another type is not taken.
struct WireIdentity: WireResource {
    let identity: LiveIdentity
    var id: ResourceID { identity.id }

    private enum Key: String, CodingKey { case id, location, tags, properties }

    private struct Properties: Decodable {
        let clientId: String?
        let principalId: String?
        let tenantId: String?
    }

    /// Identities have no ETag in any version (FACTS section 1.6).
    func withETag(_ etag: String?) -> WireIdentity { self }

    func sharing(_ pool: inout AttachedPool) -> WireIdentity { self }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let text = try container.decode(String.self, forKey: .id)
        guard let id = try? ResourceID(parsing: text), id.kind == .userAssignedIdentity else {
            throw DecodingError.dataCorruptedError(
                forKey: .id,
                in: container,
                debugDescription: "'\(text)' is not the id of a user-assigned identity"
            )
        }
        let properties = try container.decodeIfPresent(Properties.self, forKey: .properties)
        identity = LiveIdentity(
            id: id,
            location: try container.decodeIfPresent(String.self, forKey: .location) ?? "",
            tags: try container.decodeIfPresent([String: String?].self, forKey: .tags)?.compactMapValues {
                $0
            } ?? [:],
            clientID: properties?.clientId,
            principalID: properties?.principalId,
            tenantID: properties?.tenantId
        )
    }
}
