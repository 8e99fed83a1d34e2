import Foundation
package import IdSyncCore

/// The state of an emulated ARM as a readable JSON file.
///
/// ```json
/// {
///   "format": "idsync.emulator/1",
///   "subscriptions": ["80c696ff-…"],
///   "resourceGroups": [{"id": "/subscriptions/…/resourceGroups/rg1", "location": "westus"}],
///   "identities": [{"id": "/subscriptions/…/userAssignedIdentities/ID1", "location": "westus", "tags": {}}],
///   "virtualMachines": [{"id": "/subscriptions/…/virtualMachines/vm1", "location": "westus",
///     "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/…/ID1": {}}}}],
///   "virtualMachineScaleSets": [],
///   "pageSize": 100, "throttle": false, "tokens": [], "tenantId": "…",
///   "longRunning": {"polls": 1, "seconds": 0, "retryAfter": 10},
///   "behaviour": {"missingIdentity": "notFound", "unattachedRemoval": "refuse", "mixedPatch": "accept",
///     "concurrentWrites": "preempt", "idCase": "asWritten", "typeSpelling": "spaced", "etags": true,
///     "emptyPages": false},
///   "faults": [],
///   "generation": 0
/// }
/// ```
///
/// Everything but `format` may be left out. Machines and identities are in ARM's own shape; what `az … show` prints,
/// where `properties` is flattened and much is null, is read too. Missing client, principal and ETag values are made
/// up, the same on every run. Subscriptions and groups that only a resource names exist too. `behaviour` is
/// `EmulatorSettings`, `faults` is `FaultRule`. `generation` counts what was created and is best left alone.
///
/// An empty `{}` among the values of `userAssignedIdentities` takes the ids of the identity; explicit values, also
/// null, stay as they are, which makes a stale or dangling entry (F25, F26).
package struct EmulatorStateFile: Sendable, Equatable {
    /// How the emulator behaves.
    package var settings = EmulatorSettings()
    /// The faults that it shows.
    package var faults: [FaultRule] = []
    var subscriptions: [String] = []
    var groups: [GroupResource] = []
    var identities: [IdentityResource] = []
    var machines: [MachineResource] = []
    var generation = 0

    static let format = "idsync.emulator/1"

    /// Makes an empty state.
    package init() {}

    /// Reads a state file.
    ///
    /// - Throws: `EmulatorStateError`, which names the file and the place in it.
    package static func load(from path: String) throws(EmulatorStateError) -> EmulatorStateFile {
        let reader = try StateReader.file(path)
        do throws(EmulatorStateError) {
            return try EmulatorStateFile(json: reader.value)
        } catch {
            throw EmulatorStateError("\(path): \(error)")
        }
    }

    /// Writes a state file atomically: readers see the old file or the new one, never half of one.
    ///
    /// - Throws: `EmulatorStateError` when the file cannot be written.
    package func save(to path: String) throws(EmulatorStateError) {
        do {
            // `.atomic` writes a temporary file beside the target and renames it.
            try Data((json.prettyText() + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw EmulatorStateError("\(path): cannot be written: \(FileReason.text(error))")
        }
    }

    /// The state as JSON; loading it gives an equal state.
    package var json: JSONValue {
        var members = settings.json
        members["format"] = .string(Self.format)
        members["subscriptions"] = .array(subscriptions.map(JSONValue.string))
        members["resourceGroups"] = .array(
            groups.map { ["id": .string($0.scope), "location": .string($0.location)] }
        )
        members["identities"] = .array(identities.map(\.json))
        members["virtualMachines"] = .array(machines.filter { $0.id.kind == .virtualMachine }.map(\.json))
        members["virtualMachineScaleSets"] = .array(
            machines.filter { $0.id.kind == .virtualMachineScaleSet }.map(\.json)
        )
        members["generation"] = .integer(generation)
        if !faults.isEmpty { members["faults"] = .array(faults.map(\.json)) }
        return .object(members)
    }
}

extension EmulatorStateFile {
    /// The state of a running emulator, its operations ended.
    init(_ store: EmulatorStore) {
        var store = store
        store.settleAll()
        settings = store.settings
        faults = store.faults.rules
        subscriptions = store.subscriptions.values.sorted()
        groups = store.groups.keys.sorted().compactMap { store.groups[$0] }
        identities = store.identities.all
        machines = store.virtualMachines.all + store.scaleSets.all
        generation = store.generation
    }
}

extension EmulatorStore {
    /// A running emulator from a state.
    init(_ file: EmulatorStateFile) {
        settings = file.settings
        subscriptions = Dictionary(
            file.subscriptions.map { (Folding.fold($0), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        groups = Dictionary(file.groups.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        identities = ResourceTable(file.identities.map { ($0.id.key, $0) })
        virtualMachines = ResourceTable(
            file.machines.filter { $0.id.kind == .virtualMachine }.map { ($0.id.key, $0) }
        )
        scaleSets = ResourceTable(
            file.machines.filter { $0.id.kind == .virtualMachineScaleSet }.map { ($0.id.key, $0) }
        )
        generation = file.generation
        faults = FaultEngine(file.faults)
        for group in file.groups {
            let folded = Folding.fold(group.subscription)
            if subscriptions[folded] == nil { subscriptions[folded] = group.subscription }
        }
        for identity in file.identities { adopt(identity.id, location: identity.location) }
        for machine in file.machines { adopt(machine.id, location: machine.location) }
    }
}
