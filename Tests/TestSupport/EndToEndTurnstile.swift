import Dispatch
import Foundation
import Synchronization

/// Holds a server's thread at one place until a test lets it go on.
package final class Turnstile: Sendable {
    private let door = DispatchSemaphore(value: 0)
    private let arrivals: AsyncStream<Void>
    private let announce: AsyncStream<Void>.Continuation

    /// How long a closed turnstile holds anybody: only a failing test waits that long.
    private static let patience = 300

    /// Makes a closed turnstile.
    package init() { (arrivals, announce) = AsyncStream.makeStream() }

    deinit { announce.finish() }

    /// Announces the caller and blocks it until the turnstile is open.
    package func pass() {
        announce.yield()
        _ = door.wait(timeout: .now() + .seconds(Self.patience))
        door.signal()
    }

    /// Announces the caller, who goes on.
    package func ring() { announce.yield() }

    /// Opens the turnstile for good.
    package func open() { door.signal() }

    /// Waits for the next one to arrive; false when the test was cancelled instead.
    package func arrival() async -> Bool {
        for await _ in arrivals { return true }
        return false
    }
}
