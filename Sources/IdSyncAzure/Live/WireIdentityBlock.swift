import Foundation
import IdSyncCore

/// The identity block of a VM or scale set as ARM sends it, in either shape.
///
/// Decoding is tolerant where ARM is loose and never loses an identity: absent, null and empty mean the same (F6),
/// both shapes are read whatever the api-version, a value that is not an object still counts as attached.
struct WireIdentityBlock: Decodable {
    let block: IdentityBlock
    /// The tenant, which goes with a system-assigned identity.
    let tenantID: String?
    /// Why nothing may be taken off: whose system-assigned identity it is cannot be told.
    let problem: String?

    private enum Key: String, CodingKey {
        case type, principalId, tenantId, userAssignedIdentities, identityIds
    }

    private struct Ids: Decodable {
        let clientId: String?
        let principalId: String?

        private enum Key: String, CodingKey { case clientId, principalId }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            clientId = try? container.decodeIfPresent(String.self, forKey: .clientId)
            principalId = try? container.decodeIfPresent(String.self, forKey: .principalId)
        }
    }

    /// Keeps a dictionary entry whatever its value is, and each of its ids whatever the other one is.
    private struct Loose: Decodable {
        let ids: Ids?

        init(from decoder: any Decoder) throws { ids = try? Ids(from: decoder) }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let type = try container.decodeIfPresent(String.self, forKey: .type)
        let map = try container.decodeIfPresent([String: Loose?].self, forKey: .userAssignedIdentities) ?? [:]
        let list = try container.decodeIfPresent([String?].self, forKey: .identityIds) ?? []
        var problem: String?
        var principal: String?
        do { principal = try container.decodeIfPresent(String.self, forKey: .principalId) } catch {
            problem = DecodingProblem.text(error)
        }
        self.problem = problem
        tenantID = try? container.decodeIfPresent(String.self, forKey: .tenantId)
        block = IdentityBlock(
            type: IdentityType(parsing: type),
            attached: map.map { id, value in
                AttachedIdentity(
                    spelling: id,
                    clientID: value?.ids?.clientId,
                    principalID: value?.ids?.principalId
                )
            } + list.compactMap { $0 }.map { AttachedIdentity(spelling: $0) },
            principalID: principal
        )
    }
}
