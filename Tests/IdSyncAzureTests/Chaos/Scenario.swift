import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport

/// One random world with everything that is going to happen in it.
struct Scenario: Sendable {
    /// A machine as it is before the run.
    struct Machine: Sendable {
        let id: ResourceID
        var hasSystem = false
        /// The user-assigned identities as ARM spells them.
        var attached: [String] = []
        /// Those of them that are earlier identities of the same id.
        var outdated: Set<String> = []
        /// The spelling of the identity that encrypts its disks.
        var encryption: String?
        /// An identity type that idsync does not know.
        var foreignType: String?
        var provisioningState: String?
    }

    /// An identity as it is before the run.
    struct Identity: Sendable {
        let id: ResourceID
        var exists = true
        var tags: [String: String] = [:]
    }

    let seed: UInt64
    var apiVersions = APIVersions()
    var settings = EmulatorSettings()
    var groups: [String] = []
    var pool: [Identity] = []
    var machines: [Machine] = []
    var desired = DesiredState()
    var wishes = Wishes()
    /// What strikes the reading of the plan.
    var planFaults: [FaultRule] = []
    /// What strikes the apply.
    var applyFaults: [FaultRule] = []
    var intruders: [Intruder] = []
    var caller: CallerIdentity?
    var parallelism = 1
    var skipsBlocked = false
    /// Whether a refused token can be replaced.
    var renewsTokens = true
    /// The request of the apply at which somebody presses Ctrl-C, from 0.
    var stopAt: Int?
    var operationDeadline = Duration.seconds(120)

    /// Whether an answer about a machine carries an ETag, so that no race may lose anything.
    var hasETags: Bool { apiVersions.compute >= "2023-09-01" && settings.etags }
    /// Whether a PATCH replaces the whole list of identities.
    var isFullSet: Bool { apiVersions.compute < "2018-06-01" }

    /// The state that the emulator starts with.
    func stateFile() throws -> EmulatorStateFile {
        let scope = { (group: String) in "/subscriptions/\(Build.subscription)/resourceGroups/\(group)" }
        let kinds = Dictionary(grouping: machines, by: \.id.kind)
        let json: JSONValue = [
            "format": "idsync.emulator/1",
            "resourceGroups": .array(
                groups.map { ["id": .string(scope($0)), "location": "westus"] }
            ),
            "identities": .array(
                pool.filter(\.exists).map { identity in
                    [
                        "id": .string(identity.id.description), "location": "westus",
                        "tags": .object(identity.tags.mapValues(JSONValue.string)),
                    ]
                }
            ),
            "virtualMachines": .array((kinds[.virtualMachine] ?? []).map(\.json)),
            "virtualMachineScaleSets": .array((kinds[.virtualMachineScaleSet] ?? []).map(\.json)),
        ]
        var file = try EmulatorStateFile(json: json)
        file.settings = settings
        return file
    }
}

extension Scenario.Machine {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["id": .string(id.description), "location": "westus"]
        var properties: [String: JSONValue] = [:]
        if let provisioningState { properties["provisioningState"] = .string(provisioningState) }
        if let encryption {
            properties["securityProfile"] = [
                "encryptionIdentity": ["userAssignedIdentityResourceId": .string(encryption)]
            ]
        }
        members["properties"] = .object(properties)
        guard hasSystem || !attached.isEmpty || foreignType != nil else { return .object(members) }
        let parts = (hasSystem ? ["SystemAssigned"] : []) + (attached.isEmpty ? [] : ["UserAssigned"])
        var identity: [String: JSONValue] = ["type": .string(foreignType ?? parts.joined(separator: ","))]
        if !attached.isEmpty {
            let old: JSONValue = ["principalId": "0ld00000-old", "clientId": "0ld00000-old"]
            let entries = attached.map { ($0, outdated.contains($0) ? old : [:]) }
            identity["userAssignedIdentities"] = .object(Dictionary(entries, uniquingKeysWith: { $1 }))
        }
        members["identity"] = .object(identity)
        return .object(members)
    }
}

/// What a manifest asks for, in plain sets of folded ids: what the checker goes by instead of the planner's code.
struct Wishes: Sendable {
    /// What is asked for on one machine.
    struct Machine: Sendable {
        var system: Bool?
        var have: Set<String> = []
        var remove: Set<String> = []
        var isExclusive = false
        var ignored: Set<String> = []
        var removesDangling = false
        var reattaches = false
    }

    var machines: [ResourceID: Machine] = [:]
    /// Identities that may never leave a machine or be deleted.
    var protected: Set<String> = []
    /// The identity that idsync runs as, which it may not take away either.
    var runner: String?
    var untouchable: Set<String> { protected.union([runner].compactMap(\.self)) }
    var present: [String: Present] = [:]
    var absent: Set<String> = []
    /// The identity that encrypts a machine's disks, where the version shows it.
    var encryption: [ResourceID: String] = [:]

    /// An identity that has to exist.
    struct Present: Sendable {
        let tags: [String: String]
        /// Whether the manifest asks for another location than the identity has.
        let isElsewhere: Bool
    }

    /// Whether nothing forbids that an identity leaves a machine, whoever asks for it.
    func mayLeave(_ key: String, _ machine: ResourceID) -> Bool {
        !untouchable.contains(key) && encryption[machine] != key
    }

    /// Whether the manifest allows that an identity leaves a machine.
    func allowsRemoval(of key: String, from machine: ResourceID) -> Bool {
        guard let wish = machines[machine], mayLeave(key, machine), !wish.have.contains(key) else {
            return false
        }
        if wish.remove.contains(key) || absent.contains(key) { return true }
        return wish.isExclusive && !wish.ignored.contains(key) && key.hasPrefix("/subscriptions/")
    }
}

/// Somebody else who writes at a moment of the run.
struct Intruder: Sendable {
    /// When it writes.
    enum Moment: Sendable {
        /// Between plan and apply.
        case beforeApply
        /// Right before some requests that match, as the emulator has them: between our GET and our PATCH.
        case request(HTTPMethod, ResourceID?, nth: Int, times: Int, duringPlan: Bool)
    }

    let moment: Moment
    let writer: OtherWriter
}

extension Scenario: CustomStringConvertible {
    /// Everything in a few lines, for the report of a failing seed.
    var description: String {
        let short = { (text: String) in text.split(separator: "/").suffix(1).joined() }
        var lines = ["seed \(seed): compute \(apiVersions.compute), parallelism \(parallelism)"]
        lines.append("  settings \(settings)")
        lines += pool.map { "  identity \(short($0.id.key)) exists \($0.exists) tags \($0.tags)" }
        lines += machines.map {
            "  \($0.id.kind.addressPrefix)/\($0.id.name) system \($0.hasSystem) \($0.attached.map(short)) "
                + "outdated \($0.outdated.map(short).sorted()) "
                + [$0.foreignType, $0.provisioningState, $0.encryption.map(short)].compactMap(\.self)
                .joined(separator: " ")
        }
        lines += wishes.machines.sorted { $0.key < $1.key }.map { id, wish in
            "  wish \(id.name): system \(wish.system.map(String.init) ?? "-") have \(wish.have.map(short).sorted()) "
                + "remove \(wish.remove.map(short).sorted())"
                + (wish.removesDangling ? " dangling" : "") + (wish.reattaches ? " reattach" : "")
                + (wish.isExclusive ? " exclusive but \(wish.ignored.map(short).sorted())" : "")
        }
        lines.append("  present \(wishes.present.map { (short($0.key), $0.value.tags) })")
        lines.append("  absent \(wishes.absent.map(short)) untouchable \(wishes.untouchable.map(short))")
        lines +=
            planFaults.map { "  while planning: \($0.brief)" } + applyFaults.map { "  fault: \($0.brief)" }
        lines += intruders.map { "  intruder \($0.moment): \($0.writer.brief)" }
        if let stopAt { lines.append("  stop at request \(stopAt)") }
        return lines.joined(separator: "\n")
    }
}

extension FaultRule {
    fileprivate var brief: String {
        let times = times.map(String.init) ?? "always"
        let action = action.map { "\($0)" } ?? "-"
        return
            "\(method?.rawValue ?? "*") \(path?.description ?? "*") nth \(nth) times \(times) delay \(delay) "
            + action
    }
}

extension OtherWriter {
    /// The change in a few words.
    var brief: String {
        var parts = [machine?.name].compactMap(\.self)
        parts += add.map { "+\($0.split(separator: "/").last ?? "")" }
        parts += remove.map { "-\($0.split(separator: "/").last ?? "")" }
        if let systemAssigned { parts.append("system \(systemAssigned)") }
        if bumpETag { parts.append("etag") }
        if let provisioningState { parts.append(provisioningState) }
        if deleteMachine { parts.append("delete machine") }
        if let createIdentity { parts.append("create \(createIdentity.name)") }
        if let deleteIdentity { parts.append("delete \(deleteIdentity.name)") }
        return parts.joined(separator: " ")
    }
}
