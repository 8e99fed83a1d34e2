package import Foundation
import IdSyncAzure
import Synchronization

/// A clock on which waiting takes no time: a sleep moves the clock at once and is remembered.
package final class VirtualTime: TimeSource {
    private let state: Mutex<(now: Duration, sleeps: [Duration])>
    private let epoch: Date

    /// Makes a clock that starts at zero and at this wall-clock time.
    package init(epoch: Date = Date(timeIntervalSince1970: 1_760_000_000)) {
        state = Mutex((.zero, []))
        self.epoch = epoch
    }

    /// The waits so far, in order.
    package var sleeps: [Duration] { state.withLock { $0.sleeps } }

    /// Moves the clock without a wait.
    package func advance(by duration: Duration) { state.withLock { $0.now += duration } }

    /// The virtual monotonic time.
    package func now() -> Duration { state.withLock { $0.now } }

    /// The virtual wall-clock time.
    package func date() -> Date { epoch.addingTimeInterval(now().seconds) }

    /// Moves the clock forward.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.now += max(.zero, duration)
            state.sleeps.append(duration)
        }
    }
}

/// A clock that stands still and on which a wait ends only by cancellation.
package struct FrozenTime: TimeSource {
    /// Makes a clock.
    package init() {}

    /// Always zero.
    package func now() -> Duration { .zero }

    /// Always the epoch.
    package func date() -> Date { Date(timeIntervalSince1970: 0) }

    /// Waits until the task is cancelled.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }
}
