import Foundation
import IdSyncCore

/// A resource as the wire carries it, with the id that it is known by.
protocol WireResource: Decodable, Sendable, Equatable {
    /// The id that ARM gave.
    var id: ResourceID { get }
}
