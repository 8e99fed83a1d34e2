/// The transport next to the wire: where a write is really begun, or not any more.
///
/// A write may wait long behind others, for its pacing or for a retry before it leaves, so whether the run is to stop
/// is asked here, where it counts.
package struct StoppableTransport: Transport {
    /// What the write under way asks before each attempt; nil outside of writes.
    @TaskLocal static var stop: StopSignal?

    private let transport: any Transport

    /// Wraps the transport that sends.
    package init(wrapping transport: any Transport) { self.transport = transport }

    /// Sends a read as it is, and a write unless the run is to stop.
    ///
    /// - Throws: `TransportError` of the wrapped transport, or `stopped` for a write that is not to be begun.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if request.method != .get, let reason = Self.stop?.reason {
            throw TransportError(.stopped, reason.words)
        }
        return try await transport.send(request)
    }
}

extension StopSignal.Reason {
    /// The reason for people.
    var words: String {
        switch self {
        case .signal: "the run was interrupted"
        case .timeout: "the time limit ran out"
        }
    }
}
