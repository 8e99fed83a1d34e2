import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

/// An emulator with two identities and a few machines, driven without a network and at times that a test sets.
struct Rig {
    static let subscription = "00000000-0000-0000-0000-000000000001"
    static let group = "/subscriptions/\(subscription)/resourceGroups/rg1"
    static let compute = "2024-07-01"
    static let vm = "\(group)/providers/Microsoft.Compute/virtualMachines/vm1"
    static let identities = "\(group)/providers/Microsoft.ManagedIdentity/userAssignedIdentities"

    let state: EmulatorState
    let router: EmulatorRouter
    let log = RequestLog()

    /// The id of an identity in the group.
    static func id(_ name: String) -> String { "\(identities)/\(name)" }

    /// Parses an id that a test knows to be good.
    static func parsed(_ text: String) throws -> ResourceID { try ResourceID(parsing: text) }

    /// A rig whose VM has this identity block; identities ID1, ID2 and ID3 exist.
    init(identity: JSONValue? = nil, adding members: [String: JSONValue] = [:]) throws {
        var machine: [String: JSONValue] = [
            "id": .string(Self.vm), "location": "westus",
            "properties": ["hardwareProfile": ["vmSize": "B2ms"]],
        ]
        machine["identity"] = identity
        var file: [String: JSONValue] = [
            "format": "idsync.emulator/1",
            "identities": .array(
                ["ID1", "ID2", "ID3"].map { ["id": .string(Self.id($0)), "location": "westus"] }
            ),
            "virtualMachines": [.object(machine)],
        ]
        for (name, value) in members { file[name] = value }
        try self.init(file: .object(file))
    }

    /// A rig from a state file.
    init(file: JSONValue) throws {
        state = EmulatorState(try EmulatorStateFile(json: file))
        router = EmulatorRouter(state: state, log: log)
    }

    /// Sends a request with a token and, with a body, its content type.
    func reply(
        _ method: HTTPMethod,
        _ path: String,
        version: String? = Rig.compute,
        body: JSONValue? = nil,
        headers: [(name: String, value: String)] = [("Authorization", "Bearer t")],
        at now: Duration = .zero
    ) throws -> EmulatorReply {
        let separator = path.contains("?") ? "&" : "?"
        let query = version.map { "\(separator)api-version=\($0)" } ?? ""
        let text = path.hasPrefix("http") ? path : "https://management.azure.com\(path)\(query)"
        let url = try #require(URL(string: text))
        let type: [(name: String, value: String)] = body == nil ? [] : [("Content-Type", "application/json")]
        let request = HTTPRequest(method, url, headers: headers + type, body: body?.canonicalData())
        return router.reply(to: request, at: now)
    }

    /// Sends a request and gives the answer.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        version: String? = Rig.compute,
        body: JSONValue? = nil,
        headers: [(name: String, value: String)] = [("Authorization", "Bearer t")],
        at now: Duration = .zero
    ) throws -> HTTPResponse {
        try reply(method, path, version: version, body: body, headers: headers, at: now).response
    }

    /// PATCHes the identity of the VM.
    func patch(_ identity: JSONValue, version: String = Rig.compute, ifMatch: String? = nil) throws
        -> HTTPResponse
    {
        var headers: [(name: String, value: String)] = [("Authorization", "Bearer t")]
        if let ifMatch { headers.append(("If-Match", ifMatch)) }
        return try send(.patch, Self.vm, version: version, body: ["identity": identity], headers: headers)
    }

    /// GETs the VM until its operation is over.
    func settled(version: String = Rig.compute) throws -> JSONValue {
        _ = try send(.get, Self.vm, version: version)
        return try send(.get, Self.vm, version: version).json()
    }
}

extension HTTPResponse {
    /// The body as JSON.
    func json() throws -> JSONValue { try JSONValue(parsing: body) }

    /// `error.code` of an error body.
    func errorCode() throws -> String? { try json()["error"]?["code"]?.string }

    /// `error.message` of an error body.
    func errorMessage() throws -> String? { try json()["error"]?["message"]?.string }
}

/// Where the data files of these tests are.
enum Fixtures {
    static func url(_ path: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/\(path)")
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: try Data(contentsOf: url(path)))
    }
}

/// An identity block reduced to what matters: names of identities instead of ids, a star when the entry is `{}`.
func summary(_ machine: JSONValue) -> String {
    guard let block = machine["identity"] else { return "-" }
    let entries = block["userAssignedIdentities"]?.object ?? [:]
    let ids = entries.map { id, value in (id.split(separator: "/").last ?? "") + (value == [:] ? "*" : "") }
    let listed = (block["identityIds"]?.array ?? []).map { $0.string?.split(separator: "/").last ?? "" }
    let system = block["principalId"] == nil ? "" : " system"
    let names = ids.map(String.init).sorted() + listed.map(String.init)
    return "\(block["type"]?.string ?? "?"):\(system)\(names.map { " " + $0 }.joined())"
}
