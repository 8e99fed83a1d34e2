package import Foundation

/// Time as the effects see it, so that tests run on a virtual clock.
package protocol TimeSource: Sendable {
    /// Monotonic time since an arbitrary origin.
    func now() -> Duration
    /// Wall-clock time, for token expiry and report stamps.
    func date() -> Date
    /// Waits.
    ///
    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    func sleep(for duration: Duration) async throws
}

/// The real clock.
package struct SystemTime: TimeSource {
    private let origin = ContinuousClock.now

    /// Makes the real clock; its monotonic origin is now.
    package init() {}

    /// Time since this value was made.
    package func now() -> Duration { ContinuousClock.now - origin }

    /// The wall-clock time.
    package func date() -> Date { Date() }

    /// Waits on the continuous clock.
    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
