import IdSyncAzure
import IdSyncCore

/// The program on one page: manifest -> live state -> plan -> approval -> execution -> report.
///
/// Data flows one way; `plan` stops after the second step.
struct Reconciler: Sendable {
    let run: Run
    let manifest: CheckedManifest
    let session: Session
    let limits: FlagLimits

    /// A fresh plan with all that is needed to carry it out.
    struct Fresh: Sendable {
        let planner: Planner
        let plan: Plan
        let live: LiveState
        let document: PlanDocument
    }

    /// Reads the live state and plans, within the time limit.
    ///
    /// When not one answer was usable there is nothing to plan from, and one message says why.
    func plan() async throws(Failure) -> Fresh {
        let fresh = try await Deadline.reading(run) { await read() }
        if let failure = fresh.live.wholeFailure {
            let code: ExitCode =
                switch failure.kind {
                case .authentication, .permission: .notAuthorized
                case .malformed, .unavailable, .rejected: .failed
                }
            throw Failure(code: code, message: "the live state cannot be read: \(failure.message)")
        }
        return fresh
    }

    private func read() async -> Fresh {
        let desired = manifest.desired
        let reader = LiveStateReader(
            client: session.reader,
            apiVersions: desired.apiVersions,
            parallelism: run.settings.parallelism
        )
        let live = await reader.read(for: desired)
        let planner = Planner(
            desired: desired,
            live: live,
            policy: PlanPolicy(limits: limits.applied(to: desired.limits), caller: session.caller)
        )
        let plan = planner.plan()
        let document = PlanDocument(
            plan: plan,
            createdAt: run.time.date(),
            toolVersion: Version.number,
            manifest: manifest.files.digest,
            target: session.target,
            options: limits.options,
            diagnostics: manifest.diagnostics
        )
        return Fresh(planner: planner, plan: plan, live: live, document: document)
    }

    /// Carries out an approved plan and writes the emulator's state back.
    func execute(
        _ approved: consuming ApprovedPlan,
        of fresh: Fresh,
        stop: StopSignal,
        progress: @escaping @Sendable (ChangeOutcome) -> Void
    ) async -> Report {
        let context = ExecutionContext(
            client: session.writer,
            turns: session.turns,
            apiVersions: manifest.desired.apiVersions,
            time: session.time,
            rules: fresh.planner.machineRules(for: fresh.plan),
            identities: Dictionary(
                manifest.desired.identities.map { ($0.id, $0) },
                uniquingKeysWith: { first, _ in first }
            ),
            parallelism: run.settings.parallelism,
            stop: stop
        )
        return await Executor(context: context, progress: progress).execute(approved)
    }
}
