package import IdSyncAzure

/// ARM in process: a transport that hands every request to the emulator.
///
/// What a fault does to the connection becomes the error that a network would give. Delays pass on the time source,
/// so on a virtual clock they cost nothing, and a delay beyond the timeout of the request is a timeout.
package struct EmulatorTransport: Transport {
    /// The state behind it.
    package let state: EmulatorState
    /// What was asked so far.
    package let log: RequestLog
    private let router: EmulatorRouter
    private let time: any TimeSource

    /// Makes a transport on a state.
    package init(state: EmulatorState, time: any TimeSource = SystemTime(), log: RequestLog = RequestLog()) {
        self.state = state
        self.log = log
        self.time = time
        router = EmulatorRouter(state: state, time: time, log: log)
    }

    /// Answers the request from the state.
    ///
    /// - Throws: `TransportError` as faults say: lost connections and timeouts; `cancelled` with the task.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if Task.isCancelled { throw TransportError(.cancelled, "the task was cancelled") }
        return try await router.reply(to: request).delivered(to: request, time: time)
    }
}

extension EmulatorReply {
    /// What a client sees of the reply, after its delay.
    ///
    /// - Throws: `TransportError` for lost connections and timeouts; `cancelled` with the task.
    package func delivered(to request: HTTPRequest, time: any TimeSource) async throws(TransportError)
        -> HTTPResponse
    {
        if delay > .zero {
            do {
                try await time.sleep(for: min(delay, request.timeout))
            } catch {
                throw TransportError(.cancelled, "the task was cancelled")
            }
            if delay > request.timeout { throw TransportError(.timedOut, "the request timed out") }
        }
        switch delivery {
        case .whole: return response
        case .cut:
            throw TransportError(.connectionLost, "the connection was lost in the middle of the answer")
        case .lost: throw TransportError(.connectionLost, "the connection was lost before an answer")
        case .raw: throw TransportError(.other, "the answer is not HTTP")
        }
    }
}
