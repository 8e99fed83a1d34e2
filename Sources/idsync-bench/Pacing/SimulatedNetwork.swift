import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization

/// The way to an emulated ARM whose published limits hold, with delays on a virtual clock.
struct SimulatedNetwork: Transport {
    let router: EmulatorRouter
    let clock: VirtualClock
    let dice: Dice
    let tally: Tally

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try await pass(from: 0.010, to: 0.040)
        let reply = router.reply(to: request, at: clock.now())
        tally.note(request, reply.response, at: clock.now())
        try await pass(from: 0.040, to: 0.160)
        return reply.response
    }

    /// Lets a random time pass; requests and answers overtake each other.
    private func pass(from least: Double, to most: Double) async throws(TransportError) {
        do { try await clock.sleep(for: .seconds(least + (most - least) * dice.unit())) } catch {
            throw TransportError(.cancelled, "cancelled")
        }
    }
}

/// Another client of the same subscription, which tags VMs of its own at a steady rate and never slows down.
struct SecondClient {
    /// When it is there, and how often it writes.
    struct Schedule: Sendable {
        let from: Double
        let to: Double
        let perSecond: Double
    }

    /// How many VMs it has; with that many, the limit of a single VM never holds it up.
    static let vms = 1_000

    let router: EmulatorRouter
    let clock: VirtualClock
    let tally: Tally

    /// Writes until its time is over.
    func run(_ schedule: Schedule) async throws {
        try await clock.sleep(for: .seconds(schedule.from) - clock.now())
        var number = 0
        while clock.now() < .seconds(schedule.to) {
            let vm = EmulatedFleet.stranger(number % Self.vms)
            let address = "https://management.azure.com\(vm)?api-version=\(APIVersions().compute)"
            guard let url = URL(string: address) else { throw BenchError("\(address) is no URL") }
            let body: JSONValue = ["tags": ["round": .string("\(number)")]]
            let request = HTTPRequest(
                .patch,
                url,
                headers: [("Authorization", "Bearer other"), ("Content-Type", "application/json")],
                body: body.canonicalData()
            )
            tally.noteOther(request, router.reply(to: request, at: clock.now()).response)
            number += 1
            try await clock.sleep(for: .seconds(1 / schedule.perSecond))
        }
    }
}

/// What the service answered, stage by stage.
final class Tally: Sendable {
    enum Stage: Int, Sendable, CaseIterable { case identities, machines, afterwards }

    /// One stage of the apply.
    struct Count: Sendable {
        var began = Duration.zero
        var ended = Duration.zero
        var requests = 0
        var refusals = 0
        var answered: [BucketKey: Int] = [:]
        /// What the second client was granted meanwhile.
        var others: [BucketKey: Int] = [:]
        /// When each write was accepted.
        var writes: [Double] = []

        var seconds: Double { (ended - began).seconds }

        /// The bucket that takes longest to give what was taken, and that time: nobody can be faster.
        func bound() -> (seconds: Double, limit: PacingLimit?) {
            bound(of: answered.merging(others) { $0 + $1 })
        }

        /// The same for requests that were not made, such as an ideal run would.
        func bound(of counts: [BucketKey: Int]) -> (seconds: Double, limit: PacingLimit?) {
            let times = counts.map { key, count -> (seconds: Double, limit: PacingLimit?) in
                let bucket = key.limit.bucket
                return (max(0, (Double(count) - bucket.capacity) / bucket.perSecond), key.limit)
            }
            return times.max {
                ($0.seconds, $0.limit?.rawValue ?? "") < ($1.seconds, $1.limit?.rawValue ?? "")
            }
                ?? (0, nil)
        }
    }

    private struct State {
        var stage = Stage.identities
        var counts: [Stage: Count] = [:]
    }

    private let state = Mutex(State())

    subscript(stage: Stage) -> Count { state.withLock { $0.counts[stage] ?? Count() } }

    /// Ends the stage before and begins one.
    func begin(_ stage: Stage, at now: Duration) {
        state.withLock { state in
            state.counts[state.stage]?.ended = now
            state.stage = stage
            state.counts[stage] = Count(began: now, ended: now)
        }
    }

    /// Ends the last stage.
    func end(at now: Duration) {
        state.withLock { state in state.counts[state.stage]?.ended = now }
    }

    func note(_ request: HTTPRequest, _ response: HTTPResponse, at now: Duration) {
        let keys = BucketKey.keys(method: request.method, path: request.url.path(percentEncoded: false))
        change { count in
            count.requests += 1
            guard response.status != 429 else {
                count.refusals += 1
                return
            }
            for key in keys { count.answered[key, default: 0] += 1 }
            if request.method != .get { count.writes.append(now.seconds) }
        }
    }

    func noteOther(_ request: HTTPRequest, _ response: HTTPResponse) {
        guard response.status != 429 else { return }
        change { count in
            for key in BucketKey.keys(method: request.method, path: request.url.path(percentEncoded: false)) {
                count.others[key, default: 0] += 1
            }
        }
    }

    private func change(_ body: (inout Count) -> Void) {
        state.withLock { state in body(&state.counts[state.stage, default: Count()]) }
    }
}
