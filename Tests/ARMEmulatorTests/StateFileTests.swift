import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

/// One row: a file that cannot be used, with the message.
struct BadFileCase: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String
    var testDescription: String { message }
}

@Suite struct StateFileTests {
    private static let vm = Rig.vm

    static let bad: [BadFileCase] = [
        BadFileCase(text: "{}", message: "the file: the member 'format' is missing"),
        BadFileCase(text: "[]", message: "the file: expected an object"),
        BadFileCase(
            text: #"{"format": "idsync.emulator/2"}"#,
            message: "the file: the format is 'idsync.emulator/2', expected 'idsync.emulator/1'"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "virtualMachines": [{"id": "x", "location": "w"}]}"#,
            message: "virtualMachines[0].id: not a resource id: a resource id starts with '/'"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "identities": [{"id": "\#(vm)", "location": "w"}]}"#,
            message: "identities[0].id: expected an id of userAssignedIdentities"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "virtualMachines": [{"id": "\#(vm)"}]}"#,
            message: "virtualMachines[0]: the member 'location' is missing"
        ),
        BadFileCase(
            text:
                #"{"format": "idsync.emulator/1", "virtualMachines": [{"id": "\#(vm)", "location": "w"}, {"id": "\#(vm)", "location": "w"}]}"#,
            message: "virtualMachines[1]: this id is listed twice"
        ),
        BadFileCase(
            text:
                #"{"format": "idsync.emulator/1", "virtualMachines": [{"id": "\#(vm)", "location": "w", "etag": "x"}]}"#,
            message: #"virtualMachines[0].etag: expected a number in quotes, as in "\"5\"""#
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "pageSize": 0}"#,
            message: "pageSize: expected a whole number from 1 to 100000"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "behaviour": {"idCase": "odd"}}"#,
            message: "behaviour.idCase: expected one of asWritten, lower, upper"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "longRunning": {"poll": 1}}"#,
            message: "longRunning: unknown member 'poll'; known are polls, retryAfter, seconds"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "resourceGroups": ["rg1"]}"#,
            message: "resourceGroups[0]: expected /subscriptions/{guid}/resourceGroups/{group}"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "faults": [{"action": {"reset": true, "html": 502}}]}"#,
            message: "faults[0].action: expected exactly one of status, precondition, reset, …, found 2"
        ),
        BadFileCase(
            text: #"{"format": "idsync.emulator/1", "faults": [{"match": {}}]}"#,
            message: "faults[0]: the rule has neither 'action' nor 'delayMs'"
        ),
    ]

    @Test(arguments: bad)
    func `a bad file is refused with its place`(_ row: BadFileCase) throws {
        let error = #expect(throws: EmulatorStateError.self) {
            try EmulatorStateFile(json: try JSONValue(parsing: Data(row.text.utf8)))
        }
        #expect(error?.description == row.message)
    }

    @Test func `a file that is not JSON is refused with line and column, a missing one by its name`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("state.json")
        try Data("{\n  \"format\": idsync\n}".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: EmulatorStateError.self) { try EmulatorStateFile.load(from: path) }
        #expect(error?.description == "\(path): not JSON: line 2, column 13: Invalid value")
        let missing = #expect(throws: EmulatorStateError.self) {
            try EmulatorStateFile.load(from: folder.file("none.json"))
        }
        #expect(missing?.description == "\(folder.file("none.json")): no such file")
    }

    @Test func `a state survives saving and loading`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("state.json")
        let rig = try Rig(
            identity: [
                "type": "SystemAssigned, UserAssigned",
                "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
            ],
            adding: [
                "longRunning": ["polls": 2, "seconds": 3, "retryAfter": 4], "tokens": ["t"], "pageSize": 7,
                "behaviour": ["idCase": "lower", "etags": false, "emptyPages": true],
                "faults": Self.everyFault,
            ]
        )
        _ = try rig.send(.put, Rig.id("NEW"), version: "2023-01-31", body: ["location": "westus"])
        let saved = rig.state.snapshot()
        try saved.save(to: path)
        #expect(try EmulatorStateFile.load(from: path) == saved)
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("}\n"))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left == ["state.json"], "no temporary file is left behind")
    }

    @Test func `saving where nothing can be written is an error, and the old file stays`() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: EmulatorStateError.self) {
            try EmulatorStateFile().save(to: folder.file("no/such/folder/state.json"))
        }
        #expect(try #require(error?.description).contains("cannot be written"))
    }

    @Test func `what az prints can be pasted`() throws {
        let json = try JSONValue(parsing: Data(Self.pasted.utf8))
        let rig = try Rig(file: json)
        let machine = try rig.send(.get, Rig.vm).json()
        #expect(summary(machine) == "UserAssigned: ID1")
        #expect(machine["properties"]?["hardwareProfile"] == ["vmSize": "Standard_B2ms"])
        #expect(machine["properties"]?["provisioningState"] == "Updating")
        #expect(machine["properties"]?["vmId"] == "66666666-6666-6666-6666-666666666666")
        #expect(machine["resourceGroup"] == nil)
        #expect(machine["zones"] == nil)
        #expect(machine["etag"] == "\"5\"")
        let identity = try rig.send(.get, Rig.id("ID1"), version: "2023-01-31").json()
        #expect(identity["properties"]?["clientId"] == "33333333-3333-3333-3333-333333333331")
        #expect(identity["tags"] == [:])
    }

    @Test func `odd live states can be set up: foreign keys, unknown types, no provisioning state`() throws {
        let odd: JSONValue = [
            "type": "SystemAssigned, SomethingNew", "principalId": "p",
            "userAssignedIdentities": [
                "garbage key": [:], "/subscriptions/x/ID1": ["clientId": nil, "principalId": nil],
            ],
        ]
        let rig = try Rig(adding: [
            "virtualMachines": [
                [
                    "id": .string(Rig.vm), "location": "westus", "identity": odd,
                    "properties": ["provisioningState": nil],
                ]
            ]
        ])
        let shown = try rig.send(.get, Rig.vm).json()
        #expect(shown["identity"]?["type"] == "SystemAssigned, SomethingNew")
        let entries = shown["identity"]?["userAssignedIdentities"]
        #expect(entries?["garbage key"]?["clientId"]?.string?.count == 36)
        #expect(entries?["/subscriptions/x/ID1"] == ["clientId": nil, "principalId": nil])
        #expect(shown["properties"]?.object?.keys.contains("provisioningState") == false)
    }

    @Test func `ids that the file leaves out are the same on every run and fit together`() throws {
        let identity: JSONValue = [
            "type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
        ]
        let (one, two) = (try Rig(identity: identity), try Rig(identity: identity))
        #expect(one.state.snapshot() == two.state.snapshot())
        let own = try one.send(.get, Rig.id("ID1"), version: "2023-01-31").json()["properties"]
        let held = try one.send(.get, Rig.vm).json()["identity"]?["userAssignedIdentities"]?[Rig.id("ID1")]
        #expect(own?["clientId"] == held?["clientId"])
        #expect(own?["clientId"] != nil)
    }

    @Test(arguments: [("lower", "compact"), ("upper", "spaced")])
    func `answers can be spelled in other ways (F1, F5)`(_ idCase: String, _ spelling: String) throws {
        let rig = try Rig(
            identity: [
                "type": "SystemAssigned, UserAssigned",
                "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
            ],
            adding: ["behaviour": ["idCase": .string(idCase), "typeSpelling": .string(spelling)]]
        )
        let block = try rig.send(.get, Rig.vm).json()["identity"]
        let id = idCase == "lower" ? Rig.id("ID1").lowercased() : Rig.id("ID1").uppercased()
        #expect(block?["userAssignedIdentities"]?.object?.keys.first == id)
        let type = spelling == "compact" ? "SystemAssigned,UserAssigned" : "SystemAssigned, UserAssigned"
        #expect(block?["type"] == .string(type))
    }

    @Test func `the encryption identity shows from 2023-09-01 on and survives a PATCH of the identity`()
        throws
    {
        let profile: JSONValue = [
            "encryptionIdentity": ["userAssignedIdentityResourceId": .string(Rig.id("ID1"))]
        ]
        let rig = try Rig(adding: [
            "virtualMachines": [
                ["id": .string(Rig.vm), "location": "westus", "properties": ["securityProfile": profile]]
            ]
        ])
        let old = try rig.send(.get, Rig.vm, version: "2023-07-01").json()
        #expect(old["properties"]?["securityProfile"] == [:])
        _ = try rig.patch(["type": "SystemAssigned"], version: "2023-07-01")
        #expect(try rig.settled()["properties"]?["securityProfile"] == profile)
    }

    /// One rule for each action there is.
    static let everyFault: JSONValue = [
        [
            "name": "n", "delayMs": 5,
            "match": ["method": "GET", "path": "*", "body": "b", "nth": 2, "times": 3],
            "action": [
                "status": 429, "code": "c", "message": "m", "retryAfter": 1, "headers": ["a": "b"],
                "body": ["x": 1],
            ],
        ],
        ["action": ["precondition": 4]],
        ["action": ["reset": true], "match": ["always": true]],
        ["action": ["reset": "after"]],
        ["action": ["truncate": 10]],
        ["action": ["garbage": true]],
        ["action": ["garbage": "bytes"]],
        ["action": ["html": 502]],
        ["action": ["lro": "never-succeeded"]],
        ["action": ["lro": "failed", "code": "c", "message": "m", "applied": true]],
        [
            "action": [
                "otherWriter": [
                    "machine": .string(Rig.vm), "add": ["a"], "remove": ["b"], "systemAssigned": true,
                    "bumpETag": true, "tags": ["a": "b"], "provisioningState": "Deleting",
                    "deleteMachine": true,
                    "createIdentity": .string(Rig.id("A")), "location": "eastus",
                    "deleteIdentity": .string(Rig.id("B")),
                ]
            ]
        ],
        ["action": ["notFoundFor": 2]],
        ["action": ["identityError": ["identities": ["x"], "status": 400]]],
        ["action": ["foreignNextLink": "https://h"]],
        ["action": ["foreignOperation": "https://h"]],
        ["action": ["redirect": "https://h/x"]],
    ]

    private static let pasted = """
        {
          "format": "idsync.emulator/1",
          "identities": [{
            "clientId": "33333333-3333-3333-3333-333333333331", "id": "\(Rig.id("ID1"))",
            "location": "westus", "name": "ID1", "principalId": "22222222-2222-2222-2222-222222222221",
            "resourceGroup": "rg1", "systemData": null, "tags": null, "tenantId": null,
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities"
          }],
          "virtualMachines": [{
            "additionalCapabilities": null, "etag": "\\"5\\"", "hardwareProfile": {"vmSize": "Standard_B2ms"},
            "id": "\(Rig.vm)", "identity": {
              "principalId": null, "tenantId": null, "type": "UserAssigned",
              "userAssignedIdentities": {"\(Rig.id("ID1"))": {
                "clientId": "33333333-3333-3333-3333-333333333331",
                "principalId": "22222222-2222-2222-2222-222222222221"}}
            },
            "location": "westus", "name": "vm1", "provisioningState": "Updating", "resourceGroup": "rg1",
            "resources": null, "tags": {}, "type": "Microsoft.Compute/virtualMachines",
            "vmId": "66666666-6666-6666-6666-666666666666", "zones": null
          }]
        }
        """
}
