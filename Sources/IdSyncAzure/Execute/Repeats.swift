/// How often a write was sent once more from a fresh look, and how long that was waited for.
struct Repeats: Sendable {
    private var count = 0
    private var waited = Duration.zero

    /// How long to wait before the write is sent once more; nil when it was sent often enough.
    mutating func pause(_ asked: Duration?, jitter: Double) -> Duration? {
        let policy = RetryPolicy()
        count += 1
        guard count < policy.attempts,
            let pause = policy.pause(attempt: count, asked: asked, waited: waited, jitter: jitter)
        else { return nil }
        waited += pause
        return pause
    }
}

/// The wait for a directory or a replica that does not know a new object yet (error map: at most 3 minutes).
struct Propagation: Sendable {
    private var waited = Duration.zero
    private var next = Duration.seconds(2)

    /// How long an object may stay unknown.
    static let limit = Duration.seconds(180)

    /// The next wait; nil when the time is over.
    mutating func pause() -> Duration? {
        guard waited + next <= Self.limit else { return nil }
        defer {
            waited += next
            next = min(next * 2, .seconds(20))
        }
        return next
    }
}
