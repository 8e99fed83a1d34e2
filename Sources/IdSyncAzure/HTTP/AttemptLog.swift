import Synchronization

/// Counts how often one call was really sent, however many transports wrap each other.
///
/// The caller binds a log for the length of its call; `RetryingTransport` writes into the one that is bound. Nothing else
/// needs to know of it, so the `Transport` protocol keeps its one method.
package final class AttemptLog: Sendable {
    /// The log of the running call, if its caller wants one.
    @TaskLocal package static var current: AttemptLog?

    private struct State: Sendable {
        var attempts = 0
        var waited = Duration.zero
        var leavesDoubt = false
        var mayStillArrive = false
    }

    private let state = Mutex(State())
    private let outer: AttemptLog?

    /// Makes an empty log; what it notes, the outer one notes too.
    package init(within outer: AttemptLog? = nil) { self.outer = outer }

    /// How often the request was sent.
    package var attempts: Int { state.withLock { $0.attempts } }

    /// How long retries waited altogether.
    package var waited: Duration { state.withLock { $0.waited } }

    /// Whether the server may have carried out an attempt whose answer nobody got.
    package var leavesDoubt: Bool { state.withLock { $0.leavesDoubt } }

    /// Whether such an attempt may be under way even now: whoever gave up on it was not the server.
    package var mayStillArrive: Bool { state.withLock { $0.mayStillArrive } }

    /// Notes that the request goes out once more.
    package func attempted() {
        state.withLock { $0.attempts += 1 }
        outer?.attempted()
    }

    /// Notes what an attempt brought.
    package func ended(_ outcome: Result<HTTPResponse, TransportError>) {
        guard Self.leavesDoubt(outcome) else { return }
        let isLost = if case .failure(let error) = outcome { error.reason == .connectionLost } else { false }
        state.withLock { state in
            state.leavesDoubt = true
            state.mayStillArrive = state.mayStillArrive || !isLost
        }
        outer?.ended(outcome)
    }

    /// Notes a wait before a retry.
    package func waits(_ duration: Duration) {
        state.withLock { $0.waited += duration }
        outer?.waits(duration)
    }

    /// A gateway that gives up on the server behind it (502, 504) knows as little as a client that got no answer.
    private static func leavesDoubt(_ outcome: Result<HTTPResponse, TransportError>) -> Bool {
        switch outcome {
        case .success(let response): [502, 504].contains(response.status)
        case .failure(let error): error.mayHaveArrived
        }
    }
}
