import Synchronization

/// Follows one write on its way through queues, pacing and retries.
///
/// A write may wait long behind others before it leaves, so whether the run is to stop is asked on the wire, where it
/// counts; and only there is it known whether an attempt left and was never answered.
final class WriteWatch: Sendable {
    /// The watch of the write under way, if it is one.
    @TaskLocal static var current: WriteWatch?

    private let stop: StopSignal
    private let lost = Mutex(false)

    init(stop: StopSignal) { self.stop = stop }

    /// Whether an attempt left without an answer, so that ARM may have accepted it.
    var isLost: Bool { lost.withLock { $0 } }

    /// Sends one attempt, unless the run is to stop.
    fileprivate func send(
        _ request: HTTPRequest,
        by transport: any Transport
    ) async throws(TransportError) -> HTTPResponse {
        if let reason = stop.reason { throw TransportError(.stopped, reason.words) }
        do throws(TransportError) { return try await transport.send(request) } catch {
            if error.mayHaveArrived { lost.withLock { $0 = true } }
            throw error
        }
    }
}

/// The transport next to the wire: where a write is really begun, or not any more.
package struct WatchedTransport: Transport {
    private let transport: any Transport

    /// Wraps the transport that sends.
    package init(wrapping transport: any Transport) { self.transport = transport }

    /// Sends a read as it is, and a write that is watched as its watch allows.
    ///
    /// - Throws: `TransportError` of the wrapped transport, or `stopped` for a write that is not to be begun.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        guard request.method != .get, let watch = WriteWatch.current else {
            return try await transport.send(request)
        }
        return try await watch.send(request, by: transport)
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

extension TransportError {
    /// Whether the request may have reached the server although no answer came back.
    var mayHaveArrived: Bool {
        switch reason {
        case .refused, .stopped, .connectionRefused, .hostNotFound, .tls: false
        case .cancelled, .timedOut, .connectionLost, .other: true
        }
    }
}
