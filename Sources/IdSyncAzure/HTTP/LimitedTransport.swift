import Synchronization

/// A transport with at most so many requests in flight; further ones wait their turn in order.
///
/// `--parallelism` bounds requests, not changes: a change that waits for its operation holds no slot, so a large
/// apply runs near the service's limits however long the operations take.
package struct LimitedTransport: Transport {
    private let transport: any Transport
    private let slots: Slots

    /// Wraps a transport; `limit` below 1 counts as 1.
    package init(wrapping transport: any Transport, limit: Int) {
        self.transport = transport
        slots = Slots(max(1, limit))
    }

    /// Sends the request when a slot is free.
    ///
    /// - Throws: `TransportError` of the wrapped transport, or `withdrawn` when the task was cancelled meanwhile.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        await slots.acquire()
        defer { slots.release() }
        if Task.isCancelled { throw TransportError(.withdrawn, "cancelled before the request was sent") }
        return try await transport.send(request)
    }
}

/// Counts free slots and keeps those who wait in order.
private final class Slots: Sendable {
    private struct State {
        var free: Int
        /// Waiters in order; those before `first` have their slot.
        var waiting: [CheckedContinuation<Void, Never>] = []
        var first = 0
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    func acquire() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func release() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.first < state.waiting.count else {
                state.free += 1
                return nil
            }
            let next = state.waiting[state.first]
            state.first += 1
            if state.first > 64, state.first * 2 > state.waiting.count {
                state.waiting.removeFirst(state.first)
                state.first = 0
            }
            return next
        }
        next?.resume()
    }
}
