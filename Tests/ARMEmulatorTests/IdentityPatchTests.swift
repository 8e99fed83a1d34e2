import ARMEmulator
import IdSyncAzure
import IdSyncCore
import Testing

/// One row: live identity block, request, and the block in the PATCH answer and after the operation.
struct PatchCase: Sendable, CustomTestStringConvertible {
    let name: String
    var version = Rig.compute
    var live: JSONValue?
    let request: JSONValue
    /// While the operation runs; a star marks an entry that shows as `{}`.
    let updating: String
    let after: String
    var testDescription: String { name }
}

private func map(_ added: [String], removed: [String] = []) -> JSONValue {
    .object(
        Dictionary(
            added.map { (Rig.id($0), JSONValue.object([:])) } + removed.map { (Rig.id($0), JSONValue.null) },
            uniquingKeysWith: { $1 }
        )
    )
}

private func user(_ names: String...) -> JSONValue {
    ["type": "UserAssigned", "userAssignedIdentities": map(names)]
}

private func both(_ names: String...) -> JSONValue {
    ["type": "SystemAssigned, UserAssigned", "userAssignedIdentities": map(names)]
}

private let array = "2017-12-01"
private let system: JSONValue = ["type": "SystemAssigned"]

@Suite struct IdentityPatchTests {
    /// FACTS section 3 and `operations.md`, row by row.
    static let dictionary: [PatchCase] = [
        PatchCase(
            name: "6 nothing, + system",
            request: system,
            updating: "SystemAssigned: system",
            after: "SystemAssigned: system"
        ),
        PatchCase(
            name: "7 users, + system without the map",
            live: user("ID1", "ID2"),
            request: ["type": "SystemAssigned, UserAssigned"],
            updating: "SystemAssigned, UserAssigned: system ID1 ID2",
            after: "SystemAssigned, UserAssigned: system ID1 ID2"
        ),
        PatchCase(name: "8 system, None", live: system, request: ["type": "None"], updating: "-", after: "-"),
        PatchCase(
            name: "9 both, UserAssigned drops the system identity",
            live: both("ID1"),
            request: ["type": "UserAssigned"],
            updating: "UserAssigned: ID1",
            after: "UserAssigned: ID1"
        ),
        PatchCase(
            name: "10 nothing, + ID1",
            request: user("ID1"),
            updating: "UserAssigned: ID1*",
            after: "UserAssigned: ID1"
        ),
        PatchCase(
            name: "11 both, + ID2, the type without a blank",
            live: both("ID1"),
            request: ["type": "SystemAssigned,UserAssigned", "userAssignedIdentities": map(["ID2"])],
            updating: "SystemAssigned, UserAssigned: system ID1 ID2*",
            after: "SystemAssigned, UserAssigned: system ID1 ID2"
        ),
        PatchCase(
            name: "12 both, - ID2",
            live: both("ID1", "ID2"),
            request: [
                "type": "SystemAssigned, UserAssigned", "userAssignedIdentities": map([], removed: ["ID2"]),
            ],
            updating: "SystemAssigned, UserAssigned: system ID1",
            after: "SystemAssigned, UserAssigned: system ID1"
        ),
        PatchCase(
            name: "13 both, the last one off, map null",
            live: both("ID1"),
            request: ["type": "SystemAssigned", "userAssignedIdentities": nil],
            updating: "SystemAssigned: system",
            after: "SystemAssigned: system"
        ),
        PatchCase(
            name: "danger: SystemAssigned alone drops every user-assigned identity",
            live: both("ID1", "ID2"),
            request: system,
            updating: "SystemAssigned: system",
            after: "SystemAssigned: system"
        ),
        PatchCase(
            name: "14 users, None with map null",
            live: user("ID1"),
            request: ["type": "None", "userAssignedIdentities": nil],
            updating: "-",
            after: "-"
        ),
        PatchCase(
            name: "15 swap",
            live: user("ID1"),
            request: ["type": "UserAssigned", "userAssignedIdentities": map(["ID2"], removed: ["ID1"])],
            updating: "UserAssigned: ID2*",
            after: "UserAssigned: ID2"
        ),
        PatchCase(
            name: "what is attached already stays as it is",
            live: user("ID1"),
            request: user("ID1", "ID2"),
            updating: "UserAssigned: ID1 ID2*",
            after: "UserAssigned: ID1 ID2"
        ),
        PatchCase(
            name: "the type in another case",
            request: ["type": "userAssigned", "userAssignedIdentities": map(["ID1"])],
            updating: "UserAssigned: ID1*",
            after: "UserAssigned: ID1"
        ),
        PatchCase(
            name: "removal with a lower-cased key",
            live: user("ID1", "ID2"),
            request: [
                "type": "UserAssigned",
                "userAssignedIdentities": .object([Rig.id("ID2").lowercased(): .null]),
            ],
            updating: "UserAssigned: ID1",
            after: "UserAssigned: ID1"
        ),
    ]

    static let arrays: [PatchCase] = [
        PatchCase(
            name: "7b + system repeats the list",
            version: array,
            live: user("ID1", "ID2"),
            request: ["type": "SystemAssigned, UserAssigned", "identityIds": list("ID1", "ID2")],
            updating: "SystemAssigned, UserAssigned: system ID1 ID2",
            after: "SystemAssigned, UserAssigned: system ID1 ID2"
        ),
        PatchCase(
            name: "10b + ID1",
            version: array,
            request: ["type": "UserAssigned", "identityIds": list("ID1")],
            updating: "UserAssigned: ID1",
            after: "UserAssigned: ID1"
        ),
        PatchCase(
            name: "12b the list replaces: what is left out goes",
            version: "2018-04-01",
            live: both("ID1", "ID2"),
            request: ["type": "SystemAssigned, UserAssigned", "identityIds": list("ID1")],
            updating: "SystemAssigned, UserAssigned: system ID1",
            after: "SystemAssigned, UserAssigned: system ID1"
        ),
        PatchCase(
            name: "13 SystemAssigned drops the list",
            version: array,
            live: both("ID1"),
            request: system,
            updating: "SystemAssigned: system",
            after: "SystemAssigned: system"
        ),
        PatchCase(
            name: "the order is the caller's",
            version: array,
            live: user("ID1"),
            request: ["type": "UserAssigned", "identityIds": list("ID3", "ID1")],
            updating: "UserAssigned: ID3 ID1",
            after: "UserAssigned: ID3 ID1"
        ),
    ]

    private static func list(_ names: String...) -> JSONValue { .array(names.map { .string(Rig.id($0)) }) }

    @Test(arguments: dictionary + arrays)
    func patch(_ row: PatchCase) throws {
        let rig = try Rig(identity: row.live)
        let answer = try rig.patch(row.request, version: row.version)
        #expect(answer.status == 200)
        #expect(summary(try answer.json()) == row.updating)
        #expect(try answer.json()["properties"]?["provisioningState"] == "Updating")
        #expect(answer.header("azure-asyncoperation") != nil)
        #expect(answer.header("location") == nil)
        #expect(answer.header("retry-after") == nil)
        let after = try rig.settled(version: row.version)
        #expect(summary(after) == row.after)
        #expect(after["properties"]?["provisioningState"] == "Succeeded")
        // The members of the VM that the PATCH did not name are as before.
        #expect(after["properties"]?["hardwareProfile"] == ["vmSize": "B2ms"])
    }

    @Test func `a PATCH of tags leaves the identity alone and replaces the tags`() throws {
        let rig = try Rig(identity: both("ID1"))
        _ = try rig.send(.patch, Rig.vm, body: ["tags": ["a": "1", "b": "2"]])
        let answer = try rig.send(.patch, Rig.vm, body: ["tags": ["b": "3"]])
        #expect(try answer.json()["tags"] == ["b": "3"])
        #expect(summary(try answer.json()) == "SystemAssigned, UserAssigned: system ID1")
    }

    @Test func `a PUT without an identity drops it, one with a map replaces it`() throws {
        let rig = try Rig(identity: both("ID1", "ID2"))
        let replaced = try rig.send(.put, Rig.vm, body: ["location": "West US", "identity": user("ID2")])
        #expect(summary(try replaced.json()) == "UserAssigned: ID2")
        #expect(try replaced.json()["properties"]?["hardwareProfile"] == nil)
        let dropped = try rig.send(.put, Rig.vm, body: ["location": "westus"])
        #expect(summary(try dropped.json()) == "-")
    }

    @Test func `the caller's spelling of an id is echoed, and kept when it is attached again`() throws {
        let rig = try Rig()
        let odd = Rig.id("ID1").replacing("resourceGroups", with: "RESOURCEGROUPS")
        let first = try rig.patch(["type": "UserAssigned", "userAssignedIdentities": .object([odd: [:]])])
        #expect(try first.json()["identity"]?["userAssignedIdentities"]?.object?.keys.first == odd)
        let again = try rig.patch(user("ID1"))
        #expect(try again.json()["identity"]?["userAssignedIdentities"]?.object?.keys.first == odd)
        // A list of the array versions is taken over as it is written.
        let listed = try rig.patch(
            ["type": "UserAssigned", "identityIds": [.string(Rig.id("ID1"))]],
            version: array
        )
        #expect(try listed.json()["identity"]?["identityIds"] == [.string(Rig.id("ID1"))])
    }

    @Test func `a deleted identity dangles, a re-created one has other ids`() throws {
        let rig = try Rig(identity: user("ID1"))
        let before = try rig.settled()["identity"]
        #expect(try rig.send(.delete, Rig.id("ID1"), version: "2023-01-31").status == 200)
        #expect(try rig.settled()["identity"] == before)
        let refused = try rig.patch(user("ID1"))
        #expect(try refused.errorCode() == "FailedIdentityOperation")
        // Adding another one does not name the dead one and goes through (F25).
        #expect(try rig.patch(user("ID2")).status == 200)
        _ = try rig.send(.put, Rig.id("ID1"), version: "2023-01-31", body: ["location": "westus"])
        let anew = try rig.send(.get, Rig.id("ID1"), version: "2023-01-31").json()
        let held = try rig.settled()["identity"]?["userAssignedIdentities"]?[Rig.id("ID1")]
        #expect(held?["clientId"] != anew["properties"]?["clientId"])
        #expect(held?["principalId"] == before?["userAssignedIdentities"]?[Rig.id("ID1")]?["principalId"])
    }

    @Test func `a system identity that comes back is another principal`() throws {
        let rig = try Rig(identity: system)
        let first = try rig.settled()["identity"]?["principalId"]
        _ = try rig.patch(["type": "None"])
        let second = try rig.patch(system).json()["identity"]?["principalId"]
        #expect(first != nil)
        #expect(second != nil)
        #expect(first != second)
    }
}
