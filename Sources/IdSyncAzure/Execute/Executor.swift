package import IdSyncCore

/// Carries out an approved plan: stages in order, changes of a stage side by side, every outcome in the report.
package struct Executor: Sendable {
    private let context: ExecutionContext
    private let progress: @Sendable (ChangeOutcome) -> Void

    /// Makes an executor; `progress` hears of each outcome as it happens.
    package init(
        context: ExecutionContext,
        progress: @escaping @Sendable (ChangeOutcome) -> Void = { _ in }
    ) {
        self.context = context
        self.progress = progress
    }

    /// Executes the plan; failures are outcomes, so that one bad change never hides the others.
    package func execute(_ plan: consuming ApprovedPlan) async -> Report {
        let changes = plan.changes
        var outcomes: [String: ChangeOutcome] = [:]
        var context = context
        let users = DeletionCheck(of: changes.filter(\.isDeletion).map(\.resourceID), context: context)
        for stage in Set(changes.map(\.stage)).sorted() {
            let settled = outcomes
            let now = context
            let done = await boundedMap(
                changes.filter { $0.stage == stage },
                limit: context.changesInFlight
            ) { change in
                let outcome = await run(change, after: settled, now, users)
                progress(outcome)
                return outcome
            }
            for outcome in done { outcomes[outcome.change.id] = outcome }
            context = context.knowing(created: Set(done.filter(\.isCreation).map(\.change.resourceID)))
        }
        return Report(
            outcomes: changes.compactMap { outcomes[$0.id] },
            identities: await identitiesAfterwards(),
            signal: signal
        )
    }

    private var signal: Int32? {
        if case .signal(let number) = context.stop.reason { number } else { nil }
    }

    /// The changes that a change needs and that did not succeed.
    private func failedNeeds(of change: Change, _ outcomes: [String: ChangeOutcome]) -> [String] {
        change.dependsOn.filter { id in
            guard let status = outcomes[id]?.status else { return true }
            return status != .applied && status != .alreadyDone
        }
    }

    /// One change, unless something that it needs did not happen or the run is to stop.
    private func run(
        _ change: Change,
        after outcomes: [String: ChangeOutcome],
        _ context: ExecutionContext,
        _ users: DeletionCheck
    ) async -> ChangeOutcome {
        let failedNeeds = failedNeeds(of: change, outcomes)
        let began = context.time.now()
        var tally = WriteTally()
        let ending: Ending
        if !failedNeeds.isEmpty {
            let names = failedNeeds.compactMap { outcomes[$0]?.change.address }.joined(separator: ", ")
            ending = .notStarted("it needs \(names), which did not succeed")
        } else if let reason = context.stop.reason {
            ending = .notStarted(reason)
        } else {
            (ending, tally) = await carryOut(change, context, users)
        }
        return ChangeOutcome(
            change: change,
            status: ending.status,
            attempts: tally.attempts,
            writes: tally.writes,
            isUncertain: tally.isUncertain,
            duration: context.time.now() - began,
            httpStatus: ending.httpStatus ?? tally.httpStatus,
            error: ending.error,
            notes: ending.notes
        )
    }

    /// Carries a change out; once the run is to stop it has a while to find out how it ended, and no longer.
    private func carryOut(
        _ change: Change,
        _ context: ExecutionContext,
        _ users: DeletionCheck
    ) async -> (Ending, WriteTally) {
        let patience = context.stopGrace + ExecutionContext.lastLook
        let cutOff = (Ending.cutOff, WriteTally())
        let (result, wasCut) = await context.stop.withGrace(patience, on: context.time, otherwise: cutOff) {
            var tally = WriteTally()
            let ending =
                if case .patchMachine(_, _, let delta) = change.operation {
                    await MachineRun(context: context, change: change, ceiling: delta).run(&tally)
                } else {
                    await IdentityRun(context: context, change: change, users: users).run(&tally)
                }
            return (ending, tally)
        }
        return wasCut && result.0.error?.code == ARMFailure.cancelledCode ? (.cutOff, result.1) : result
    }

    /// The declared identities as they are now, for the next pipeline step; none after an interruption.
    private func identitiesAfterwards() async -> [LiveIdentity] {
        guard context.stop.reason == nil else { return [] }
        let present = context.identities.values.filter { $0.presence == .present }.map(\.id)
        let reader = LiveStateReader(
            client: context.client,
            apiVersions: context.apiVersions,
            parallelism: context.parallelism
        )
        let readings = await ResourceReader<WireIdentity>(reader, kind: .userAssignedIdentity).read(
            Set(present)
        )
        return readings.lookups.values.compactMap { $0.value?.identity }.sorted { $0.id < $1.id }
    }
}

extension Change {
    fileprivate var isDeletion: Bool { if case .deleteIdentity = operation { true } else { false } }
}

extension ChangeOutcome {
    /// Whether this run has created an identity.
    fileprivate var isCreation: Bool {
        if case .createIdentity = change.operation { status == .applied } else { false }
    }
}
