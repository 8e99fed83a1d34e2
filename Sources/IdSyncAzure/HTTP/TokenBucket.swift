/// One token bucket with reservations in the future; times are seconds on a monotonic clock.
///
/// Two margins keep the server from ever saying 429 to a client that is alone: the bucket is a little smaller and slower
/// than the published one, and a request that has to wait waits a moment longer than the arithmetic says, because
/// two requests may arrive closer together than they were sent.
struct TokenBucket: Sendable {
    /// How much of the published rate is used.
    static let rateMargin = 0.97
    /// How much of a large bucket is used.
    static let capacityMargin = 0.9
    /// How much longer a request waits at a bucket too small for a margin, in seconds.
    static let cushion = 0.1
    /// Below this size a bucket keeps its published capacity and gets the cushion instead.
    static let small = 10.0

    private let capacity: Double
    private let nominalRate: Double
    private let cushion: Double
    /// Slows the bucket down after a 429, when somebody else draws from it too; climbs back to 1.
    private(set) var share = 1.0
    private var level: Double
    private var at: Double
    /// Reserved times after `at`, sorted.
    private var pending: [Double] = []
    /// Counts the freezes: a reservation of an older generation is void.
    private(set) var generation = 0
    private(set) var frozenUntil = -Double.infinity

    init(_ limit: PacingLimit, at now: Double) {
        let published = limit.bucket
        let isSmall = published.capacity < Self.small
        capacity = isSmall ? published.capacity : published.capacity * Self.capacityMargin
        cushion = isSmall ? Self.cushion : 0
        nominalRate = published.perSecond * Self.rateMargin
        level = capacity
        at = now
    }

    private var rate: Double { nominalRate * share }

    /// Whether the bucket is as good as new, so that it can be forgotten.
    func isIdle(at now: Double) -> Bool {
        var settled = self
        settled.settle(at: now)
        return settled.pending.isEmpty && settled.at <= now && settled.share >= 1 && settled.level >= capacity
            && generation == 0
    }

    /// Brings the bucket up to now: refills, takes the reservations that are due, forgets an old quarrel.
    mutating func settle(at now: Double) {
        let due = pending.prefix { $0 <= now }
        for time in due { take(at: time) }
        pending.removeFirst(due.count)
        guard now > at else { return }
        share = min(1, share + (now - at) * 0.01)
        level = min(capacity, level + (now - at) * rate)
        at = now
    }

    private mutating func take(at time: Double) {
        level = min(capacity, level + max(0, time - at) * rate) - 1
        at = max(at, time)
    }

    /// The earliest time from `from` on at which one more request fits between the reservations.
    func earliest(from: Double) -> Double {
        // A request slips in before a reservation only if that one still finds its token; a bucket that is nearly empty at
        // some reservation therefore pushes the new request behind it. One pass, never too early.
        var level = level
        var clock = at
        var start = (level: level, clock: clock, index: 0)
        for (index, time) in pending.enumerated() {
            level = min(capacity, level + (time - clock) * rate)
            clock = time
            let isTight = level < 2
            level -= 1
            if isTight { start = (level, clock, index + 1) }
        }
        return slot(after: start, from: from)
    }

    private func slot(after start: (level: Double, clock: Double, index: Int), from: Double) -> Double {
        var (level, clock, index) = start
        var time = max(from, clock)
        while true {
            while index < pending.count, pending[index] <= time {
                level = min(capacity, level + (pending[index] - clock) * rate) - 1
                clock = pending[index]
                index += 1
            }
            level = min(capacity, level + (time - clock) * rate)
            clock = time
            // The small tolerance absorbs rounding; without it a wait of a nanosecond would be asked for again and again.
            if level >= 1 - 1e-6 { return time }
            time += (1 - level) / rate + cushion
        }
    }

    /// Reserves a token at a time that `earliest` gave.
    mutating func reserve(at time: Double) {
        let index = pending.firstIndex { $0 > time } ?? pending.endIndex
        pending.insert(time, at: index)
    }

    /// Gives a reservation back that was not used.
    mutating func release(_ time: Double) {
        if let index = pending.firstIndex(of: time) { pending.remove(at: index) }
    }

    /// Believes the server when it says that fewer tokens remain; never when it says more (another region's counter).
    mutating func correct(remaining: Double, at now: Double) {
        settle(at: now)
        level = min(level, remaining)
    }

    /// Lets nothing through until then: the server said 429.
    mutating func freeze(until time: Double, at now: Double) {
        settle(at: now)
        // One quarrel, one step back, however many parallel requests heard of it.
        if now >= frozenUntil { share = max(0.1, share * 0.7) }
        frozenUntil = max(frozenUntil, time)
        level = min(level, 1)
        at = max(at, frozenUntil)
        pending.removeAll()
        generation += 1
    }
}
