import IdSyncCore

/// A long-running operation on a machine.
struct Operation: Sendable, Equatable {
    /// How an operation is going to end; anything but `succeed` comes from a fault rule.
    enum Outcome: Sendable, Equatable {
        case succeed
        /// Ends `Failed`; the change stays only when it is `applied`.
        case fail(code: String, message: String, applied: Bool)
        /// Ends `Canceled` and takes the change back.
        case cancel
        /// Stays `InProgress` for ever and the machine stays `Updating`.
        case hang
        /// The machine ends `Succeeded`, the operation never says so.
        case silent
    }

    let id: String
    let subscription: String
    let location: String
    let machineKey: String
    let apiVersion: String
    let startedAt: Duration
    /// The machine before the write, to take it back; nil when the write created it.
    let before: MachineResource?
    /// The machine as the write left it.
    let after: MachineResource
    let isDelete: Bool
    let outcome: Outcome
    /// Polls that still answer `InProgress`.
    var pollsLeft: Int
    /// The earliest time at which it ends.
    let readyAt: Duration
    /// `InProgress`, `Succeeded`, `Failed` or `Canceled`.
    var status = "InProgress"
    var endedAt: Duration?
    var failure: ARMFailure?
    /// Whether the effect on the machine has been carried out.
    var isSettled = false

    /// The path below the host.
    var path: String {
        "/subscriptions/\(subscription)/providers/Microsoft.Compute/locations/\(location)/operations/\(id)"
    }

    /// The signed query, about 3,200 characters as recorded (REC-VM); a poll must repeat it unchanged.
    func query(monitor: Bool) -> String {
        let ticks = 639_037_876_337_337_306 + Int(startedAt.components.seconds) * 10_000_000
        return "p=\(DeterministicID.guid("partition", id))" + (monitor ? "&monitor=true" : "")
            + "&api-version=\(apiVersion)&t=\(ticks)&c=\(Self.certificate)"
            + "&s=\(DeterministicID.opaque("signature" + id, length: 342))"
            + "&h=\(DeterministicID.opaque("hash" + id + "\(monitor)", length: 43))"
    }

    private static let certificate = DeterministicID.opaque("certificate", length: 2600)

    /// Takes the write back, and nothing that another writer has done since.
    func undo(on machine: inout MachineResource) {
        guard let before else { return }
        if machine.body == after.body { machine.body = before.body }
        let (old, new) = (before.identity, after.identity)
        let (oldKeys, newKeys) = (Set(old.attached.map(\.key)), Set(new.attached.map(\.key)))
        machine.identity.attached.removeAll { newKeys.contains($0.key) && !oldKeys.contains($0.key) }
        let present = Set(machine.identity.attached.map(\.key))
        machine.identity.attached += old.attached.filter {
            !newKeys.contains($0.key) && !present.contains($0.key)
        }
        if machine.identity.hasSystem == new.hasSystem {
            machine.identity.hasSystem = old.hasSystem
            machine.identity.principalID = old.principalID
        }
        machine.etag += 1
    }

    /// The body of a poll.
    var rendered: JSONValue {
        var body: [String: JSONValue] = [
            "startTime": .string(EmulatorClock.text(startedAt)), "status": .string(status),
            "name": .string(id),
        ]
        if let endedAt { body["endTime"] = .string(EmulatorClock.text(endedAt)) }
        if let failure { body["error"] = failure.inner }
        return .object(body)
    }
}
