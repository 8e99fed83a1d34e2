import Synchronization

/// Counts how often one call was really sent, however many transports wrap each other.
///
/// The caller binds a log for the length of its call; `RetryingTransport` writes into the one that is bound. Nothing else
/// needs to know of it, so the `Transport` protocol keeps its one method.
package final class AttemptLog: Sendable {
    /// The log of the running call, if its caller wants one.
    @TaskLocal package static var current: AttemptLog?

    private let state = Mutex<(attempts: Int, waited: Duration)>((0, .zero))

    /// Makes an empty log.
    package init() {}

    /// How often the request was sent.
    package var attempts: Int { state.withLock { $0.attempts } }

    /// How long retries waited altogether.
    package var waited: Duration { state.withLock { $0.waited } }

    /// Notes that the request goes out once more.
    package func attempted() { state.withLock { $0.attempts += 1 } }

    /// Notes a wait before a retry.
    package func waits(_ duration: Duration) { state.withLock { $0.waited += duration } }
}
