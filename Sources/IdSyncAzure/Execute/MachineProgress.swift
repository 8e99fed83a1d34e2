import IdSyncCore

/// What one machine's run remembers between turns: races, idle writes, identities that had to be left out.
struct MachineProgress: Sendable {
    /// Whether additions and removals go in separate requests, because the service refused them mixed (F9).
    var sendsSeparately = false
    /// Identities left out because ARM refused them, with why.
    private(set) var dropped: [(id: ResourceID, error: ReportError, status: Int?)] = []
    /// How often another writer was faster.
    private(set) var races = 0
    /// Whether nobody has said how the operation of the last write ended.
    var isUnconfirmed = false
    private var repeats: (count: Int, waited: Duration) = (0, .zero)
    private var last: MachineDelta?
    private var idleWrites = 0
    private var notes: [String] = []

    /// Most times that ARM may accept the same delta without showing it.
    private static let idleLimit = 3

    /// Checks before a request that the last accepted one had an effect (F49).
    mutating func begin(_ delta: MachineDelta) -> Ending? {
        guard idleWrites > 0, delta == last else {
            idleWrites = 0
            return nil
        }
        guard idleWrites >= Self.idleLimit else { return nil }
        return .failed(
            code: "not-applied",
            "ARM accepted the request \(idleWrites) times, but a GET does not show the change; a policy or another "
                + "tool may undo it"
        )
    }

    /// ARM accepted a delta and its operation ended well.
    mutating func accepted(_ delta: MachineDelta) {
        idleWrites = delta == last ? idleWrites + 1 : 1
        last = delta
    }

    /// Counts a race; the ending when there were too many.
    mutating func race(_ failure: ARMFailure) -> Ending? {
        races += 1
        guard races >= ExecutionContext.raceLimit else { return nil }
        return Ending(
            status: .failed,
            error: ReportError(failure),
            notes: ["read and planned anew \(races) times, another writer was faster each time"]
        )
    }

    /// How long to wait before a write is sent once more after a passing fault; nil when it was sent often enough.
    mutating func pauseBeforeRepeat(_ asked: Duration?, jitter: Double) -> Duration? {
        let policy = RetryPolicy()
        repeats.count += 1
        guard repeats.count < policy.attempts,
            let pause = policy.pause(
                attempt: repeats.count,
                asked: asked,
                waited: repeats.waited,
                jitter: jitter
            )
        else { return nil }
        repeats.waited += pause
        return pause
    }

    /// Leaves an identity out of this run.
    mutating func drop(_ id: ResourceID, _ error: ReportError, status: Int?) {
        dropped.append((id, error, status))
    }

    /// Remembers something for the report, once.
    mutating func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }

    /// Says so when a write that replaces more than it names goes out without an ETag (F14, F21).
    mutating func noteMissingGuard(
        for piece: MachineDelta,
        on machine: LiveMachine,
        _ versions: APIVersions
    ) {
        guard versions.shape == .array || piece.shrinksType(of: machine.block) else { return }
        if !versions.hasETag {
            note(
                "written without an ETag, which compute \(versions.compute) does not have; verified afterwards"
            )
        } else if machine.etag == nil {
            note("written without an ETag, because ARM sent none; verified afterwards")
        }
    }

    /// How the run ends once nothing is left to send.
    func ending(wrote: Bool) -> Ending {
        guard let first = dropped.first else {
            var ending = wrote ? Ending.applied : .alreadyDone
            ending.notes = notes
            return ending
        }
        let others = dropped.dropFirst().map { "\($0.id.name): \($0.error.message)" }
        return Ending(
            status: .failed,
            error: first.error,
            notes: notes + others
                + [
                    "everything else that was asked for on this machine is in place; only the named ones are not"
                ],
            httpStatus: first.status
        )
    }
}
