import IdSyncAzure
import IdSyncCore

/// One apply in this process against the emulator on loopback; reading and planning before it are not timed.
struct ApplyMeasurement {
    private let fleet: Fleet
    private let port: Int
    private let parallelism: Int

    init(_ options: Options) {
        fleet = Fleet(vms: options.number(.vms, default: 200), perGroup: 250)
        port = options.number(.port, default: 0)
        parallelism = options.number(.parallelism, default: 8)
    }

    func run() async throws(BenchError) -> JSONValue {
        let wire = CountingTransport(wrapping: URLSessionTransport(parallelism: parallelism))
        let desired = fleet.desired
        let job = ApplyJob(
            desired: desired,
            client: try Stack.client(port: port, wire: wire, parallelism: parallelism),
            time: SystemTime(),
            parallelism: parallelism
        )
        let prepared = try await job.prepare()
        let before = wire.count
        var laps = Laps()
        let report = try await job.execute(prepared)
        laps.lap("all")
        guard report.converged, report.outcomes.count == fleet.vms else {
            let failed = report.outcomes.first { $0.status != .applied }?.error?.message ?? ""
            throw BenchError("\(report.count(.applied)) of \(fleet.vms) patches applied; \(failed)")
        }
        return ["laps": laps.json, "requests": .integer(wire.count - before)]
    }
}

/// Read, plan, approve, execute: the parts of an apply, for a benchmark that times some of them.
struct ApplyJob: Sendable {
    let desired: DesiredState
    let client: ARMClient
    let time: any TimeSource
    let parallelism: Int

    /// A plan with the rules that it is carried out by.
    struct Prepared: Sendable {
        let plan: Plan
        let rules: [ResourceID: MachineRules]
    }

    func prepare() async throws(BenchError) -> Prepared {
        let reader = LiveStateReader(
            client: client,
            apiVersions: desired.apiVersions,
            parallelism: parallelism
        )
        let live = await reader.read(for: desired)
        let planner = Planner(desired: desired, live: live, policy: PlanPolicy())
        let plan = planner.plan()
        return Prepared(plan: plan, rules: planner.machineRules(for: plan))
    }

    func execute(_ prepared: Prepared, progress: @escaping @Sendable (ChangeOutcome) -> Void = { _ in })
        async throws(BenchError) -> Report
    {
        let context = ExecutionContext(
            client: client,
            apiVersions: desired.apiVersions,
            time: time,
            rules: prepared.rules,
            identities: Dictionary(
                desired.identities.map { ($0.id, $0) },
                uniquingKeysWith: { first, _ in first }
            ),
            parallelism: parallelism
        )
        do throws(GateRefusal) {
            return await Executor(context: context, progress: progress)
                .execute(try PlanGuard.approve(prepared.plan))
        } catch {
            throw BenchError("the plan is refused: \(error.blocked.first?.message ?? "")")
        }
    }
}
