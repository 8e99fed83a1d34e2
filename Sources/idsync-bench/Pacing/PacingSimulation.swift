import ARMEmulator
import IdSyncAzure
import IdSyncCore
import Synchronization

/// The executor of idsync with its whole stack, from plan to report, on a virtual clock.
///
/// Only the wire is simulated: retry, pacing, client, executor and the emulator's limits are the real ones.
struct PacingSimulation {
    let fleet: Fleet
    let parallelism: Int
    let seed: Int
    /// How long a PATCH takes to end; recorded ones took 5 to 7 seconds.
    static let operationSeconds = 5

    /// What came out.
    struct Outcome {
        let tally: Tally
        let report: Report
    }

    func run(beside schedule: SecondClient.Schedule? = nil) async throws(BenchError) -> Outcome {
        let service = EmulatedFleet.Service(operationSeconds: Self.operationSeconds, isThrottled: true)
        let prepared = try await plan()
        let state = try EmulatedFleet.state(
            fleet,
            service,
            hasIdentities: false,
            strangers: schedule == nil ? 0 : SecondClient.vms
        )
        let clock = VirtualClock()
        let dice = Dice(seed: seed)
        let network = SimulatedNetwork(
            router: EmulatorRouter(state: state, time: clock),
            clock: clock,
            dice: dice,
            tally: Tally()
        )
        let job = try job(wire: network, time: clock, dice: dice)
        let progress = stageCounter(network, changes: prepared.plan.changes)
        let report = try clock.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let schedule {
                    let other = SecondClient(router: network.router, clock: clock, tally: network.tally)
                    group.addTask { try await other.run(schedule) }
                }
                let report = try await job.execute(prepared, progress: progress)
                network.tally.end(at: clock.now())
                group.cancelAll()
                return report
            }
        }
        return Outcome(tally: network.tally, report: report)
    }

    /// Plans without limits and without waiting: this simulation is about the apply.
    private func plan() async throws(BenchError) -> ApplyJob.Prepared {
        let state = try EmulatedFleet.state(fleet, EmulatedFleet.Service(), hasIdentities: false)
        let wire = EmulatorTransport(state: state)
        let prepared = try await job(wire: wire, time: SystemTime(), dice: Dice(seed: seed), isPaced: false)
            .prepare()
        let wanted = fleet.vms + fleet.identities
        guard prepared.plan.changes.count == wanted, prepared.plan.blocked.isEmpty else {
            throw BenchError(
                "the plan has \(prepared.plan.changes.count) changes, expected \(wanted); "
                    + (prepared.plan.blocked.first?.message ?? "")
            )
        }
        return prepared
    }

    private func job(
        wire: any Transport,
        time: any TimeSource,
        dice: Dice,
        isPaced: Bool = true
    ) throws(BenchError) -> ApplyJob {
        ApplyJob(
            desired: fleet.desired,
            client: try Stack.client(
                endpoint: Cloud.azureCloud.resourceManager,
                wire: wire,
                parallelism: parallelism,
                time: time,
                isPaced: isPaced
            ) { dice.unit() },
            time: time,
            parallelism: parallelism
        )
    }

    /// Stages come one after the other, so the number of outcomes tells which one runs.
    private func stageCounter(_ network: SimulatedNetwork, changes: [Change])
        -> @Sendable (ChangeOutcome) -> Void
    {
        let creations = changes.count { $0.stage == .identities }
        let done = Counter()
        network.tally.begin(creations > 0 ? .identities : .machines, at: .zero)
        return { _ in
            switch done.next() {
            case creations: network.tally.begin(.machines, at: network.clock.now())
            case changes.count: network.tally.begin(.afterwards, at: network.clock.now())
            default: break
            }
        }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }
}
