import IdSyncCore

/// What one machine's run remembers between turns: races, idle writes, identities that had to be left out.
struct MachineProgress: Sendable {
    /// Whether additions and removals go in separate requests, because the service refused them mixed (F9).
    var sendsSeparately = false
    /// Whether additions go one by one, because the service refused some without saying which (F52).
    var sendsSingly = false
    /// Whether the token was refused and renewed once already.
    var hasRenewedToken = false
    /// Whether an operation of somebody else was given time to end already.
    var hasWaitedForOthers = false
    /// The waits before a write is sent once more after a passing fault.
    var repeats = Repeats()
    /// The waits for identities that this run has created to be known everywhere.
    var propagation = Propagation()
    /// Identities left out because ARM refused them, with why.
    private(set) var dropped: [(id: ResourceID, error: ReportError, status: Int?)] = []
    /// How often another writer was faster.
    private(set) var races = 0
    /// Whether a turn is to be taken before the next look, because a write follows it.
    var needsTurn = true
    /// The ETag that the last write carried.
    var sent: String?
    /// Whether nobody has said how the operation of the last write ended.
    var isUnconfirmed = false
    /// Identities that this run took off to put them on again.
    private var takenOff: Set<String> = []
    private var acceptedWrites = 0
    /// What the last accepted write was to leave on the machine.
    private var expected: IdentityBlock?
    /// Names of what nobody asked to remove and that is gone after a write.
    private var missing: [String] = []
    private var last: MachineDelta?
    private var idleWrites = 0
    private var oldLooks = 0
    /// Why the rest of the change was not made.
    private(set) var heldBack: String?
    private var notes: [String] = []

    /// Most times that ARM may accept the same delta without showing it.
    private static let idleLimit = 3
    /// Most times that a look may be too old when its write could leave.
    private static let oldLookLimit = 20

    /// Checks before a request that the accepted ones had an effect (F49), and that nobody undoes them for ever (F17).
    ///
    /// `planned` is how many requests the whole change takes when nothing is in its way.
    mutating func begin(_ delta: MachineDelta, planned: Int) -> Ending? {
        let singles = sendsSingly ? IdentityBody.chunkSize : 0
        guard acceptedWrites < planned * 2 + Self.idleLimit + singles else {
            return .failed(
                code: "contended",
                "ARM accepted \(acceptedWrites) requests, but somebody else changes the machine back each time"
            )
        }
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
    mutating func accepted(_ piece: MachineDelta, of delta: MachineDelta, on block: IdentityBlock) {
        acceptedWrites += 1
        expected = piece.applied(to: block)
        takenOff.formUnion(
            delta.reattach.map(\.key).filter { key in piece.remove.contains { $0.key == key } }
        )
        takenOff.subtract(piece.add.map(\.key))
        idleWrites = delta == last ? idleWrites + 1 : 1
        last = delta
    }

    /// Compares what a write was to leave with what is there: a PATCH is done when live equals after (DESIGN section 4).
    ///
    /// Additions that are missing are still in the delta and tried again; this is about what was only to stay.
    mutating func verify(_ live: IdentityBlock, stillWanted delta: MachineDelta) {
        guard let expected else { return }
        let wanted = Set(delta.add.map(\.key) + delta.leaving.map(\.key))
        missing = expected.attached.filter { !live.carries($0.key) && !wanted.contains($0.key) }
            .map { $0.id?.name ?? $0.spelling }
        if expected.type.hasSystem, !live.type.hasSystem, delta.system == nil {
            missing.append("the system-assigned identity")
        }
    }

    /// The ending that says that something left which was to stay; nil when everything is there.
    var losing: Ending? {
        guard !missing.isEmpty else { return nil }
        return .failed(
            code: "not-kept",
            "\(missing.joined(separator: ", ")) was on the machine before the request and is gone after it, which "
                + "idsync did not ask for: another writer or the service took it off; put it back if that is wrong"
        )
    }

    /// Counts a look that was too old when its write could leave; false when there were too many.
    mutating func mayLookAgain() -> Bool {
        oldLooks += 1
        return oldLooks <= Self.oldLookLimit
    }

    /// Counts a race; the ending when there were too many.
    mutating func race(_ failure: ARMFailure) -> Ending? {
        races += 1
        guard races >= ExecutionContext.raceLimit else { return nil }
        return Ending(
            status: .failed,
            error: ReportError(failure),
            notes: [
                "read and planned anew \(races) times"
                    + (failure.armError?.status == 412 ? ", another writer was faster each time" : "")
            ]
        )
    }

    private static let restIsDone =
        "everything else that was asked for on this machine is in place; only the named ones are not"

    /// Leaves an identity out of this run.
    mutating func drop(_ id: ResourceID, _ error: ReportError, status: Int?) {
        dropped.append((id, error, status))
    }

    /// Whether the machine would end with no user-assigned identity although the plan leaves it one.
    ///
    /// Then what was to stay or to come is not there: nothing more is taken away.
    mutating func holdsBack(_ delta: MachineDelta, on block: IdentityBlock, approved: IdentityBlock) -> Bool {
        guard approved.type.hasUser, delta.shrinksType(of: block),
            !delta.applied(to: block).type.hasUser
        else { return false }
        let names = delta.remove.map { $0.id?.name ?? $0.spelling }.joined(separator: ", ")
        heldBack = "\(names) was left on the machine, which would have none without the one that was refused"
        return true
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
        guard piece.isWholesale(on: machine.block, versions.shape) else { return }
        if !versions.hasETag {
            note(
                "written without an ETag, which compute \(versions.compute) does not have; verified afterwards"
            )
        } else if machine.etag == nil {
            note("written without an ETag, because ARM sent none; verified afterwards")
        }
    }

    /// What the machine is without at the end, because the second half of a re-attachment did not happen.
    var losses: [String] {
        takenOff.sorted().map { key in
            let name = key.split(separator: "/").last.map(String.init) ?? key
            return "\(name) was taken off to be attached again and is not back on: the machine is without it"
        }
    }

    /// How the run ends once nothing is left to send.
    func ending(wrote: Bool) -> Ending {
        if dropped.isEmpty, var ending = losing {
            ending.notes = notes
            return ending
        }
        guard let first = dropped.first else {
            var ending = wrote ? Ending.applied : .alreadyDone
            ending.notes = notes
            return ending
        }
        let others = dropped.dropFirst().map { "\($0.id.name): \($0.error.message)" }
        return Ending(
            status: .failed,
            error: first.error,
            notes: notes + others + [heldBack ?? Self.restIsDone],
            httpStatus: first.status
        )
    }
}
