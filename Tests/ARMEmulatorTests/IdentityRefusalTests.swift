import ARMEmulator
import IdSyncAzure
import IdSyncCore
import Testing

/// One row: a request that ARM refuses, with the status, the code and a telling part of the message.
struct RefusalCase: Sendable, CustomTestStringConvertible {
    let name: String
    var version = Rig.compute
    var live: JSONValue?
    let request: JSONValue
    var status = 400
    let code: String
    let text: String
    var behaviour: [String: JSONValue] = [:]
    var method = HTTPMethod.patch
    var testDescription: String { name }
}

private let both = "SystemAssigned, UserAssigned"
private let one: JSONValue = [
    "type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
]

private func user(_ entries: [String: JSONValue]) -> JSONValue {
    ["type": "UserAssigned", "userAssignedIdentities": .object(entries)]
}

private let many = Dictionary(
    (0...150).map { (Rig.id("ID\($0)"), JSONValue.object([:])) },
    uniquingKeysWith: { $1 }
)
private let gone = Rig.id("GONE")
private let path = "identity.userAssignedIdentities"

@Suite struct IdentityRefusalTests {
    static let content: [RefusalCase] = [
        RefusalCase(
            name: "no type",
            request: ["userAssignedIdentities": [:]],
            code: "InvalidRequestContent",
            text: "'Required property 'type' not found in JSON. Path 'identity'.'."
        ),
        RefusalCase(
            name: "type null",
            request: ["type": nil],
            code: "InvalidRequestContent",
            text: "'Required property 'type' not found in JSON. Path 'identity'.'."
        ),
        RefusalCase(
            name: "unknown type",
            request: ["type": "Foo"],
            code: "InvalidRequestContent",
            text: "identity.type"
        ),
        RefusalCase(
            name: "empty type",
            request: ["type": ""],
            code: "InvalidRequestContent",
            text: "identity.type"
        ),
        RefusalCase(name: "identity null", request: nil, code: "InvalidRequestContent", text: "'identity'"),
        RefusalCase(
            name: "the member of the other shape",
            request: ["type": "UserAssigned", "identityIds": [.string(Rig.id("ID1"))]],
            code: "InvalidRequestContent",
            text: "Could not find member 'identityIds'"
        ),
        RefusalCase(
            name: "the member of the other shape, array version",
            version: "2018-04-01",
            request: one,
            code: "InvalidRequestContent",
            text: "Could not find member 'userAssignedIdentities'"
        ),
        RefusalCase(
            name: "a map that is a list",
            request: ["type": "UserAssigned", "userAssignedIdentities": [.string(Rig.id("ID1"))]],
            code: "InvalidRequestContent",
            text: path
        ),
        RefusalCase(
            name: "read-only members are echoed (F10)",
            live: one,
            request: user([Rig.id("ID1"): ["clientId": "x", "principalId": "y"]]),
            code: "InvalidIdentityValues",
            text: Rig.id("ID1")
        ),
        RefusalCase(
            name: "null in a PUT (F9)",
            live: one,
            request: user([Rig.id("ID1"): nil]),
            code: "InvalidIdentityValues",
            text: "are {}.",
            method: .put
        ),
        RefusalCase(
            name: "null for what is not attached",
            live: one,
            request: user([Rig.id("ID2"): nil]),
            code: "InvalidIdentityValues",
            text: Rig.id("ID2")
        ),
        RefusalCase(
            name: "twice in different case (F3)",
            request: user([Rig.id("ID1"): [:], Rig.id("id1"): [:]]),
            code: "DuplicateIdentityIds",
            text:
                "The request content has the following duplicate identity ids '\(Rig.id("ID1")),\(Rig.id("id1"))'."
        ),
        RefusalCase(
            name: "twice in a list",
            version: "2017-12-01",
            request: [
                "type": "UserAssigned", "identityIds": [.string(Rig.id("ID1")), .string(Rig.id("id1"))],
            ],
            code: "InvalidParameter",
            text: "'\(Rig.id("id1"))' cannot be duplicated in the provided identityIds list."
        ),
        RefusalCase(
            name: "no leading slash (F4)",
            request: user([String(Rig.id("ID1").dropFirst()): [:]]),
            code: "LinkedInvalidPropertyId",
            text: "at path '\(path)' is invalid"
        ),
        RefusalCase(
            name: "an id of another type",
            request: user([Rig.vm: [:]]),
            code: "LinkedInvalidPropertyId",
            text: Rig.vm
        ),
        RefusalCase(
            name: "more than 150 (F66)",
            request: user(many),
            code: "FailedIdentityOperation",
            text: "User Assigned Identities Number '151' Assign exceed limit '150' in one request."
        ),
    ]

    static let state: [RefusalCase] = [
        RefusalCase(
            name: "a map with SystemAssigned",
            live: one,
            request: ["type": "SystemAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): [:]])],
            code: "InvalidParameter",
            text: "userAssignedIdentities should not be provided if the type is \"SystemAssigned\"."
        ),
        RefusalCase(
            name: "a map of nulls with SystemAssigned",
            live: one,
            request: ["type": "SystemAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): nil])],
            code: "InvalidParameter",
            text: "should not be provided"
        ),
        RefusalCase(
            name: "an empty map with SystemAssigned (F7)",
            live: one,
            request: ["type": "SystemAssigned", "userAssignedIdentities": [:]],
            code: "FailedIdentityOperation",
            text: "Identity operation error"
        ),
        RefusalCase(
            name: "an empty map with None",
            live: one,
            request: ["type": "None", "userAssignedIdentities": [:]],
            code: "FailedIdentityOperation",
            text: "Identity operation error"
        ),
        RefusalCase(
            name: "a list with SystemAssigned",
            version: "2017-12-01",
            live: one,
            request: ["type": "SystemAssigned", "identityIds": [.string(Rig.id("ID1"))]],
            code: "InvalidParameter",
            text: "ResourceIdentity identityIds should not be provided if the type is \"SystemAssigned\"."
        ),
        RefusalCase(
            name: "UserAssigned and nothing left",
            live: one,
            request: user([Rig.id("ID1"): nil]),
            code: "InvalidParameter",
            text: "at least one identity"
        ),
        RefusalCase(
            name: "UserAssigned and nothing there",
            request: ["type": .string(both)],
            code: "InvalidParameter",
            text: "at least one identity"
        ),
        RefusalCase(
            name: "UserAssigned with an empty list",
            version: "2017-12-01",
            live: one,
            request: ["type": "UserAssigned", "identityIds": []],
            code: "InvalidParameter",
            text: "at least one identity"
        ),
        RefusalCase(
            name: "an identity that does not exist (F25)",
            request: user([gone: [:], Rig.id("ID1"): [:]]),
            code: "FailedIdentityOperation",
            text: "Resource '\(gone.lowercased())' was not found."
        ),
        RefusalCase(
            name: "the same, told as a permission (F52)",
            request: user([gone: [:], Rig.id("ID1"): [:]]),
            status: 403,
            code: "LinkedAuthorizationFailed",
            text: "on the linked scope(s) '\(gone)' or the linked scope(s) are invalid.",
            behaviour: ["missingIdentity": "forbidden"]
        ),
        RefusalCase(
            name: "adding and removing, when that is refused (F9)",
            live: one,
            request: user([Rig.id("ID1"): nil, Rig.id("ID2"): [:]]),
            code: "FailedIdentityOperation",
            text: "added and removed",
            behaviour: ["mixedPatch": "refuse"]
        ),
    ]

    @Test(arguments: content + state)
    func refused(_ row: RefusalCase) throws {
        let rig = try Rig(identity: row.live, adding: ["behaviour": .object(row.behaviour)])
        let before = rig.state.snapshot()
        let body: JSONValue =
            row.method == .put
            ? ["location": "westus", "identity": row.request] : ["identity": row.request]
        let answer = try rig.send(row.method, Rig.vm, version: row.version, body: body)
        #expect(answer.status == row.status)
        #expect(try answer.errorCode() == row.code)
        #expect(try #require(try answer.errorMessage()).contains(row.text))
        #expect(rig.state.snapshot() == before, "a refused request changes nothing")
    }

    @Test func `150 identities in one request are taken`() throws {
        let names = (0..<150).map { "B\($0)" }
        let entries: [JSONValue] = names.map { ["id": .string(Rig.id($0)), "location": "westus"] }
        let rig = try Rig(adding: ["identities": .array(entries)])
        let map = Dictionary(names.map { (Rig.id($0), JSONValue.object([:])) }, uniquingKeysWith: { $1 })
        #expect(try rig.patch(user(map)).status == 200)
    }

    @Test func `null for what is not attached can be ignored`() throws {
        let rig = try Rig(identity: one, adding: ["behaviour": ["unattachedRemoval": "ignore"]])
        #expect(try rig.patch(user([Rig.id("ID2"): nil])).status == 200)
        #expect(summary(try rig.settled()) == "UserAssigned: ID1")
    }

    @Test func `a Flexible scale set takes no system identity (F48)`() throws {
        let set = "\(Rig.group)/providers/Microsoft.Compute/virtualMachineScaleSets/flex"
        let rig = try Rig(adding: [
            "virtualMachineScaleSets": [
                [
                    "id": .string(set), "location": "westus", "properties": ["orchestrationMode": "Flexible"],
                ]
            ]
        ])
        let refused = try rig.send(.patch, set, body: ["identity": ["type": "SystemAssigned"]])
        #expect(refused.status == 400)
        #expect(try #require(try refused.errorMessage()).contains("Flexible"))
        #expect(try rig.send(.patch, set, body: ["identity": one]).status == 200)
    }

    @Test func `a dangling id in a list blocks the whole write, in the array versions (F25)`() throws {
        let rig = try Rig(identity: one)
        _ = try rig.send(.delete, Rig.id("ID1"), version: "2018-11-30")
        let ids: JSONValue = [.string(Rig.id("ID1")), .string(Rig.id("ID2"))]
        let answer = try rig.patch(["type": "UserAssigned", "identityIds": ids], version: "2017-12-01")
        #expect(try answer.errorCode() == "FailedIdentityOperation")
    }
}
