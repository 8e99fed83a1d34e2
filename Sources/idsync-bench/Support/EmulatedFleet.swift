import ARMEmulator
import IdSyncCore

/// The fleet as the state of an emulated ARM.
enum EmulatedFleet {
    /// How the emulator treats writes.
    struct Service {
        /// How long an operation on a VM takes.
        var operationSeconds = 0
        /// What it asks clients to wait; nil asks for nothing, as recorded.
        var retryAfter: Int?
        /// Whether the published limits hold.
        var isThrottled = false
    }

    /// Makes the state.
    ///
    /// - Parameters:
    ///   - fleet: Which VMs and identities there are.
    ///   - service: How writes are treated.
    ///   - hasIdentities: False leaves the manifest's identities to be created.
    ///   - strangers: How many VMs there are besides that the manifest knows nothing of.
    /// - Returns: The state of an emulator.
    /// - Throws: `BenchError` when the emulator does not take it.
    static func state(
        _ fleet: Fleet,
        _ service: Service,
        hasIdentities: Bool = true,
        strangers: Int = 0
    ) throws(BenchError) -> EmulatorState {
        let declared = hasIdentities ? (0..<fleet.identities).map(fleet.identity) : []
        let groups = (0..<fleet.groups).map { number -> JSONValue in
            let scope = "/subscriptions/\(Fleet.subscription)/resourceGroups/\(fleet.group(number))"
            return ["id": .string(scope), "location": .string(Fleet.location)]
        }
        var running: [String: JSONValue] = ["polls": 0, "seconds": .integer(service.operationSeconds)]
        if let wait = service.retryAfter { running["retryAfter"] = .integer(wait) }
        let others = (0..<strangers).map { bare(stranger($0)) }
        let file: JSONValue = [
            "format": "idsync.emulator/1", "resourceGroups": .array(groups),
            "identities": .array((declared + [fleet.foreign]).map(bare)),
            "virtualMachines": .array((0..<fleet.vms).map { machine($0, of: fleet, hasIdentities) } + others),
            "throttle": .bool(service.isThrottled), "longRunning": .object(running),
        ]
        do throws(EmulatorStateError) {
            return EmulatorState(try EmulatorStateFile(json: file))
        } catch {
            throw BenchError("the emulator refuses the fleet: \(error.description)")
        }
    }

    /// A VM that the manifest knows nothing of.
    static func stranger(_ number: Int) -> ResourceID {
        ResourceID(
            subscription: Fleet.subscription,
            resourceGroup: "rg-other",
            kind: .virtualMachine,
            name: "other-\(Fleet.padded(number, 6))"
        )
    }

    private static func bare(_ id: ResourceID) -> JSONValue {
        ["id": .string(id.description), "location": .string(Fleet.location)]
    }

    /// A VM with what it carries; the identities yet to be created are not on it.
    private static func machine(_ number: Int, of fleet: Fleet, _ hasIdentities: Bool) -> JSONValue {
        let carried = hasIdentities ? [fleet.wanted(on: number)[0], fleet.foreign] : [fleet.foreign]
        let map = Dictionary(
            carried.map { ($0.description, JSONValue.object([:])) },
            uniquingKeysWith: { first, _ in first }
        )
        return [
            "id": .string(fleet.vm(number).description), "location": .string(Fleet.location),
            "identity": ["type": "SystemAssigned, UserAssigned", "userAssignedIdentities": .object(map)],
        ]
    }
}
