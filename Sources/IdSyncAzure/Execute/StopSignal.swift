import Synchronization

/// Tells a running apply to begin no more writes; set once by a signal handler or the overall timeout.
package final class StopSignal: Sendable {
    /// Why the run stops.
    package enum Reason: Sendable, Equatable {
        /// SIGINT (2) or SIGTERM (15).
        case signal(Int32)
        /// `--timeout` ran out.
        case timeout
    }

    private let state = Mutex<Reason?>(nil)

    /// Makes a signal that is not set.
    package init() {}

    /// Asks to stop; the first reason stays.
    package func stop(_ reason: Reason) {
        state.withLock { $0 = $0 ?? reason }
    }

    /// Why the run is to stop, or nil while it may go on.
    package var reason: Reason? { state.withLock { $0 } }
}
