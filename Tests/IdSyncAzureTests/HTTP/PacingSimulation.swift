import Foundation
import IdSyncAzure

/// A discrete-event simulation of idsync's pacing against a service with the published buckets; no real time passes.
struct PacingSimulation {
    /// One request of a job.
    struct Step: Sendable {
        let keys: [BucketKey]
        /// Seconds between the previous answer and this request.
        let after: Double

        init(method: HTTPMethod, url: URL, after: Double = 0) {
            keys = BucketKey.keys(method: method, path: url.path(percentEncoded: false))
            self.after = after
        }
    }

    /// What came out.
    struct Outcome {
        var seconds = 0.0
        var refusals = 0
        var answered: [BucketKey: Int] = [:]
        var jobs = 0
        var worstWait = 0.0

        /// The time that the published limits alone would take for what was answered.
        var bound: Double {
            answered.map { (Double($0.value) - $0.key.limit.bucket.capacity) / $0.key.limit.bucket.perSecond }
                .max() ?? 0
        }
    }

    private enum Event {
        case reserve(worker: Int)
        case send(worker: Int, PacingModel.Reservation)
        case arrive(worker: Int)
        case answer(worker: Int, HTTPResponse)
        case competitor
    }

    private struct Worker {
        var steps: ArraySlice<Step> = []
        var attempt = 0
    }

    private struct ServiceBucket {
        var level: Double
        var at: Double
    }

    private var model = PacingModel()
    private var dice: Dice
    private var queue: [(time: Double, order: Int, event: Event)] = []
    private var order = 0
    private var now = 0.0
    private var workers: [Worker]
    private var jobs: ArraySlice<[Step]>
    private var service: [BucketKey: ServiceBucket] = [:]
    private var outcome = Outcome()
    private let competitor: (keys: [BucketKey], perSecond: Double)?
    private let policy = RetryPolicy(attempts: 50, budget: .seconds(3_600))

    init(
        jobs: [[Step]],
        workers: Int,
        seed: UInt64,
        competitor: (keys: [BucketKey], perSecond: Double)? = nil
    ) {
        self.jobs = jobs[...]
        self.workers = Array(repeating: Worker(), count: workers)
        self.competitor = competitor
        dice = Dice(seed: seed)
    }

    mutating func run() -> Outcome {
        for worker in workers.indices { startJob(worker) }
        if competitor != nil { schedule(.competitor, at: 0) }
        while let next = pop() {
            now = next.time
            handle(next.event)
            if jobs.isEmpty, workers.allSatisfy(\.steps.isEmpty) { break }
        }
        outcome.seconds = now
        return outcome
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .reserve(let worker): reserve(worker)
        case .send(let worker, let reservation):
            if let renewed = model.renew(reservation, at: .seconds(now)) {
                schedule(.send(worker: worker, renewed), at: renewed.start.seconds)
            } else {
                // Requests overtake each other on the way: up to 60 ms of difference.
                schedule(.arrive(worker: worker), at: now + 0.02 + Double.random(in: 0..<0.06, using: &dice))
            }
        case .arrive(let worker):
            let response = serve(keys(of: worker))
            schedule(
                .answer(worker: worker, response),
                at: now + 0.03 + Double.random(in: 0..<0.15, using: &dice)
            )
        case .answer(let worker, let response): take(response, worker: worker)
        case .competitor:
            guard let competitor else { return }
            _ = draw(competitor.keys)
            schedule(.competitor, at: now + 1 / competitor.perSecond)
        }
    }

    private mutating func reserve(_ worker: Int) {
        let reservation = model.reserve(keys(of: worker), at: .seconds(now))
        outcome.worstWait = max(outcome.worstWait, reservation.wait.seconds)
        schedule(.send(worker: worker, reservation), at: max(now, reservation.start.seconds))
    }

    private mutating func take(_ response: HTTPResponse, worker: Int) {
        let keys = keys(of: worker)
        let feedback = PacingFeedback(keys: keys, response: response, now: Date(timeIntervalSince1970: now))
        for (key, count) in feedback.remaining { model.correct(key, remaining: count, at: .seconds(now)) }
        for key in feedback.frozen { model.freeze(key, for: feedback.wait, at: .seconds(now)) }
        workers[worker].attempt += 1
        let jitter = Double.random(in: 0..<1, using: &dice)
        let wait = policy.wait(
            after: .success(response),
            attempt: workers[worker].attempt,
            waited: .zero,
            jitter: jitter,
            now: Date(timeIntervalSince1970: now)
        )
        if let wait {
            outcome.refusals += 1
            schedule(.reserve(worker: worker), at: now + wait.seconds)
            return
        }
        for key in keys { outcome.answered[key, default: 0] += 1 }
        workers[worker].steps.removeFirst()
        workers[worker].attempt = 0
        if let next = workers[worker].steps.first {
            schedule(.reserve(worker: worker), at: now + next.after)
        } else {
            outcome.jobs += 1
            startJob(worker)
        }
    }

    private mutating func startJob(_ worker: Int) {
        guard let job = jobs.popFirst() else { return }
        workers[worker].steps = job[...]
        schedule(.reserve(worker: worker), at: now)
    }

    private func keys(of worker: Int) -> [BucketKey] {
        workers[worker].steps.first?.keys ?? []
    }

    // MARK: - The service

    /// Takes a token from each bucket; nil when all had one, else the seconds until the emptiest has one again.
    private mutating func draw(_ keys: [BucketKey]) -> (empty: BucketKey, wait: Double)? {
        var worst: (empty: BucketKey, wait: Double)?
        for key in keys {
            let published = key.limit.bucket
            var bucket = service[key] ?? ServiceBucket(level: published.capacity, at: now)
            bucket.level = min(published.capacity, bucket.level + (now - bucket.at) * published.perSecond)
            bucket.at = now
            service[key] = bucket
            let wait = (1 - bucket.level) / published.perSecond
            if wait > 1e-9, wait > worst?.wait ?? 0 { worst = (key, wait) }
        }
        if worst == nil { for key in keys { service[key]?.level -= 1 } }
        return worst
    }

    private mutating func serve(_ keys: [BucketKey]) -> HTTPResponse {
        let refusal = draw(keys)
        var headers: [(name: String, value: String)] = []
        for key in keys {
            guard let name = key.limit.headerNames.first, let level = service[key]?.level else { continue }
            let count = "\(Int(max(0, level)))"
            if key.limit.reach == .principal {
                headers.append(("x-ms-ratelimit-remaining-\(name)", count))
            } else {
                headers.append(("x-ms-ratelimit-remaining-resource", "Microsoft.Compute/\(name);\(count)"))
            }
        }
        guard let refusal else { return HTTPResponse(status: 200, headers: headers) }
        headers.append(("Retry-After", "\(Int(refusal.wait.rounded(.up)))"))
        let reach = refusal.empty.limit.reach == .resource ? "resource" : "subscription"
        let body =
            #"{"error":{"code":"429","message":"throttled because \#(reach) x has issued too many requests"}}"#
        return HTTPResponse(status: 429, headers: headers, body: Data(body.utf8))
    }

    // MARK: - The event queue, a binary heap

    private mutating func schedule(_ event: Event, at time: Double) {
        order += 1
        queue.append((time, order, event))
        var child = queue.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            queue.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> (time: Double, order: Int, event: Event)? {
        guard let first = queue.first else { return nil }
        queue.swapAt(0, queue.count - 1)
        queue.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < queue.count }
            guard let child = children.min(by: { isBefore($0, $1) }), isBefore(child, parent) else {
                return first
            }
            queue.swapAt(child, parent)
            parent = child
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (queue[left].time, queue[left].order) < (queue[right].time, queue[right].order)
    }
}
