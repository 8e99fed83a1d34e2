import Foundation
import IdSyncCore

/// A resource as the wire carries it, with the id that it is known by.
protocol WireResource: Decodable, Sendable, Equatable {
    /// The id that ARM gave.
    var id: ResourceID { get }

    /// The same resource with the ETag of the answer's header, where its body had none.
    func withETag(_ etag: String?) -> Self

    /// The same resource, its parts that others have too shared with them.
    func sharing(_ pool: inout AttachedPool) -> Self
}
