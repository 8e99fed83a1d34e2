import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

/// One row: a request/response pair and the state that it starts from.
struct PairCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Names of the identities that exist.
    var identities: [String] = []
    /// The identity block and ETag of the machine before; nil when the pair is not about a machine.
    var machine: (identity: JSONValue?, etag: Int)?
    var testDescription: String { name }
}

private let scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg1"

private func id(_ name: String) -> String {
    "\(scope)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/\(name)"
}

private func both(_ names: String...) -> JSONValue {
    let entries = Dictionary(names.map { (id($0), JSONValue.object([:])) }, uniquingKeysWith: { $1 })
    return ["type": "SystemAssigned, UserAssigned", "userAssignedIdentities": .object(entries)]
}

@Suite struct ExamplePairTests {
    static let rows: [PairCase] = [
        PairCase(name: "uai-01-put-create-201"),
        PairCase(name: "uai-02-list-by-resource-group-200", identities: ["id1"]),
        PairCase(name: "uai-04-delete-200", identities: ["id1"]),
        PairCase(name: "vm-01-get-system-and-user", identities: ["id1"], machine: (both("id1"), 1)),
        PairCase(name: "vm-02-patch-add-id2", identities: ["id1", "id2"], machine: (both("id1"), 1)),
        PairCase(name: "vm-03-patch-remove-id1-keep-id2", machine: (both("id1", "id2"), 2)),
        PairCase(name: "vm-04-patch-remove-last-uai-keep-system", machine: (both("id2"), 3)),
        PairCase(name: "vm-05-patch-type-none", machine: (["type": "SystemAssigned"], 4)),
        PairCase(name: "vm-06-get-no-identity", machine: (nil, 5)),
        PairCase(name: "vmss-01-patch-type-systemassigned-drops-all-uai", machine: (both("id1"), 4)),
    ]

    @Test(arguments: rows)
    func `the emulator answers like the pair`(_ row: PairCase) throws {
        let pair = try Fixtures.json("examples/\(row.name).json")
        let request = try #require(pair["request"])
        let response = try #require(pair["response"])
        let path = try #require(request["path"]?.string)
        let rig = try Rig(file: Self.state(row, path: path))
        let answer = try rig.send(
            try #require(HTTPMethod(rawValue: request["method"]?.string ?? "")),
            path,
            version: request["query"]?["api-version"]?.string,
            body: request["body"].flatMap { $0 == .null ? nil : $0 }
        )
        guard case .integer(let status)? = response["status"] else {
            throw CocoaError(.propertyListReadCorrupt)
        }
        let body = response["body"].flatMap { $0 == .null ? nil : $0 }
        let wanted = Facts(status: status, body: body) { response["headers"]?[$0]?.string }
        let found = Facts(status: answer.status, body: try? answer.json(), header: { answer.header($0) })
        #expect(wanted == found)
        #expect(answer.header("etag") == response["headers"]?["etag"]?.string)
        #expect((try? answer.json())?["etag"] == body?["etag"])
        #expect((try? answer.json())?["identity"]?["type"] == body?["identity"]?["type"])
    }

    @Test(arguments: ["vm-07-async-operation-in-progress", "vm-08-async-operation-succeeded"])
    func `a poll has the members of the recorded one`(_ name: String) throws {
        let pair = try Fixtures.json("examples/\(name).json")
        let path = "\(scope)/providers/Microsoft.Compute/virtualMachines/vm1"
        let row = PairCase(name: name, machine: (nil, 1))
        let rig = try Rig(file: Self.state(row, path: path))
        let started = try rig.send(.patch, path, body: ["identity": ["type": "SystemAssigned"]])
        let url = try #require(started.header("azure-asyncoperation"))
        if name.hasSuffix("succeeded") { _ = try rig.send(.get, url) }
        let answer = try rig.send(.get, url)
        let recorded = pair["response"]?["body"]
        #expect(try answer.json()["status"] == recorded?["status"])
        #expect(try answer.json().object?.keys.sorted() == recorded?.object?.keys.sorted())
        #expect(answer.header("retry-after") == nil)
        // The parameters and their order are the recorded ones; the lengths of the signed parts too.
        let query = try #require(pair["request"]?["url"]?.string?.split(separator: "?").last)
        func names(_ text: some StringProtocol) -> [String] {
            text.split(separator: "&").map { String($0.prefix { $0 != "=" }) }
        }
        #expect(names(try #require(url.split(separator: "?").last)) == names(query))
    }

    private static func state(_ row: PairCase, path: String) -> JSONValue {
        var file: [String: JSONValue] = [
            "format": "idsync.emulator/1",
            "resourceGroups": [.string(scope)],
            "identities": .array(row.identities.map { ["id": .string(id($0)), "location": "westus"] }),
        ]
        guard let machine = row.machine else { return .object(file) }
        var entry: [String: JSONValue] = [
            "id": .string(path), "location": "westus", "tags": [:], "etag": .string("\"\(machine.etag)\""),
        ]
        entry["identity"] = machine.identity
        file[path.contains("ScaleSets") ? "virtualMachineScaleSets" : "virtualMachines"] = [.object(entry)]
        return .object(file)
    }
}
