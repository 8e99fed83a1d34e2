import IdSyncCore

/// Creates, updates or deletes one identity: GET, write, GET.
///
/// Identities have no ETag in any version (FACTS section 1.6), so the looks before and after are the only guard.
struct IdentityRun: Sendable {
    let context: ExecutionContext
    let change: Change

    /// GETs in a row that must succeed once a freshly created identity has answered 404 (F31).
    private static let steadyReads = 3
    /// How long a new identity may stay unseen, and a deleted one seen.
    private static let propagation: Duration = .seconds(120)

    func run(_ tally: inout WriteTally) async -> Ending {
        let fresh = await context.reader.get(change.resourceID, as: WireIdentity.self)
        switch (change.operation, fresh.lookup) {
        case (_, .unreadable(let failure)):
            return fresh.failure.map { .failed($0) } ?? .failed(code: failure.kind.rawValue, failure.message)
        case (.createIdentity(let location, let tags), .absent):
            return await write(&tally) { await settle(location: location, tags: tags) }
        case (.createIdentity(let location, let tags), .found(let wire)):
            return alreadyCreated(wire.identity, location: location, tags: tags)
        case (.updateIdentity(_, let before, let after), .found(let wire)):
            return await update(wire.identity, from: before, to: after, &tally)
        case (.updateIdentity, .absent): return .stale("it no longer exists")
        case (.deleteIdentity, .absent): return .alreadyDone
        case (.deleteIdentity, .found):
            return await write(&tally) { await untilGone() }
        case (.patchMachine, _):
            return .failed(code: "internal", "a machine change reached the identity executor")
        }
    }

    private func write(_ tally: inout WriteTally, then verify: () async -> Ending) async -> Ending {
        // The run may have been asked to stop during the GET.
        if let reason = context.stop.reason { return .notStarted(reason) }
        for request in change.requests {
            do throws(ARMFailure) {
                try await context.write(request, to: change.resourceID, etag: nil, tally: &tally)
            } catch {
                // The resource vanished first: for a delete that is the wish.
                if error.armError?.saysAbsent == true, case .deleteIdentity = change.operation {
                    guard tally.mayHaveWritten else { return .alreadyDone }
                    tally.arrived()
                    return .applied
                }
                if let ending = context.notBegun(error, tally) { return ending }
                return tally.isUncertain ? await verdict(on: error, &tally) : .failed(error)
            }
        }
        return await verify()
    }

    /// A write whose answer was lost may have worked all the same: a GET that shows it proves it.
    ///
    /// One that does not show it proves nothing: replicas lag (F31), and identities have no ETag.
    private func verdict(on failure: ARMFailure, _ tally: inout WriteTally) async -> Ending {
        let seen = await context.reader.get(change.resourceID, as: WireIdentity.self).lookup
        let isAsWanted =
            switch (change.operation, seen) {
            case (.createIdentity(let location, let tags), .found(let wire)):
                alreadyCreated(wire.identity, location: location, tags: tags).status == .alreadyDone
            case (.updateIdentity(_, _, let after), .found(let wire)): wire.identity.tags == after
            case (.deleteIdentity, .absent): true
            default: false
            }
        guard isAsWanted else { return .failed(failure) }
        tally.arrived()
        var ending = Ending.applied
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

    private func update(
        _ live: LiveIdentity,
        from before: [String: String],
        to after: [String: String],
        _ tally: inout WriteTally
    ) async -> Ending {
        if live.tags == after { return .alreadyDone }
        guard live.tags == before else { return .stale("its tags changed since the plan; plan again") }
        return await write(&tally) { await verifyTags(after) }
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
                return .failed(code: "propagation", "ARM created it, but GETs still answer 404 after 120 s")
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
                return .failed(code: "propagation", "ARM deleted it, but GETs still find it after 120 s")
            }
        }
    }

    /// Waits a growing while; false when the deadline has passed or the run was cancelled.
    private func wait(_ pause: inout Duration, before deadline: Duration) async -> Bool {
        guard context.time.now() < deadline else { return false }
        do { try await context.time.sleep(for: pause) } catch { return false }
        pause = min(pause * 2, .seconds(15))
        return true
    }
}
