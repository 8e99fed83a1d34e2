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

    private struct State {
        var reason: Reason?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    /// Makes a signal that is not set.
    package init() {}

    /// Why the run is to stop, or nil while it may go on.
    package var reason: Reason? { state.withLock { $0.reason } }

    /// Asks to stop; the first reason stays.
    package func stop(_ reason: Reason) {
        let waiters = state.withLock { state in
            state.reason = state.reason ?? reason
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the run is asked to stop, or when the task is cancelled.
    package func stopped() async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Under the lock, so that a cancellation is seen here or finds the waiter below.
                    guard state.reason == nil, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    /// Runs work, and cancels it when it still runs a while after the run was asked to stop.
    ///
    /// Cancelled work still says how it ended; `otherwise` stands in for work that says nothing.
    func withGrace<Output: Sendable>(
        _ grace: Duration,
        on time: any TimeSource,
        otherwise: Output,
        _ work: @escaping @Sendable () async -> Output
    ) async -> (output: Output, wasCut: Bool) {
        await withTaskGroup(of: Output?.self) { group in
            group.addTask { await work() }
            group.addTask {
                await self.stopped()
                try? await time.sleep(for: grace)
                return nil
            }
            var wasCut = false
            for await output in group {
                group.cancelAll()
                if let output { return (output, wasCut) }
                wasCut = true
            }
            return (otherwise, wasCut)
        }
    }
}
