import Synchronization

/// Runs an action at most once, from whichever thread comes first.
final class Once: Sendable {
    private let action: @Sendable () -> Void
    private let isDone = Mutex(false)

    init(_ action: @escaping @Sendable () -> Void) { self.action = action }

    func run() {
        let first = isDone.withLock { done in
            defer { done = true }
            return !done
        }
        if first { action() }
    }
}
