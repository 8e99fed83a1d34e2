/// Decides when requests may go, so that the published limits are used and not broken; a pure value.
///
/// All times are on the monotonic clock of a `TimeSource`.
package struct PacingModel: Sendable {
    /// A place in the queues of all the buckets of one request.
    package struct Reservation: Sendable, Equatable {
        /// When the request may go.
        package let start: Duration
        /// How long that is from the time of the reservation; zero when the buckets have tokens.
        package let wait: Duration
        fileprivate let instant: Double
        fileprivate let keys: [BucketKey]
        fileprivate let generations: [Int]
    }

    private var buckets: [BucketKey: TokenBucket] = [:]
    private var pruneAt = 8_192

    /// Makes a model with every bucket full.
    package init() {}

    /// How many buckets are remembered.
    package var bucketCount: Int { buckets.count }

    /// Reserves one token in each bucket at the earliest time at which all have one.
    package mutating func reserve(_ keys: [BucketKey], at now: Duration) -> Reservation {
        let instant = now.seconds
        prune(at: instant)
        for key in keys { buckets[key, default: TokenBucket(key.limit, at: instant)].settle(at: instant) }
        var time = instant
        while true {
            let next = keys.reduce(time) { max($0, buckets[$1]?.earliest(from: time) ?? $0) }
            if next <= time { break }
            time = next
        }
        for key in keys { buckets[key]?.reserve(at: time) }
        return Reservation(
            start: .seconds(time),
            wait: .seconds(time - instant),
            instant: time,
            keys: keys,
            generations: keys.map { buckets[$0]?.generation ?? 0 }
        )
    }

    /// A new reservation when a 429 has voided this one meanwhile; nil when the request may go.
    package mutating func renew(_ reservation: Reservation, at now: Duration) -> Reservation? {
        let isValid = zip(reservation.keys, reservation.generations).allSatisfy { key, generation in
            (buckets[key]?.generation ?? 0) == generation
        }
        guard !isValid else { return nil }
        release(reservation)
        return reserve(reservation.keys, at: now)
    }

    /// Gives back what a cancelled request had reserved.
    package mutating func release(_ reservation: Reservation) {
        for key in reservation.keys { buckets[key]?.release(reservation.instant) }
    }

    /// Takes the server's count of remaining tokens when it is lower than ours.
    package mutating func correct(_ key: BucketKey, remaining: Int, at now: Duration) {
        buckets[key]?.correct(remaining: Double(remaining), at: now.seconds)
    }

    /// Closes one bucket for a while; all others go on (F62).
    package mutating func freeze(_ key: BucketKey, for wait: Duration, at now: Duration) {
        let instant = now.seconds
        buckets[key, default: TokenBucket(key.limit, at: instant)]
            .freeze(until: instant + wait.seconds, at: instant)
    }

    /// Forgets buckets that are full again, so that 100,000 VMs do not leave 100,000 buckets behind.
    private mutating func prune(at now: Double) {
        guard buckets.count >= pruneAt else { return }
        buckets = buckets.filter { !$0.value.isIdle(at: now) }
        pruneAt = max(8_192, buckets.count * 2)
    }
}
