import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

private let add: JSONValue = [
    "type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
]

@Suite struct FaultTests {
    /// A rig with one rule, as a fault file has it.
    private func rig(_ rule: JSONValue..., identity: JSONValue? = nil) throws -> Rig {
        let rig = try Rig(identity: identity)
        rig.state.install(try FaultScript.rules(["format": "idsync.faults/1", "faults": .array(rule)]))
        return rig
    }

    @Test func `an answer carries status, code, message, Retry-After and headers`() throws {
        let rig = try rig([
            "action": [
                "status": 503, "code": "ServerTimeout", "message": "The request timed out.", "retryAfter": 7,
                "headers": ["x-extra": "1"],
            ]
        ])
        let answer = try rig.send(.get, Rig.vm)
        #expect(answer.status == 503)
        #expect(
            try answer.json() == ["error": ["code": "ServerTimeout", "message": "The request timed out."]]
        )
        #expect(answer.header("Retry-After") == "7")
        #expect(answer.header("X-Extra") == "1")
        #expect(answer.header("x-ms-request-id") != nil)
        #expect(try rig.send(.get, Rig.vm).status == 200, "a rule strikes once unless it says otherwise")
    }

    @Test(arguments: [
        (400, "BadRequest"), (401, "InvalidAuthenticationToken"), (403, "AuthorizationFailed"),
        (404, "ResourceNotFound"), (408, "RequestTimeout"), (409, "Conflict"), (412, "PreconditionFailed"),
        (418, "BadRequest"), (429, "TooManyRequests"), (500, "InternalServerError"), (502, "ProviderError"),
        (503, "ServerTimeout"), (504, "GatewayTimeout"), (507, "InternalServerError"),
    ])
    func `a status without words says what ARM says with it`(status: Int, code: String) throws {
        let answer = try rig(["action": ["status": .integer(status)]]).send(.get, Rig.vm)
        #expect(answer.status == status)
        #expect(try answer.errorCode() == code)
        let isServers = try #require(try answer.errorMessage()) == "The server encountered an internal error."
        #expect(isServers == (code == "InternalServerError"))
    }

    @Test func `a code without a message has that of the code`() throws {
        let locked = try rig(["action": ["status": 409, "code": "ScopeLocked"]]).send(.get, Rig.vm)
        #expect(try #require(try locked.errorMessage()).contains("locked"))
        let odd = try rig(["action": ["status": 409, "code": "Odd"]]).send(.get, Rig.vm)
        #expect(try odd.errorMessage() == "The request was refused; a fault rule says so.")
    }

    @Test(
        arguments: [
            (["always": true, "action": ["status": 429]], "faults[0]: 'always' belongs inside 'match'"),
            (["times": 2, "action": ["status": 429]], "faults[0]: 'times' belongs inside 'match'"),
            (
                ["action": ["status": 429, "always": true]],
                "faults[0].action: 'always' belongs inside 'match'"
            ),
            (
                ["action": ["status": 429, "delayMs": 5]],
                "faults[0].action: 'delayMs' belongs beside 'match' and 'action'"
            ),
            (
                ["match": ["delayMs": 5], "action": ["status": 429]],
                "faults[0].match: 'delayMs' belongs beside 'match' and 'action'"
            ),
        ] as [(JSONValue, String)]
    )
    func `a member in the wrong place is told the right one`(rule: JSONValue, message: String) {
        let error = #expect(throws: EmulatorStateError.self) {
            try FaultScript.rules(["format": "idsync.faults/1", "faults": [rule]])
        }
        #expect(error?.description == message)
    }

    @Test func `an answer may have a body of its own, JSON or text`() throws {
        let rig = try rig(
            ["action": ["status": 429, "retryAfter": 3, "body": ["code": "OperationNotAllowed"]]],
            ["action": ["status": 400, "body": "plain"]]
        )
        let first = try rig.send(.get, Rig.vm)
        #expect(try first.json() == ["code": "OperationNotAllowed"])
        #expect(first.header("retry-after") == "3")
        #expect(String(decoding: try rig.send(.get, Rig.vm).body, as: UTF8.self) == "plain")
    }

    @Test func `a rule strikes by method, path, body and count`() throws {
        let rig = try rig([
            "match": [
                "method": "PATCH", "path": "*/virtualmachines/VM?", "body": "id1", "nth": 2, "times": 2,
            ],
            "action": ["status": 500],
        ])
        _ = try rig.send(.get, Rig.vm)
        #expect(try rig.send(.patch, Rig.vm, body: ["tags": [:]]).status == 200)
        let statuses = try (0..<4).map { _ in try rig.patch(add).status }
        #expect(statuses == [200, 500, 500, 200])
    }

    @Test func `always strikes every time, a storm of 412 as often as it says`() throws {
        let always = try rig(["match": ["always": true], "action": ["html": 502]])
        for _ in 0..<3 {
            let answer = try always.send(.get, Rig.vm)
            #expect(answer.status == 502)
            #expect(answer.header("content-type") == "text/html")
        }
        let storm = try rig(["match": ["method": "PATCH"], "action": ["precondition": 3]])
        let statuses = try (0..<4).map { _ in try storm.patch(add, ifMatch: "\"1\"").status }
        #expect(statuses == [412, 412, 412, 200])
    }

    @Test func `what breaks the connection says so, and tells whether the request was carried out`() throws {
        let before = try rig(["action": ["reset": true]])
        #expect(try before.reply(.patch, Rig.vm, body: ["identity": add]).delivery == .lost)
        #expect(summary(try before.settled()) == "-")
        let after = try rig(["action": ["reset": "after"]])
        #expect(try after.reply(.patch, Rig.vm, body: ["identity": add]).delivery == .lost)
        #expect(summary(try after.settled()) == "UserAssigned: ID1")
        let cut = try rig(["action": ["truncate": 10]])
        #expect(try cut.reply(.get, Rig.vm).delivery == .cut(after: 10))
        let bytes = try rig(["action": ["garbage": "bytes"]])
        guard case .raw = try bytes.reply(.get, Rig.vm).delivery else {
            Issue.record("expected raw bytes")
            return
        }
        let garbage = try rig(["action": ["garbage": true]]).send(.get, Rig.vm)
        #expect(garbage.status == 200)
        #expect((try? garbage.json()) == nil)
    }

    @Test func `delays add up with other actions`() throws {
        let rig = try rig(
            ["delayMs": 200, "match": ["always": true]],
            ["delayMs": 50, "action": ["status": 500]]
        )
        let first = try rig.reply(.get, Rig.vm)
        #expect(first.delay == .milliseconds(250))
        #expect(first.response.status == 500)
        #expect(try rig.reply(.get, Rig.vm).delay == .milliseconds(200))
    }

    @Test(arguments: [
        ("failed", "Failed", "-", "Failed"), ("canceled", "Canceled", "-", "Canceled"),
        ("hang", "InProgress", "UserAssigned: ID1*", "Updating"),
        ("never-succeeded", "InProgress", "UserAssigned: ID1", "Succeeded"),
    ])
    func `an operation ends badly`(_ end: String, _ status: String, _ block: String, _ state: String) throws {
        let rig = try rig([
            "match": ["method": "PATCH"], "action": ["lro": .string(end), "code": "E", "message": "m"],
        ])
        let answer = try rig.patch(add)
        #expect(answer.status == 200)
        let url = try #require(answer.header("azure-asyncoperation"))
        for _ in 0..<5 { _ = try rig.send(.get, url) }
        let last = try rig.send(.get, url).json()
        #expect(last["status"] == .string(status))
        if end == "failed" { #expect(last["error"] == ["code": "E", "message": "m"]) }
        let machine = try rig.settled()
        #expect(summary(machine) == block)
        #expect(machine["properties"]?["provisioningState"] == .string(state))
    }

    @Test func `a failed operation may leave its change behind`() throws {
        let rig = try rig(["match": ["method": "PATCH"], "action": ["lro": "failed", "applied": true]])
        _ = try rig.patch(add)
        let machine = try rig.settled()
        #expect(summary(machine) == "UserAssigned: ID1")
        #expect(machine["properties"]?["provisioningState"] == "Failed")
    }

    @Test func `taking a failed change back leaves what others did meanwhile`() throws {
        let rig = try rig(
            ["match": ["method": "PATCH"], "action": ["lro": "failed"]],
            identity: ["type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID3"): [:]])]
        )
        let swap: JSONValue = [
            "type": "UserAssigned",
            "userAssignedIdentities": .object([Rig.id("ID3"): nil, Rig.id("ID1"): [:]]),
        ]
        _ = try rig.patch(swap)
        rig.state.apply(
            OtherWriter(machine: try Rig.parsed(Rig.vm), add: [Rig.id("ID2")], systemAssigned: true)
        )
        #expect(summary(try rig.settled()) == "SystemAssigned, UserAssigned: system ID2 ID3")
    }

    @Test func `another writer comes between a GET and the PATCH`() throws {
        let rig = try rig([
            "match": ["method": "PATCH"],
            "action": [
                "otherWriter": [
                    "machine": .string(Rig.vm), "add": [.string(Rig.id("ID2"))], "systemAssigned": true,
                ]
            ],
        ])
        let etag = try #require(try rig.send(.get, Rig.vm).header("etag"))
        #expect(try rig.patch(add, ifMatch: etag).status == 412)
        let live = try rig.send(.get, Rig.vm)
        #expect(summary(try live.json()) == "SystemAssigned, UserAssigned: system ID2")
        #expect(live.header("etag") == "\"2\"")
    }

    @Test func `another writer creates and deletes identities and marks machines`() throws {
        let rig = try Rig()
        rig.state.apply(OtherWriter(createIdentity: try Rig.parsed(Rig.id("NEW")), location: "East US"))
        rig.state.apply(OtherWriter(deleteIdentity: try Rig.parsed(Rig.id("ID1"))))
        #expect(rig.state.identities.map(\.name) == ["ID2", "ID3", "NEW"])
        rig.state.apply(OtherWriter(machine: try Rig.parsed(Rig.vm), provisioningState: "Deleting"))
        let refused = try rig.patch(["type": "None"])
        #expect(refused.status == 409)
        #expect(try refused.errorCode() == "OperationNotAllowed")
    }

    @Test func `a created identity is not found for a while (F31)`() throws {
        let rig = try rig(["match": ["method": "PUT"], "action": ["notFoundFor": 2]])
        let made = try rig.send(.put, Rig.id("NEW"), version: "2023-01-31", body: ["location": "westus"])
        #expect(made.status == 201)
        let statuses = try (0..<4).map { _ in try rig.send(.get, Rig.id("NEW"), version: "2023-01-31").status
        }
        #expect(statuses == [404, 404, 200, 200])
    }

    @Test(arguments: [(400, "FailedIdentityOperation"), (403, "LinkedAuthorizationFailed")])
    func `an identity is refused, whoever assigns it, until it is left out (F53)`(
        _ status: Int,
        _ code: String
    )
        throws
    {
        let bad = Rig.id("ID1").lowercased()
        let rig = try rig(
            ["action": ["identityError": ["identities": [.string(bad), "/x"], "status": .integer(status)]]],
            identity: add
        )
        let map: JSONValue = .object([Rig.id("ID1"): [:], Rig.id("ID2"): [:]])
        for _ in 0..<2 {
            let answer = try rig.patch(["type": "UserAssigned", "userAssignedIdentities": map])
            #expect(answer.status == status)
            #expect(try answer.errorCode() == code)
            #expect(try #require(try answer.errorMessage()).contains("'\(bad)'"))
            #expect(try #require(try answer.errorMessage()).contains(Rig.vm))
        }
        let without: JSONValue = .object([Rig.id("ID2"): [:]])
        #expect(try rig.patch(["type": "UserAssigned", "userAssignedIdentities": without]).status == 200)
        let removal: JSONValue = .object([Rig.id("ID1"): nil])
        #expect(try rig.patch(["type": "UserAssigned", "userAssignedIdentities": removal]).status == 200)
    }

    @Test func `URLs to follow lead to another host`() throws {
        let list = "\(Rig.group)/providers/Microsoft.Compute/virtualMachines"
        let link = try rig(["action": ["foreignNextLink": "https://evil.example"]]).send(.get, list)
        let next = try #require(try link.json()["nextLink"]?.string)
        #expect(next.hasPrefix("https://evil.example\(list)?api-version="))
        #expect(try link.json()["value"]?.array?.count == 1)
        let moved = try rig([
            "match": ["method": "PATCH"], "action": ["foreignOperation": "https://evil.example"],
        ])
        let url = try #require(try moved.patch(add).header("azure-asyncoperation"))
        #expect(url.hasPrefix("https://evil.example/subscriptions/"))
        let redirect = try rig(["action": ["redirect": "https://evil.example/x"]]).send(.get, Rig.vm)
        #expect(redirect.status == 307)
        #expect(redirect.header("location") == "https://evil.example/x")
    }

    @Test func `a fault file is read, and refused with its place`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("faults.json")
        let good =
            #"{"format": "idsync.faults/1", "faults": [{"match": {"method": "GET"}, "action": {"reset": true}}]}"#
        try Data(good.utf8).write(to: URL(fileURLWithPath: path))
        let rules = try FaultScript.load(from: path)
        #expect(rules == [FaultRule(method: .get, action: .reset(afterWrite: false))])
        let bad = good.replacing("GET", with: "FETCH")
        try Data(bad.utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: EmulatorStateError.self) { try FaultScript.load(from: path) }
        #expect(
            error?.description
                == "\(path): faults[0].match: 'FETCH' is not one of GET, PUT, PATCH, POST, DELETE"
        )
    }
}
