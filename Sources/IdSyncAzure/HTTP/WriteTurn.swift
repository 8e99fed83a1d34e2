package import IdSyncCore
import Synchronization

/// Lets a write wait for its turn before the look that it depends on, instead of after it.
///
/// A write that says the whole of something must follow its GET at once. A queue between the two would make the look old.
package protocol WriteTurns: Sendable {
    /// Waits until a write of a resource may go.
    ///
    /// - Throws: `TransportError` when the task was cancelled meanwhile or the wait would be too long.
    func turn(_ method: HTTPMethod, _ id: ResourceID) async throws(TransportError) -> WriteTurn

    /// A turn when there is one now, else nil.
    func turnNow(_ method: HTTPMethod, _ id: ResourceID) -> WriteTurn?
}

/// One place in the queue, good for one attempt of one write.
package final class WriteTurn: Sendable {
    /// The turn of the write under way, if it took one.
    @TaskLocal static var current: WriteTurn?

    private let keys: [BucketKey]
    private let isOpen = Mutex(true)
    private let giveBack: @Sendable () -> Void

    /// Makes a turn; `giveBack` is called when it is not used.
    init(keys: [BucketKey] = [], giveBack: @escaping @Sendable () -> Void = {}) {
        self.keys = keys
        self.giveBack = giveBack
    }

    deinit { if close() { giveBack() } }

    /// Uses the turn for a request; false when it is for another or was used.
    func serves(_ keys: [BucketKey]) -> Bool { keys == self.keys && close() }

    private func close() -> Bool {
        isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
    }
}

/// Where nothing is paced, everybody's turn is now.
package struct FreeTurns: WriteTurns {
    /// Makes the turns.
    package init() {}

    /// A turn at once.
    package func turn(_ method: HTTPMethod, _ id: ResourceID) async throws(TransportError) -> WriteTurn {
        WriteTurn()
    }

    /// A turn at once.
    package func turnNow(_ method: HTTPMethod, _ id: ResourceID) -> WriteTurn? { WriteTurn() }
}
