import ARMEmulator
import IdSyncAzure
import IdSyncCore
import Testing

@Suite struct IdentityCrudTests {
    private static let version = "2023-01-31"
    private static let lower = Rig.id("NEW").replacing("resourceGroups", with: "resourcegroups")

    @Test func `PUT answers 201 with a relative Location, then 200 without`() throws {
        let rig = try Rig()
        let body: JSONValue = ["location": "West US", "tags": ["a": "1"]]
        let made = try rig.send(.put, Rig.id("NEW"), version: Self.version, body: body)
        #expect(made.status == 201)
        #expect(made.header("location") == Self.lower)
        #expect(made.header("azure-asyncoperation") == nil)
        let shown = try made.json()
        #expect(shown["id"] == .string(Self.lower))
        #expect(shown["location"] == "westus")
        #expect(shown["tags"] == ["a": "1"])
        #expect(shown["properties"]?.object?.keys.sorted() == ["clientId", "principalId", "tenantId"])
        let again = try rig.send(.put, Rig.id("new"), version: Self.version, body: ["location": "westus"])
        #expect(again.status == 200)
        #expect(again.header("location") == nil)
        #expect(try again.json()["tags"] == [:])
        #expect(try again.json()["name"] == "NEW")
        #expect(try again.json()["properties"] == shown["properties"])
    }

    @Test func `DELETE answers 200, then 204`() throws {
        let rig = try Rig()
        let first = try rig.send(.delete, Rig.id("ID1"), version: Self.version)
        #expect(first.status == 200)
        #expect(first.body.isEmpty)
        #expect(try rig.send(.delete, Rig.id("ID1"), version: Self.version).status == 204)
        #expect(rig.state.identities.map(\.name) == ["ID2", "ID3"])
    }

    @Test func `PATCH replaces tags and refuses another location`() throws {
        let rig = try Rig()
        _ = try rig.send(.patch, Rig.id("ID1"), version: Self.version, body: ["tags": ["a": "1"]])
        let second = try rig.send(.patch, Rig.id("ID1"), version: Self.version, body: ["tags": ["b": "2"]])
        #expect(try second.json()["tags"] == ["b": "2"])
        let moved = try rig.send(.patch, Rig.id("ID1"), version: Self.version, body: ["location": "eastus"])
        #expect(moved.status == 409)
        #expect(try moved.errorCode() == "InvalidResourceLocation")
        #expect(try rig.send(.patch, Rig.id("IDx"), version: Self.version, body: ["tags": [:]]).status == 404)
    }

    @Test(arguments: ["ab", "_abc", "a.b", String(repeating: "a", count: 129)])
    func `names outside the rules are refused`(_ name: String) throws {
        let answer = try Rig().send(.put, Rig.id(name), version: Self.version, body: ["location": "westus"])
        #expect(answer.status == 400)
        #expect(try answer.errorCode() == "InvalidResourceName")
    }

    @Test func `newer properties show and change only in versions that know them`() throws {
        let rig = try Rig()
        let scope: JSONValue = ["location": "westus", "properties": ["isolationScope": "Regional"]]
        _ = try rig.send(.put, Rig.id("ID1"), version: "2024-11-30", body: scope)
        let new = try rig.send(.get, Rig.id("ID1"), version: "2024-11-30").json()
        #expect(new["properties"]?["isolationScope"] == "Regional")
        let old = try rig.send(.get, Rig.id("ID1"), version: Self.version).json()
        #expect(old["properties"]?["isolationScope"] == nil)
        let other: JSONValue = ["properties": ["isolationScope": "None"]]
        _ = try rig.send(.patch, Rig.id("ID1"), version: Self.version, body: other)
        let kept = try rig.send(.get, Rig.id("ID1"), version: "2026-05-31").json()
        #expect(kept["properties"]?["isolationScope"] == "Regional")
    }

    @Test func `only the first preview hands out the URL of a secret`() throws {
        let rig = try Rig()
        let preview = try rig.send(.get, Rig.id("ID1"), version: "2015-08-31-preview").json()
        #expect(preview["properties"]?["clientSecretUrl"] != nil)
        let stable = try rig.send(.get, Rig.id("ID1"), version: "2018-11-30").json()
        #expect(stable["properties"]?["clientSecretUrl"] == nil)
    }
}
