import Foundation
import IdSyncCore

/// One GET of one resource, for the reader and for the executor's look right before and after a write.
struct SingleRead: Sendable {
    let client: ARMClient
    let apiVersions: APIVersions

    /// What a GET gave: the lookup, and the failure that it stands for.
    struct Outcome<Wire: Sendable & Equatable>: Sendable {
        let lookup: Lookup<Wire>
        let failure: ARMFailure?
    }

    func get<Wire: WireResource>(_ id: ResourceID, as type: Wire.Type) async -> Outcome<Wire> {
        do throws(ARMFailure) {
            let answer = try await client.get(
                path: id.description,
                apiVersion: apiVersions.version(for: id.kind)
            )
            let wire = try answer.decode(type).withETag(answer.etag)
            guard wire.id == id else {
                return Outcome(
                    lookup: .unreadable(
                        ReadFailure(kind: .malformed, message: "the answer is about \(wire.id), not \(id)")
                    ),
                    failure: nil
                )
            }
            return Outcome(lookup: .found(wire), failure: nil)
        } catch {
            return Outcome(lookup: Self.lookup(of: error), failure: error)
        }
    }

    /// A 404 of ARM is absence; everything else is a reason.
    static func lookup<Value>(of failure: ARMFailure) -> Lookup<Value> {
        if let error = failure.armError, error.saysAbsent { return .absent(error.code ?? "NotFound") }
        return .unreadable(failure.readFailure)
    }
}
