import IdSyncCore
import Synchronization

/// Looks once more, right before identities are deleted, which machines carry one.
///
/// ARM deletes an identity that is in use and leaves dead references behind (F27). The plan has looked, but that was
/// before every other change: meanwhile somebody may have attached it, to any machine. One look serves many deletions,
/// but only for a while, since a thousand of them take minutes.
final class DeletionCheck: Sendable {
    /// What one look at every machine showed.
    private struct Findings: Sendable {
        let at: Duration
        /// Machines by the folded id of the identity that they carry.
        let users: [String: [ResourceID]]
        /// Why not every machine could be seen.
        let gap: ReadFailure?
    }

    private let doomed: [ResourceID]
    private let context: ExecutionContext
    private let state = Mutex(State())

    private struct State {
        var findings: Findings?
        var isLooking = false
        var waiting: [CheckedContinuation<Findings, Never>] = []
    }

    /// How long a look is good for.
    private static let freshness = Duration.seconds(30)

    /// Makes a check for identities that may be deleted.
    init(of doomed: [ResourceID], context: ExecutionContext) {
        self.doomed = doomed
        self.context = context
    }

    /// How the deletion ends before it begins; nil when nothing is in its way.
    func objection(to id: ResourceID) async -> Ending? {
        let findings = await fresh()
        if let gap = findings.gap {
            return .failed(
                code: Gate.whereUsed.rawValue,
                "idsync could not look once more for machines that use it: \(gap.message)"
            )
        }
        guard let machines = findings.users[id.key] else { return nil }
        return .stale(
            "\(machines.map(\.name).joined(separator: ", ")) carries it now, so deleting it would leave a dead "
                + "reference; plan again"
        )
    }

    /// The last look, or a new one when that is too old; all who ask meanwhile wait for the same.
    private func fresh() async -> Findings {
        let now = context.time.now()
        let (known, isMine) = state.withLock { state -> (Findings?, Bool) in
            if let findings = state.findings, now - findings.at <= Self.freshness { return (findings, false) }
            defer { state.isLooking = true }
            return (nil, !state.isLooking)
        }
        if let known { return known }
        guard isMine else { return await next() }
        let findings = await search()
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            (state.findings, state.isLooking) = (findings, false)
            return state.waiting
        }
        for waiter in waiting { waiter.resume(returning: findings) }
        return findings
    }

    /// What the look under way shows.
    private func next() async -> Findings {
        await withCheckedContinuation { continuation in
            let findings = state.withLock { state -> Findings? in
                if !state.isLooking { return state.findings }
                state.waiting.append(continuation)
                return nil
            }
            if let findings { continuation.resume(returning: findings) }
        }
    }

    /// Lists the VMs and scale sets of every subscription that the manifest names.
    private func search() async -> Findings {
        let named = doomed + Array(context.identities.keys) + Array(context.rules.keys)
        let keys = Set(doomed.map(\.key))
        let reader = LiveStateReader(
            client: context.client,
            apiVersions: context.apiVersions,
            parallelism: context.parallelism
        )
        let at = context.time.now()
        let found = await UserSearch(reader: reader, doomed: keys, declared: []).run(
            subscriptions: Set(named.map { Folding.fold($0.subscription) }).sorted()
        )
        var users: [String: [ResourceID]] = [:]
        for (id, lookup) in found.lookups {
            for attached in lookup.value?.machine.block.attached ?? [] where keys.contains(attached.key) {
                users[attached.key, default: []].append(id)
            }
        }
        return Findings(at: at, users: users.mapValues { $0.sorted() }, gap: found.gap)
    }
}
