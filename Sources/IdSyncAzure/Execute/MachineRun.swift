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
            let seen = await context.reader.get(change.resourceID, as: WireMachine.self)
            guard let found = seen.lookup.value?.machine else { return unreadable(seen) }
            rules = rules.knowing(await lookAgain(on: found.block, rules, &progress))
            let machine: LiveMachine
            (machine, rules) = await context.reader.lookCloser(at: found, by: rules)
            let lookedAt = context.time.now()
            tally.looked(etag: machine.etag, since: progress.sent)
            let delta: MachineDelta
            switch rules.verdict(on: machine) {
            case .blocked(let refusals): return .blocked(refusals)
            case .go(let now): delta = now
            }
            progress.verify(machine.block, stillWanted: delta)
            if delta.isEmpty {
                guard progress.isUnconfirmed, tally.mayHaveWritten, machine.isOperating else {
                    return progress.ending(wrote: tally.mayHaveWritten)
                }
                guard await context.waitWhileOperating(change.resourceID) else { return .stillOperating }
                continue
            }
            guard delta.isWithin(ceiling) else {
                return .stale(
                    "its identities changed since the plan, so that more would be needed; plan again"
                )
            }
            if case .patchMachine(_, let approved, _) = change.operation,
                progress.holdsBack(delta, on: machine.block, approved: approved)
            {
                return progress.dropped.isEmpty
                    ? .stale("what was to stay on it is gone, so this would leave it without any; plan again")
                    : progress.ending(wrote: tally.mayHaveWritten)
            }
            if let ending = progress.begin(delta, planned: change.requests.count) { return ending }
            if let reason = context.stop.reason {
                return tally.mayHaveWritten
                    ? .failed(code: "interrupted", "stopped between two requests; run again to finish")
                    : .notStarted(reason)
            }
            if machine.isOperating, !progress.hasWaitedForOthers {
                // A write would preempt whatever is going on there, which may be somebody else's (F43, F63).
                progress.hasWaitedForOthers = true
                _ = await context.waitWhileOperating(
                    change.resourceID,
                    atMost: ExecutionContext.patienceWithOthers
                )
                continue
            }
            guard let ready = turn ?? context.client.turns.turnNow(.patch, change.resourceID) else {
                progress.needsTurn = true
                continue
            }
            (turn, progress.needsTurn) = (nil, false)
            do throws(ARMFailure) {
                let piece = nextPiece(of: delta, progress)
                progress.noteMissingGuard(for: piece, on: machine, context.apiVersions)
                let etag = context.apiVersions.hasETag ? machine.etag : nil
                progress.sent = etag
                try await send(
                    piece,
                    on: machine,
                    after: Look(turn: ready, at: lookedAt, etag: etag),
                    &tally
                )
                progress.accepted(piece, of: delta, on: machine.block)
                progress.isUnconfirmed = false
                rules = rules.havingRenewed(Set(piece.remove.map(\.key) + piece.add.map(\.key)))
            } catch {
                if let ending = context.notBegun(error, tally) { return ending }
                progress.isUnconfirmed = true
                progress.needsTurn = true
                let recovery = await MachineRecovery(
                    context: context,
                    change: change,
                    live: machine.block,
                    delta: delta,
                    wrote: tally.mayHaveWritten,
                    isGuarded: progress.sent != nil
                ).recover(from: error, rules: &rules, progress: &progress)
                if let ending = recovery { return ending }
            }
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
