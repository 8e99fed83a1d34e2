import IdSyncCore

/// Creates, updates or deletes one identity.
///
///     turn -> GET -> as wanted: done
///                 -> another than was approved: stale
///                 -> write -> GET until it shows
///                       |  passing fault: wait, and from the start
///
/// Identities have no ETag in any version (FACTS section 1.6), so the looks before each attempt and after it are the only
/// guard.
struct IdentityRun: Sendable {
    let context: ExecutionContext
    let change: Change
    /// Knows who uses an identity that is to be deleted.
    let users: DeletionCheck

    /// GETs in a row that must succeed once a freshly created identity has answered 404 (F31).
    private static let steadyReads = 3
    /// How long a new identity may stay unseen, and a deleted one seen.
    private static let propagation: Duration = .seconds(120)

    func run(_ tally: inout WriteTally) async -> Ending {
        guard let request = change.requests.first, let method = HTTPMethod(rawValue: request.method) else {
            return .failed(code: "internal", "the change has no request")
        }
        var repeats = Repeats()
        var hasRenewedToken = false
        while true {
            let turn: WriteTurn?
            do throws(ARMFailure) { turn = try await context.turn(method, change.resourceID) } catch {
                return .failed(error)
            }
            if let ending = await standing(tally) {
                if ending.status == .applied { tally.arrived() }
                return ending
            }
            let lookedAt = context.time.now()
            if let objection = await objection() { return objection }
            guard let turn, context.stop.reason == nil else {
                return tally.mayHaveWritten ? .cutOff : .notStarted(context.stop.reason ?? .timeout)
            }
            do throws(ARMFailure) {
                try await context.write(
                    request,
                    to: change.resourceID,
                    after: Look(turn: turn, at: lookedAt),
                    tally: &tally
                )
                return await verified()
            } catch {
                if error.armError?.status == 401, !hasRenewedToken {
                    // The client has renewed the token that was refused.
                    hasRenewedToken = true
                } else if let ending = await ended(by: error, &tally, &repeats) {
                    return ending
                }
            }
        }
    }

    /// How the change ends before anything is sent; nil when it is to be sent.
    private func standing(_ tally: WriteTally) async -> Ending? {
        let seen = await context.reader.get(change.resourceID, as: WireIdentity.self)
        let done = tally.mayHaveWritten ? Ending.applied : .alreadyDone
        switch (change.operation, seen.lookup) {
        case (_, .unreadable(let failure)):
            return seen.failure.map { .failed($0) } ?? .failed(code: failure.kind.rawValue, failure.message)
        case (.createIdentity, .absent): return nil
        case (.createIdentity(let location, let tags), .found(let wire)):
            let ending = alreadyCreated(wire.identity, location: location, tags: tags)
            return ending.status == .alreadyDone ? done : ending
        case (.updateIdentity, .absent): return .stale("it no longer exists")
        case (.updateIdentity(_, let before, let after), .found(let wire)):
            if wire.identity.tags == after { return done }
            guard wire.identity.tags == before else {
                return .stale("its tags changed since the plan; plan again")
            }
            return nil
        case (.deleteIdentity, .absent): return done
        case (.deleteIdentity(let planned), .found(let wire)):
            guard planned.isSame(as: wire.identity) else {
                return .stale("it is not what it was when it was planned to be deleted; plan again")
            }
            return nil
        case (.patchMachine, _):
            return .failed(code: "internal", "a machine change reached the identity executor")
        }
    }

    private func objection() async -> Ending? {
        guard case .deleteIdentity = change.operation else { return nil }
        return await users.objection(to: change.resourceID)
    }

    /// How a failed write ends the change; nil when it is to be tried again.
    private func ended(
        by failure: ARMFailure,
        _ tally: inout WriteTally,
        _ repeats: inout Repeats
    ) async -> Ending? {
        // The resource vanished first: for a delete that is the wish.
        if failure.armError?.saysAbsent == true, case .deleteIdentity = change.operation {
            guard tally.mayHaveWritten else { return .alreadyDone }
            tally.arrived()
            return .applied
        }
        if let ending = context.notBegun(failure, tally) { return ending }
        if failure.isOutdated || [.transient, .throttled].contains(failure.errorClass),
            let pause = repeats.pause(failure.armError?.retryAfter, jitter: context.jitter()),
            (try? await context.time.sleep(for: failure.isOutdated ? .zero : pause)) != nil
        {
            return nil
        }
        return tally.isUncertain ? await verdict(on: failure, &tally) : .failed(failure)
    }

    private func verified() async -> Ending {
        switch change.operation {
        case .createIdentity(let location, let tags): await settle(location: location, tags: tags)
        case .updateIdentity(_, _, let tags): await verifyTags(tags)
        case .deleteIdentity, .patchMachine: await untilGone()
        }
    }

    /// A write whose answer was lost may have worked all the same: a GET that shows it proves it.
    ///
    /// One that does not show it proves nothing: replicas lag (F31), and identities have no ETag.
    private func verdict(on failure: ARMFailure, _ tally: inout WriteTally) async -> Ending {
        guard var ending = await standing(tally), ending.status == .applied else { return .failed(failure) }
        tally.arrived()
        ending.notes = ["the request ended with \(failure.code), but a GET shows what was asked for"]
        return ending
    }

    private func alreadyCreated(_ live: LiveIdentity, location: String, tags: [String: String]) -> Ending {
        guard Folding.location(live.location) == Folding.location(location),
            IdentityRules.mergedTags(live.tags, tags) == live.tags
        else {
            return .stale("someone created it meanwhile, with another location or other tags; plan again")
        }
        return .alreadyDone
    }

    private func verifyTags(_ tags: [String: String]) async -> Ending {
        let seen = await context.reader.get(change.resourceID, as: WireIdentity.self)
        guard let identity = seen.lookup.value?.identity else {
            return seen.failure.map { .failed($0) }
                ?? .failed(code: "unverified", "it could not be read back")
        }
        return IdentityRules.mergedTags(identity.tags, tags) == identity.tags
            ? .applied
            : .failed(code: "not-applied", "ARM accepted the tags, but a GET does not show them")
    }

    /// Waits until the new identity answers steadily, so that what needs it does not meet a lagging replica.
    private func settle(location: String, tags: [String: String]) async -> Ending {
        let deadline = context.time.now() + Self.propagation
        var needed = 1
        var pause = Duration.seconds(1)
        while true {
            let seen = await context.reader.get(change.resourceID, as: WireIdentity.self)
            switch seen.lookup {
            case .found(let wire):
                needed -= 1
                guard needed <= 0 else { break }
                return alreadyCreated(wire.identity, location: location, tags: tags).status == .alreadyDone
                    ? .applied
                    : .failed(
                        code: "not-applied",
                        "ARM accepted it, but a GET shows another location or other tags"
                    )
            case .absent: needed = Self.steadyReads
            case .unreadable(let failure):
                return seen.failure.map { .failed($0) }
                    ?? .failed(code: failure.kind.rawValue, failure.message)
            }
            guard await wait(&pause, before: deadline) else {
                return unseen("ARM created it, but GETs still answer 404 after 120 s")
            }
        }
    }

    private func untilGone() async -> Ending {
        let deadline = context.time.now() + Self.propagation
        var pause = Duration.seconds(1)
        while true {
            let seen = await context.reader.get(change.resourceID, as: WireIdentity.self)
            if case .absent = seen.lookup { return .applied }
            if let failure = seen.failure { return .failed(failure) }
            guard await wait(&pause, before: deadline) else {
                return unseen("ARM deleted it, but GETs still find it after 120 s")
            }
        }
    }

    private func unseen(_ message: String) -> Ending {
        Task.isCancelled ? .cutOff : .failed(code: "propagation", message)
    }

    /// Waits a growing while; false when the deadline has passed or the run was cancelled.
    private func wait(_ pause: inout Duration, before deadline: Duration) async -> Bool {
        guard context.time.now() < deadline else { return false }
        do { try await context.time.sleep(for: pause) } catch { return false }
        pause = min(pause * 2, .seconds(15))
        return true
    }
}
