import IdSyncAzure
import IdSyncCore

/// The published limits of ARM and its providers as token buckets (FACTS section 11).
///
/// Switched off, the buckets stay full and only their header fields show.
struct ThrottleModel: Sendable {
    private struct Level: Sendable {
        var tokens: Double
        var at: Duration
    }

    private var levels: [String: Level] = [:]

    /// Takes a token from every bucket of a request.
    ///
    /// - Returns: the header fields that tell what is left.
    /// - Throws: `ARMFailure` 429 with `Retry-After` when a bucket is empty; then no bucket gives a token.
    mutating func admit(_ route: Route, _ context: RequestContext, isEnabled: Bool) throws(ARMFailure)
        -> [(name: String, value: String)]
    {
        let buckets = ThrottleBucket.buckets(of: route, context.method)
        guard isEnabled else { return Self.headers(buckets, context.method) { $0.capacity - 1 } }
        for bucket in buckets {
            let level = refilled(bucket, now: context.now)
            guard level < 1 else { continue }
            if bucket.provider == .arm {
                // Who asks too early waits from the start.
                levels[bucket.key] = Level(tokens: 0, at: context.now)
            }
            let missing = bucket.provider == .arm ? 1 : 1 - level
            throw bucket.failure(seconds: max(1, Int((missing / bucket.perSecond).rounded(.up))))
        }
        for bucket in buckets {
            levels[bucket.key] = Level(tokens: refilled(bucket, now: context.now) - 1, at: context.now)
        }
        return Self.headers(buckets, context.method) { [levels] in levels[$0.key]?.tokens ?? $0.capacity }
    }

    private func refilled(_ bucket: ThrottleBucket, now: Duration) -> Double {
        guard let level = levels[bucket.key] else { return bucket.capacity }
        let elapsed = (now - level.at) / .seconds(1)
        return min(bucket.capacity, level.tokens + elapsed * bucket.perSecond)
    }

    private static func headers(
        _ buckets: [ThrottleBucket],
        _ method: HTTPMethod,
        left: (ThrottleBucket) -> Double
    ) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        let compute = buckets.filter { $0.provider == .compute }
        if !compute.isEmpty {
            let text = compute.map { "Microsoft.Compute/\($0.name);\(Int(left($0)))" }.joined(separator: ",")
            headers.append(("x-ms-ratelimit-remaining-resource", text))
        }
        // GETs show the counter over all principals only; writes and deletes show their own too (REC-VM).
        let prefix = "x-ms-ratelimit-remaining-subscription-"
        for bucket in buckets where bucket.provider == .arm {
            headers.append((prefix + "global-\(bucket.name)", bucket.name == "reads" ? "3749" : "2999"))
            if method != .get { headers.append((prefix + bucket.name, "\(Int(left(bucket)))")) }
        }
        return headers
    }
}
