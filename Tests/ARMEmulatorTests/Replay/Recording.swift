import Foundation
import IdSyncAzure
import IdSyncCore

/// One recorded exchange.
struct Exchange {
    let index: Int
    let method: HTTPMethod
    let url: URL
    let requestBody: JSONValue?
    let status: Int
    let responseHeaders: [String: JSONValue]
    let responseBody: JSONValue?

    init(_ json: JSONValue) throws {
        guard case .integer(let index)? = json["index"], case .integer(let status)? = json["status"],
            let method = json["method"]?.string.flatMap(HTTPMethod.init), let text = json["uri"]?.string,
            let url = URL(string: text)
        else { throw CocoaError(.propertyListReadCorrupt) }
        self.index = index
        self.status = status
        self.method = method
        self.url = url
        requestBody = json["requestBody"].flatMap { $0 == .null ? nil : $0 }
        responseHeaders = json["responseHeaders"]?.object ?? [:]
        responseBody = json["responseBody"].flatMap { $0 == .null ? nil : $0 }
    }

    var path: String { url.path(percentEncoded: true).replacing("//", with: "/") }

    /// The operation that a poll asks for.
    var isPoll: Bool { path.contains("/operations/") }

    /// The machine or identity that the path names.
    var target: ResourceID? { try? ResourceID(parsing: path) }

    var version: String { url.query()?.firstMatch(of: /api-version=([^&]+)/).map { String($0.1) } ?? "" }
}

/// A recording cut to the calls that the emulator knows.
struct Recording {
    let exchanges: [Exchange]

    init(_ name: String) throws {
        exchanges = try (try Fixtures.json("recordings/\(name).json")["exchanges"]?.array ?? []).map(
            Exchange.init
        )
    }

    /// The state that a recording starts from: scopes from its paths; machines that it does not create itself, from
    /// its first GET of them.
    func initialState(settings: [String: JSONValue]) -> JSONValue {
        var file = settings
        file["format"] = "idsync.emulator/1"
        var groups: Set<String> = []
        var machines: [ResourceKind: [JSONValue]] = [:]
        var known: Set<ResourceID> = []
        for exchange in exchanges {
            groups.formUnion(
                exchange.path.firstMatch(of: #/(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+/#).map {
                    [String($0.0).replacing("resourcegroups", with: "resourceGroups")]
                } ?? []
            )
            guard let id = exchange.target, id.kind != .userAssignedIdentity, known.insert(id).inserted,
                exchange.status == 200, exchange.method == .get, let body = exchange.responseBody
            else { continue }
            machines[id.kind, default: []].append(Self.stateEntry(body))
        }
        file["resourceGroups"] = .array(groups.sorted().map { .string($0) })
        file["virtualMachines"] = .array(machines[.virtualMachine] ?? [])
        file["virtualMachineScaleSets"] = .array(machines[.virtualMachineScaleSet] ?? [])
        return .object(file)
    }

    /// A recorded machine as a state file has it: the list of the array versions becomes the dictionary.
    private static func stateEntry(_ machine: JSONValue) -> JSONValue {
        guard var entry = machine.object, var identity = entry["identity"]?.object,
            let ids = identity["identityIds"]?.array
        else { return machine }
        identity["identityIds"] = nil
        identity["userAssignedIdentities"] = .object(
            Dictionary(ids.map { ($0.string ?? "", [:]) }, uniquingKeysWith: { $1 })
        )
        entry["identity"] = .object(identity)
        return .object(entry)
    }

    /// How many polls of the operation that an exchange starts were answered `InProgress`.
    func pollsAfter(_ position: Int) -> Int {
        var count = 0
        for exchange in exchanges[(position + 1)...] where exchange.isPoll {
            guard exchange.responseBody?["status"] == "InProgress" else { break }
            count += 1
        }
        return count
    }
}
