package import Foundation
package import IdSyncAzure

/// An answer with the way it goes over the wire, which faults change.
package struct EmulatorReply: Sendable {
    /// How much of the answer arrives.
    package enum Delivery: Sendable, Equatable {
        case whole
        /// The connection closes after this many bytes of the body.
        case cut(after: Int)
        /// The connection is reset without an answer.
        case lost
        /// These bytes instead of an HTTP answer.
        case raw(Data)
    }

    /// The answer.
    package var response: HTTPResponse
    /// How much of it arrives.
    package var delivery: Delivery
    /// How long it takes.
    package var delay: Duration

    /// Makes a reply.
    package init(_ response: HTTPResponse, delivery: Delivery = .whole, delay: Duration = .zero) {
        self.response = response
        self.delivery = delivery
        self.delay = delay
    }
}
