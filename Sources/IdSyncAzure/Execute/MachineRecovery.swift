import IdSyncCore

/// Decides what a failed PATCH means for the rest of a machine's run: go another turn, or end.
struct MachineRecovery: Sendable {
    let context: ExecutionContext
    let change: Change
    /// What the machine carried when the request was made.
    let live: IdentityBlock
    let delta: MachineDelta
    /// Whether this change wrote to Azure, or may have.
    let wrote: Bool
    /// Whether the request carried an ETag; then the transport has repeated it already.
    let isGuarded: Bool

    /// Nil to read and plan anew; an ending when there is nothing left to try.
    func recover(
        from failure: ARMFailure,
        rules: inout MachineRules,
        progress: inout MachineProgress
    ) async -> Ending? {
        switch failure.errorClass {
        case .authentication where failure.armError != nil && !isGuarded && !progress.hasRenewedToken:
            // The client has renewed the token that was refused.
            progress.hasRenewedToken = true
            return nil
        case .race where failure.isOutdated:
            return progress.mayLookAgain() ? nil : .failed(failure)
        case .race: return await raced(failure, &progress)
        case .transient, .throttled:
            // A transport knows nothing of an operation that was accepted and failed later (status 200).
            let wasRepeated = isGuarded && failure.armError?.status != 200
            if !wasRepeated, await isToBeRepeated(after: failure, &progress) { return nil }
            return await verdict(on: failure, rules: rules, &progress)
        case .ambiguousIdentity: return await isolate(failure, rules: &rules, progress: &progress)
        case .propagation:
            return await isToBeAwaited(&progress)
                ? nil : await verdict(on: failure, rules: rules, &progress)
        case .deleting:
            return .blocked([Refusal(.deleting, "it is being deleted; remove it from the manifest")])
        case _ where mayBeTheMix(failure) && !progress.sendsSeparately:
            progress.sendsSeparately = true
            progress.note("the service refused additions and removals in one request; sent additions first")
            return nil
        default: return await verdict(on: failure, rules: rules, &progress)
        }
    }

    /// A used-up ETag is read anew at once; a conflict with a running operation needs time to pass first.
    private func raced(_ failure: ARMFailure, _ progress: inout MachineProgress) async -> Ending? {
        if let ending = progress.race(failure) { return ending }
        guard let error = failure.armError, error.status != 412 else { return nil }
        let pause = error.retryAfter ?? .seconds(1 << progress.races)
        guard pause <= RetryPolicy().budget else { return .failed(failure) }
        do { try await context.time.sleep(for: pause) } catch { return .failed(failure) }
        return nil
    }

    /// An unguarded write is repeated from a fresh look, never blindly.
    private func isToBeRepeated(after failure: ARMFailure, _ progress: inout MachineProgress) async -> Bool {
        let asked = failure.armError?.retryAfter
        guard let pause = progress.repeats.pause(asked, jitter: context.jitter()) else { return false }
        do { try await context.time.sleep(for: pause) } catch { return false }
        return true
    }

    /// What this run has just created may not be known everywhere yet (F31, F32).
    private func isToBeAwaited(_ progress: inout MachineProgress) async -> Bool {
        guard let pause = progress.propagation.pause() else { return false }
        do { try await context.time.sleep(for: pause) } catch { return false }
        return true
    }

    /// Nobody has published the code of this refusal (field-failures section 6), so any unexplained 400 on a request
    /// that adds and removes is answered by trying them apart, once.
    private func mayBeTheMix(_ failure: ARMFailure) -> Bool {
        [.mixedRejected, .bug, .other].contains(failure.errorClass) && failure.armError?.status == 400
            && !delta.add.isEmpty && !delta.leaving.isEmpty
    }

    /// A write whose answer was lost or whose operation failed may have worked all the same (F63): a GET decides.
    private func verdict(
        on failure: ARMFailure,
        rules: MachineRules,
        _ progress: inout MachineProgress
    ) async -> Ending {
        guard let machine = await liveMachine(), rules.delta(on: machine).isEmpty else {
            return .failed(failure)
        }
        if wrote, machine.isOperating {
            // What an operation shows while it runs, it takes back when it fails.
            if case .deadline = failure { return .failed(failure) }
            guard await context.waitWhileOperating(change.resourceID), let settled = await liveMachine(),
                rules.delta(on: settled).isEmpty
            else { return .failed(failure) }
        }
        progress.note("the request ended with \(failure.code), but the machine is as wanted")
        return progress.ending(wrote: wrote)
    }

    private func liveMachine() async -> LiveMachine? {
        await context.reader.get(change.resourceID, as: WireMachine.self).lookup.value?.machine
    }

    /// Finds the identities that ARM objects to, leaves them out, and lets the rest go on (F51, F53).
    private func isolate(
        _ failure: ARMFailure,
        rules: inout MachineRules,
        progress: inout MachineProgress
    ) async -> Ending? {
        let wanted = Set(delta.add)
        var culprits = failure.namedIdentities.filter(wanted.contains)
        if failure.namedIdentities.isEmpty { culprits = await suspects(progress) }
        let meant = culprits.isEmpty ? wanted : Set(culprits)
        if !meant.isDisjoint(with: context.created), await isToBeAwaited(&progress) { return nil }
        if culprits.isEmpty, failure.namedIdentities.isEmpty, delta.add.count > 1, !progress.sendsSingly {
            progress.sendsSingly = true
            progress.note("the service refused an identity without saying which; sent one by one")
            return nil
        }
        guard !culprits.isEmpty else { return .failed(failure, notes: bystanders(in: failure)) }
        for id in culprits {
            progress.drop(id, await diagnosis(of: id, failure), status: failure.armError?.status)
        }
        rules = rules.leavingOut(Set(culprits.map(\.key)))
        return nil
    }

    /// Whom a refusal that names nobody can mean: those that do not exist, else the only one in the request.
    private func suspects(_ progress: MachineProgress) async -> [ResourceID] {
        guard !progress.sendsSingly, delta.add.count > 1 else { return Array(delta.add.prefix(1)) }
        var missing: [ResourceID] = []
        for id in delta.add {
            if case .absent = await context.reader.get(id, as: WireIdentity.self).lookup {
                missing.append(id)
            }
        }
        return missing
    }

    /// One code for two troubles: a GET of the identity tells "does not exist" from "no permission" (F52).
    private func diagnosis(of id: ResourceID, _ failure: ARMFailure) async -> ReportError {
        let seen = await context.reader.get(id, as: WireIdentity.self)
        let place = asked(for: id)
        let isMissing = if case .absent = seen.lookup { true } else { false }
        let base = ReportError(failure)
        return ReportError(
            code: isMissing ? "missing-identity" : base.code,
            message: isMissing
                ? "identity \(id.name)\(place) does not exist"
                : "identity \(id.name)\(place) was refused: \(base.message)",
            requestID: base.requestID,
            correlationID: base.correlationID,
            remedy: remedy(for: id, isMissing: isMissing, failure),
            isPermission: !isMissing && failure.armError?.status == 403
        )
    }

    private func remedy(for id: ResourceID, isMissing: Bool, _ failure: ARMFailure) -> String? {
        if isMissing { return "create it, or correct the reference in the manifest" }
        guard let error = failure.armError, error.status == 403 else {
            return "a GET finds \(id.name), so the service that assigns it may lag behind; "
                + "run again in a few minutes"
        }
        return error.assignRemedy(for: [asWritten(id)])
    }

    /// The id as the manifest spells it: ARM's own messages fold parts of it.
    private func asWritten(_ id: ResourceID) -> ResourceID { delta.add.first { $0 == id } ?? id }

    private func asked(for id: ResourceID) -> String {
        let origin = context.rules[change.resourceID]?.desired.userAssigned.first { $0.id == id }?.origin
        return origin.map { " (\($0))" } ?? ""
    }

    private func bystanders(in failure: ARMFailure) -> [String] {
        failure.namedIdentities.filter { live.carries($0.key) }.map {
            "ARM names \($0), which is on the machine already and not part of this change; if it was deleted, list it "
                + "under remove to clean up"
        }
    }
}
