/// The transport next to the wire: where a write is really begun, or not any more.
///
/// A write may wait long behind others, for a connection, a token or a retry before it leaves, so what forbids it is
/// asked here, where it counts.
package struct GatedTransport: Transport {
    private let transport: any Transport

    /// Wraps the transport that sends.
    package init(wrapping transport: any Transport) { self.transport = transport }

    /// Sends a read as it is, and a write unless its gate is closed.
    ///
    /// - Throws: `TransportError` of the wrapped transport, `stopped` or `outdated` for a write that is not to be begun.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if request.method != .get, let gate = WriteGate.current { try gate.check(request) }
        return try await transport.send(request)
    }
}

/// What a write asks before each attempt.
struct WriteGate: Sendable {
    /// The gate of the write under way; nil outside of writes.
    @TaskLocal static var current: WriteGate?

    /// Set when the run is to stop.
    let stop: StopSignal
    /// The clock.
    let time: any TimeSource
    /// When the look that an unguarded write builds on came back.
    let lookedAt: Duration

    /// How old a look may be when an unguarded write leaves.
    static let freshness = Duration.seconds(10)

    func check(_ request: HTTPRequest) throws(TransportError) {
        if let reason = stop.reason { throw TransportError(.stopped, reason.words) }
        if !request.isRepeatable, time.now() - lookedAt > Self.freshness {
            throw TransportError(.outdated, "what it builds on was read too long ago")
        }
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
