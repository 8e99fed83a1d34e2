package import Foundation

/// When a request is sent again, and how long to wait before.
///
/// A write whose connection was lost is repeated too: the ARM writes that idsync sends are idempotent, and `If-Match`
/// turns a doubled one into a 412 that the executor handles.
package struct RetryPolicy: Sendable, Equatable {
    /// How often a request is sent at most.
    package var attempts: Int
    /// How often at most when no connection could be made at all, which is seldom a hiccup.
    package var connectAttempts: Int
    /// The wait before the second attempt; it doubles with each further one.
    package var base: Duration
    /// The longest wait that idsync chooses by itself; the server may ask for more.
    package var cap: Duration
    /// The longest that one call may wait altogether.
    package var budget: Duration

    /// Makes a policy.
    package init(
        attempts: Int = 7,
        connectAttempts: Int = 3,
        base: Duration = .milliseconds(500),
        cap: Duration = .seconds(30),
        budget: Duration = .seconds(600)
    ) {
        self.attempts = attempts
        self.connectAttempts = connectAttempts
        self.base = base
        self.cap = cap
        self.budget = budget
    }

    /// Everything once.
    package static let never = RetryPolicy(attempts: 1, connectAttempts: 1)

    /// How long to wait before the next attempt, or nil to hand the outcome back.
    ///
    /// The wait that the server asks for is a floor: never earlier, a little later so that parallel calls do not all
    /// come back at once (FACTS section 11, "asking earlier restarts the wait").
    ///
    /// - Parameters:
    ///   - outcome: What the last attempt brought.
    ///   - attempt: How many attempts were made, from 1.
    ///   - waited: How long this call has waited already.
    ///   - jitter: A random number from 0 up to 1.
    ///   - now: The wall-clock time, for a `Retry-After` that is a date.
    /// - Returns: The wait, or nil.
    package func wait(
        after outcome: Result<HTTPResponse, TransportError>,
        attempt: Int,
        waited: Duration,
        jitter: Double,
        now: Date
    ) -> Duration? {
        guard attempt < limit(for: outcome) else { return nil }
        let asked: Duration? =
            if case .success(let response) = outcome { Self.asked(by: response, now: now) } else { nil }
        return pause(attempt: attempt, asked: asked, waited: waited, jitter: jitter)
    }

    /// The wait before the next attempt when there is to be one; nil when it does not fit into the budget.
    package func pause(attempt: Int, asked: Duration?, waited: Duration, jitter: Double) -> Duration? {
        let doubled = base * Int(1 << UInt(min(attempt - 1, 20)))
        var wait = min(cap, doubled) * (0.5 + 0.5 * jitter)
        if let asked { wait = asked + min(asked * 0.1, .seconds(2)) * jitter }
        return waited + wait <= budget ? wait : nil
    }

    private func limit(for outcome: Result<HTTPResponse, TransportError>) -> Int {
        switch outcome {
        case .success(let response):
            switch ErrorClass(of: response) {
            case .transient, .throttled: attempts
            default: 1
            }
        case .failure(let error):
            switch error.reason {
            case .cancelled, .withdrawn, .refused, .stopped, .outdated, .congested, .tls: 1
            case .connectionRefused, .hostNotFound: connectAttempts
            case .timedOut, .connectionLost, .other: attempts
            }
        }
    }

    private static func asked(by response: HTTPResponse, now: Date) -> Duration? {
        if let wait = RetryAfter.header(of: response, now: now) { return wait }
        guard response.status >= 400 else { return nil }
        return RetryAfter.words(in: String(decoding: response.body.prefix(16_384), as: UTF8.self))
    }
}
