import Synchronization

/// A transport with at most so many requests in flight; further ones wait their turn in order, writes before reads.
///
/// A write follows the look that it builds on, and many looks may be waiting: behind them it would be old.
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
        await slots.acquire(isUrgent: request.method != .get)
        defer { slots.release() }
        if Task.isCancelled { throw TransportError(.withdrawn, "cancelled before the request was sent") }
        return try await transport.send(request)
    }
}

/// Counts free slots and keeps those who wait in order.
private final class Slots: Sendable {
    private struct State {
        var free: Int
        var urgent = WaitingLine()
        var others = WaitingLine()
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    func acquire(isUrgent: Bool) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    if isUrgent {
                        state.urgent.append(continuation)
                    } else {
                        state.others.append(continuation)
                    }
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
            if let next = state.urgent.next() ?? state.others.next() { return next }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}

/// Those who wait, first come first served.
private struct WaitingLine {
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Those before it have been served.
    private var first = 0

    mutating func append(_ continuation: CheckedContinuation<Void, Never>) { waiting.append(continuation) }

    mutating func next() -> CheckedContinuation<Void, Never>? {
        guard first < waiting.count else { return nil }
        defer {
            first += 1
            if first > 64, first * 2 > waiting.count {
                waiting.removeFirst(first)
                first = 0
            }
        }
        return waiting[first]
    }
}
