import IdSyncCore

/// Brings the identity block of one VM to where the plan said, and no further.
///
///     turn -> GET -> rules -> nothing left: done
///                          -> more than was approved: stale
///                          -> encode, assert, PATCH with If-Match -> wait -> GET …
///
/// The loop serves races, chunks, verification and resumption alike: each turn starts from what is live now.
struct MachineRun: Sendable {
    let context: ExecutionContext
    let change: Change
    /// What was approved.
    let ceiling: MachineDelta

    func run(_ tally: inout WriteTally) async -> Ending {
        var progress = MachineProgress()
        var ending = await drive(&tally, &progress)
        if ending.status == .applied {
            tally.arrived()
        } else if tally.isUncertain {
            let seen = await context.reader.get(change.resourceID, as: WireMachine.self)
            if let machine = seen.lookup.value?.machine {
                tally.looked(etag: machine.etag, since: progress.sent)
                if !tally.mayHaveWritten {
                    ending.notes.append("ARM did not carry it out: the ETag of the machine has not moved")
                }
            }
        }
        if ending.status != .applied { ending.notes = progress.losses + ending.notes }
        // Stale says that nothing was touched.
        if ending.status == .stale, tally.mayHaveWritten, let error = ending.error {
            return Ending(status: .failed, error: error, notes: ending.notes)
        }
        return ending
    }

    /// Goes turn after turn until nothing is left to do or to try.
    private func drive(_ tally: inout WriteTally, _ progress: inout MachineProgress) async -> Ending {
        guard var rules = context.rules[change.resourceID] else {
            return .failed(code: "internal", "the change has no machine in the manifest")
        }
        var turn: WriteTurn?
        while true {
            if progress.needsTurn, turn == nil {
                do throws(ARMFailure) { turn = try await context.turn(.patch, change.resourceID) } catch {
                    return .failed(error)
                }
            }
            let sight: Sight
            switch await look(&rules, &tally, &progress) {
            case .seen(let seen): sight = seen
            case .ended(let ending): return ending
            }
            switch await next(sight, tally, &progress) {
            case .write: break
            case .lookAgain: continue
            case .end(let ending): return ending
            }
            guard let ready = turn ?? context.client.turns.turnNow(.patch, change.resourceID) else {
                progress.needsTurn = true
                continue
            }
            (turn, progress.needsTurn) = (nil, false)
            if let ending = await write(sight, ready, &rules, &tally, &progress) { return ending }
        }
    }

    /// What is live and what is left to do about it.
    private struct Sight {
        let machine: LiveMachine
        let delta: MachineDelta
        /// When the answer came.
        let at: Duration
    }

    private enum LookOutcome {
        case seen(Sight)
        case ended(Ending)
    }

    private enum Step {
        case write
        case lookAgain
        case end(Ending)
    }

    private func look(
        _ rules: inout MachineRules,
        _ tally: inout WriteTally,
        _ progress: inout MachineProgress
    ) async -> LookOutcome {
        let seen = await context.reader.get(change.resourceID, as: WireMachine.self)
        guard let found = seen.lookup.value?.machine else { return .ended(unreadable(seen)) }
        let foundAt = context.time.now()
        rules = rules.knowing(await lookAgain(on: found.block, rules, &progress))
        let machine: LiveMachine
        (machine, rules) = await context.reader.lookCloser(at: found, by: rules)
        tally.looked(etag: machine.etag, since: progress.sent)
        switch rules.verdict(on: machine) {
        case .blocked(let refusals): return .ended(.blocked(refusals))
        case .go(let delta):
            progress.verify(machine.block, stillWanted: delta)
            let at = machine == found ? foundAt : context.time.now()
            return .seen(Sight(machine: machine, delta: delta, at: at))
        }
    }

    /// Whether a request is to follow, or what else.
    private func next(_ sight: Sight, _ tally: WriteTally, _ progress: inout MachineProgress) async -> Step {
        let (machine, delta) = (sight.machine, sight.delta)
        if delta.isEmpty {
            guard progress.isUnconfirmed, tally.mayHaveWritten, machine.isOperating else {
                return .end(progress.ending(wrote: tally.mayHaveWritten))
            }
            return await context.waitWhileOperating(change.resourceID) ? .lookAgain : .end(.stillOperating)
        }
        guard delta.isWithin(ceiling) else {
            return .end(
                .stale("its identities changed since the plan, so that more would be needed; plan again")
            )
        }
        if case .patchMachine(_, let approved, _) = change.operation,
            progress.holdsBack(delta, on: machine.block, approved: approved)
        {
            return .end(
                progress.dropped.isEmpty
                    ? .stale("what was to stay on it is gone, so this would leave it without any; plan again")
                    : progress.ending(wrote: tally.mayHaveWritten)
            )
        }
        if let ending = progress.begin(delta, planned: change.requests.count) { return .end(ending) }
        if let reason = context.stop.reason {
            return .end(
                tally.mayHaveWritten
                    ? .failed(code: "interrupted", "stopped between two requests; run again to finish")
                    : .notStarted(reason)
            )
        }
        guard machine.isOperating, !progress.hasWaitedForOthers else { return .write }
        // A write would preempt whatever is going on there, which may be somebody else's (F43, F63).
        progress.hasWaitedForOthers = true
        _ = await context.waitWhileOperating(
            change.resourceID,
            atMost: ExecutionContext.patienceWithOthers
        )
        return .lookAgain
    }

    /// Sends what comes next; the ending when there is nothing left to try after a failure.
    private func write(
        _ sight: Sight,
        _ turn: WriteTurn,
        _ rules: inout MachineRules,
        _ tally: inout WriteTally,
        _ progress: inout MachineProgress
    ) async -> Ending? {
        let (machine, delta) = (sight.machine, sight.delta)
        let piece = nextPiece(of: delta, progress)
        progress.noteMissingGuard(for: piece, on: machine, context.apiVersions)
        progress.sent = context.apiVersions.hasETag ? machine.etag : nil
        do throws(ARMFailure) {
            let look = Look(turn: turn, at: sight.at, etag: progress.sent)
            try await send(piece, on: machine, after: look, &tally)
            progress.accepted(piece, of: delta, on: machine.block)
            progress.isUnconfirmed = false
            rules = rules.havingRenewed(Set(piece.remove.map(\.key) + piece.add.map(\.key)))
            return nil
        } catch {
            if let ending = context.notBegun(error, tally) { return ending }
            progress.isUnconfirmed = true
            progress.needsTurn = true
            return await MachineRecovery(
                context: context,
                change: change,
                live: machine.block,
                delta: delta,
                wrote: tally.mayHaveWritten,
                isGuarded: progress.sent != nil
            ).recover(from: error, rules: &rules, progress: &progress)
        }
    }

    /// Looks again at what was believed gone before anything is done about it.
    ///
    /// What cannot be read now stays on the machine, and the report says so: it was approved to leave.
    private func lookAgain(
        on block: IdentityBlock,
        _ rules: MachineRules,
        _ progress: inout MachineProgress
    ) async -> [ResourceID: Lookup<LiveIdentity>] {
        let approved = Set(ceiling.leaving.map(\.key))
        var lookups: [ResourceID: Lookup<LiveIdentity>] = [:]
        for id in rules.believedAbsent(on: block) {
            let seen = await context.reader.get(id, as: WireIdentity.self)
            lookups[id] = seen.lookup.map(\.identity)
            guard approved.contains(id.key) else { continue }
            switch seen.lookup {
            case .absent: break
            case .found: progress.note("\(id.name) exists again")
            case .unreadable(let reason):
                let error =
                    seen.failure.map(ReportError.init)
                    ?? ReportError(code: reason.kind.rawValue, message: reason.message)
                progress.drop(id, error, status: seen.failure?.armError?.status)
            }
        }
        return lookups
    }

    /// The part of a delta that the next request carries.
    private func nextPiece(of delta: MachineDelta, _ progress: MachineProgress) -> MachineDelta {
        let step = (progress.sendsSeparately ? delta.addFirst : delta).steps[0]
        if progress.sendsSingly, let first = step.add.first {
            return MachineDelta(system: step.system == true ? true : nil, add: [first])
        }
        return IdentityBody.chunks(step, shape: context.apiVersions.shape)[0]
    }

    /// Encodes a piece of the delta, asserts that it drops nothing else, and sends it.
    private func send(
        _ piece: MachineDelta,
        on machine: LiveMachine,
        after look: Look,
        _ tally: inout WriteTally
    ) async throws(ARMFailure) {
        let shape = context.apiVersions.shape
        let body = IdentityBody.encode(piece, on: machine.block, shape: shape)
        let problems = BodyAssertion.violations(
            of: body,
            on: machine.block,
            permitting: piece,
            shape: shape
        )
        guard problems.isEmpty else {
            throw ARMFailure.held(
                "idsync built a request that would do more than the plan says: "
                    + problems.joined(separator: "; "),
                path: change.resourceID.description
            )
        }
        try await context.write(
            PlannedRequest(
                method: "PATCH",
                path: change.resourceID.description,
                apiVersion: context.apiVersions.compute,
                body: body
            ),
            to: change.resourceID,
            after: look,
            tally: &tally
        )
    }

    private func unreadable(_ seen: SingleRead.Outcome<WireMachine>) -> Ending {
        switch seen.lookup {
        case .absent: .failed(code: "missing-target", "it no longer exists")
        case .unreadable(let failure):
            seen.failure.map { .failed($0) } ?? .failed(code: failure.kind.rawValue, failure.message)
        case .found: .failed(code: "internal", "a machine that was found could not be used")
        }
    }
}

extension MachineDelta {
    /// The additions alone (with switching the system identity on), or the rest when nothing is added.
    ///
    /// Some services refused a PATCH that mixes `{}` and null (F9): add first, so that no moment is without an identity.
    fileprivate var addFirst: MachineDelta {
        guard !add.isEmpty, !leaving.isEmpty else { return self }
        return MachineDelta(system: system == true ? true : nil, add: add)
    }
}
