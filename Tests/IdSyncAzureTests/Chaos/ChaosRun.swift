import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import TestSupport

/// What a run left behind, for the checker.
struct Evidence: Sendable {
    /// One plan, and what carrying it out did.
    struct Phase: Sendable {
        var plan: Plan
        var planning = Witness.Record()
        var applying = Witness.Record()
        /// Nil when the plan was refused.
        var report: Report?
    }

    /// What is live at one moment.
    struct World: Sendable {
        /// What each machine carries: folded ids, and `system`.
        var carried: [ResourceID: Set<String>] = [:]
        var states: [ResourceID: String] = [:]
        /// What each machine carries that is an earlier identity of the same id.
        var outdated: [ResourceID: Set<String>] = [:]
        /// Tags of the identities that exist, by folded id.
        var tags: [String: [String: String]] = [:]
    }

    let scenario: Scenario
    var troubled: Phase
    /// Right after the apply.
    var ended = World()
    /// When every operation that still ran is over.
    var settled = World()
    /// The same manifest once more, with nothing in the way.
    var clean: Phase
    var final = World()
    /// What is left to do after that.
    var rest: Plan
    /// The virtual time that the apply took.
    var duration = Duration.zero
}

/// Something that breaks idsync on purpose, to see whether the checker notices.
struct Sabotage: Sendable {
    let name: String
    /// Rewrites a request on its way out, given what is live.
    var request: @Sendable (HTTPRequest, EmulatorState) -> HTTPRequest = { request, _ in request }
    /// Rewrites a plan before it is approved.
    var plan: @Sendable (Plan) -> Plan = { $0 }
    /// Rewrites a report.
    var report: @Sendable (Report) -> Report = { $0 }
}

/// Plays one scenario from the first plan to a clean second run.
struct ChaosRun {
    let scenario: Scenario
    let state: EmulatorState
    let time = VirtualTime()
    let scheduler: ChaosScheduler
    let witness: Witness
    let sabotage: Sabotage?

    init(_ scenario: Scenario, sabotage: Sabotage? = nil) throws {
        self.scenario = scenario
        self.sabotage = sabotage
        state = EmulatorState(try scenario.stateFile())
        scheduler = ChaosScheduler(seed: scenario.seed)
        witness = Witness(scenario, state: state, time: time, scheduler: scheduler)
    }

    /// Plays everything.
    func play(cut: Witness.Cut? = nil) async throws -> Evidence {
        try await scheduler.run { try await perform(cut: cut) }
    }

    private func perform(cut: Witness.Cut?) async throws -> Evidence {
        state.install(scenario.planFaults)
        let planner = Planner(
            desired: scenario.desired,
            live: try await read(),
            policy: PlanPolicy(caller: scenario.caller)
        )
        let plan = planner.plan()
        var troubled = Evidence.Phase(plan: plan, planning: witness.beginApply(cut: cut))
        witness.intrude()
        state.install(scenario.applyFaults)
        let began = time.now()
        troubled.report = try await apply(
            sabotage?.plan(plan) ?? plan,
            planner,
            skippingBlocked: scenario.skipsBlocked,
            stop: witness.stopSignal,
            deadline: scenario.operationDeadline
        ).map { sabotage?.report($0) ?? $0 }
        troubled.applying = witness.endAll()
        let duration = time.now() - began
        state.install([])
        let ended = world()
        let settled = settle()
        return try await finish(troubled, ended: ended, settled: settled, duration: duration)
    }

    private func finish(
        _ troubled: Evidence.Phase,
        ended: Evidence.World,
        settled: Evidence.World,
        duration: Duration
    ) async throws -> Evidence {
        let again = Planner(
            desired: scenario.desired,
            live: try await read(),
            policy: PlanPolicy(caller: scenario.caller)
        )
        var clean = Evidence.Phase(plan: again.plan())
        var rest = clean.plan
        if !clean.plan.changes.isEmpty {
            clean.report = try await apply(clean.plan, again, skippingBlocked: true, stop: StopSignal())
            _ = settle()
            rest = Planner(
                desired: scenario.desired,
                live: try await read(),
                policy: PlanPolicy(caller: scenario.caller)
            ).plan()
        }
        clean.applying = witness.endAll()
        return Evidence(
            scenario: scenario,
            troubled: troubled,
            ended: ended,
            settled: settled,
            clean: clean,
            final: world(),
            rest: rest,
            duration: duration
        )
    }

    // MARK: idsync

    private func client(readOnly: Bool) throws -> ARMClient {
        let wire: any Transport = sabotage.map { SabotagedTransport(witness, $0, state) } ?? witness
        let paced = PacedTransport(
            wrapping: LimitedTransport(
                wrapping: GatedTransport(wrapping: wire),
                limit: scenario.parallelism
            ),
            time: time,
            enabled: true
        )
        let retrying = RetryingTransport(wrapping: paced, time: time, jitter: { 0.5 })
        return ARMClient(
            endpoint: try ARMEndpoint(parsing: "https://management.azure.com"),
            transport: readOnly ? ReadOnlyTransport(wrapping: retrying) : retrying,
            turns: paced,
            tokens: ChaosTokens(time: time, scheduler: scheduler, renews: scenario.renewsTokens),
            time: time,
            userAgent: "idsync/chaos"
        )
    }

    private func read() async throws -> LiveState {
        let reader = LiveStateReader(
            client: try client(readOnly: true),
            apiVersions: scenario.apiVersions,
            parallelism: 1
        )
        return await reader.read(for: scenario.desired)
    }

    /// Approves and executes; nil when the plan is refused.
    private func apply(
        _ plan: Plan,
        _ planner: Planner,
        skippingBlocked: Bool,
        stop: StopSignal,
        deadline: Duration = .seconds(1800)
    ) async throws -> Report? {
        let context = ExecutionContext(
            client: try client(readOnly: false),
            apiVersions: scenario.apiVersions,
            time: time,
            rules: planner.machineRules(for: plan),
            identities: Dictionary(
                scenario.desired.identities.map { ($0.id, $0) },
                uniquingKeysWith: { first, _ in first }
            ),
            parallelism: scenario.parallelism,
            operationDeadline: deadline,
            stop: stop,
            jitter: { 0.5 }
        )
        let approved: ApprovedPlan
        do throws(GateRefusal) {
            approved = try PlanGuard.approve(plan, skippingBlocked: skippingBlocked)
        } catch { return nil }
        return await Executor(context: context).execute(approved)
    }

    // MARK: a look at the world that idsync knows nothing of

    private func world() -> Evidence.World {
        var world = Evidence.World()
        for machine in scenario.machines {
            world.carried[machine.id] = state.carried(by: machine.id)
        }
        var principals: [String: String] = [:]
        for identity in state.snapshot().json["identities"]?.array ?? [] {
            guard let id = identity["id"]?.string else { continue }
            world.tags[Folding.fold(id)] = (identity["tags"]?.object ?? [:]).compactMapValues(\.string)
            principals[Folding.fold(id)] = identity["principalId"]?.string
        }
        for machine in scenario.machines {
            let attached = state.identityBlock(of: machine.id)?.attached ?? []
            let outdated = attached.filter {
                principals[$0.key] != nil && principals[$0.key] != $0.principalID
            }
            world.outdated[machine.id] = Set(outdated.map(\.key))
        }
        return world
    }

    /// Looks at every machine until the operations that can end have ended.
    private func settle() -> Evidence.World {
        let router = EmulatorRouter(state: state, time: time)
        time.advance(by: .seconds(60))
        var states: [ResourceID: String] = [:]
        for machine in scenario.machines.map(\.id) {
            for _ in 0..<(scenario.settings.polls + 2) {
                states[machine] = nil
                guard let reply = look(at: machine, router), reply.response.status == 200 else { break }
                states[machine] = Self.provisioningState(in: reply.response.body)
                if ["Succeeded", "Failed", "Canceled"].contains(states[machine]) { break }
            }
        }
        var world = world()
        world.states = states
        return world
    }

    private func look(at machine: ResourceID, _ router: EmulatorRouter) -> EmulatorReply? {
        guard let endpoint = try? ARMEndpoint(parsing: "https://management.azure.com"),
            let url = ARMPath.url(
                endpoint: endpoint,
                path: machine.description,
                apiVersion: scenario.apiVersions.compute
            )
        else { return nil }
        return router.reply(to: HTTPRequest(.get, url, headers: [(name: "Authorization", value: "Bearer t")]))
    }

    private static func provisioningState(in body: Data) -> String? {
        let text = String(decoding: body, as: UTF8.self)
        guard let range = text.firstRange(of: "\"provisioningState\":\"") else { return nil }
        return String(text[range.upperBound...].prefix { $0 != "\"" })
    }
}

/// Tokens that can be renewed, or not; renewing takes a while, in which others get their turn.
private final class ChaosTokens: TokenProvider {
    private let time: VirtualTime
    private let scheduler: ChaosScheduler
    private let renews: Bool
    private let count = Mutex(1)

    init(time: VirtualTime, scheduler: ChaosScheduler, renews: Bool) {
        self.time = time
        self.scheduler = scheduler
        self.renews = renews
    }

    func bearer() async throws(CredentialError) -> Secret { Secret("token-\(count.withLock { $0 })") }

    func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret {
        guard renews else { throw CredentialError("the token was refused") }
        time.advance(by: .seconds(4))
        await scheduler.shuffle()
        return Secret("token-\(count.withLock { $0 += 1; return $0 })")
    }
}

/// The wire of an idsync that has a bug.
private struct SabotagedTransport: Transport {
    private let wire: any Transport
    private let sabotage: Sabotage
    private let state: EmulatorState

    init(_ wire: any Transport, _ sabotage: Sabotage, _ state: EmulatorState) {
        self.wire = wire
        self.sabotage = sabotage
        self.state = state
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try await wire.send(sabotage.request(request, state))
    }
}
