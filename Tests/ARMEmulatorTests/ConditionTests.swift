import ARMEmulator
import IdSyncAzure
import IdSyncCore
import Testing

private let add: JSONValue = [
    "type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
]

/// One row: a condition and what a write that carries it is answered.
struct ConditionCase: Sendable, CustomTestStringConvertible {
    let header: (name: String, value: String)
    var version = Rig.compute
    let status: Int
    var testDescription: String { "\(header.name): \(header.value) at \(version)" }
}

@Suite struct ConditionTests {
    static let rows: [ConditionCase] = [
        ConditionCase(header: ("If-Match", "\"1\""), status: 200),
        ConditionCase(header: ("If-Match", "*"), status: 200),
        ConditionCase(header: ("if-match", "\"7\", \"1\""), status: 200),
        ConditionCase(header: ("If-Match", "\"2\""), status: 412),
        ConditionCase(header: ("If-Match", "1"), status: 412),
        ConditionCase(header: ("If-None-Match", "*"), status: 412),
        ConditionCase(header: ("If-None-Match", "\"1\""), status: 412),
        ConditionCase(header: ("If-None-Match", "\"2\""), status: 200),
        ConditionCase(header: ("If-Match", "\"2\""), version: "2023-09-01", status: 412),
        ConditionCase(header: ("If-Match", "\"2\""), version: "2023-07-01", status: 200),
        ConditionCase(header: ("If-None-Match", "*"), version: "2018-06-01", status: 200),
    ]

    @Test(arguments: rows)
    func condition(_ row: ConditionCase) throws {
        let rig = try Rig()
        let answer = try rig.send(
            .patch,
            Rig.vm,
            version: row.version,
            body: ["identity": add],
            headers: [("Authorization", "Bearer t"), row.header]
        )
        #expect(answer.status == row.status)
        if row.status == 412 { #expect(try answer.errorCode() == "PreconditionFailed") }
    }

    @Test func `each write raises the ETag at once, reads do not`() throws {
        let rig = try Rig()
        #expect(try rig.send(.get, Rig.vm).header("etag") == "\"1\"")
        let first = try rig.patch(add)
        #expect(first.header("etag") == "\"2\"")
        #expect(try first.json()["etag"] == "\"2\"")
        #expect(try rig.send(.get, Rig.vm).header("etag") == "\"2\"")
        #expect(try rig.send(.get, Rig.vm).header("etag") == "\"2\"")
        #expect(try rig.patch(["type": "None"], ifMatch: "\"1\"").status == 412)
        #expect(try rig.patch(["type": "None"], ifMatch: "\"2\"").header("etag") == "\"3\"")
    }

    @Test func `another writer raises it too`() throws {
        let rig = try Rig()
        rig.state.apply(OtherWriter(machine: try Rig.parsed(Rig.vm), bumpETag: true))
        let answer = try rig.patch(add, ifMatch: "\"1\"")
        #expect(answer.status == 412)
        #expect(try #require(try answer.errorMessage()).contains("\"1\" does not match etag \"2\""))
    }

    @Test(arguments: ["2023-07-01", "2018-06-01", "2017-12-01"])
    func `older versions show none`(_ version: String) throws {
        let rig = try Rig()
        let answer = try rig.send(.get, Rig.vm, version: version)
        #expect(answer.header("etag") == nil)
        #expect(try answer.json()["etag"] == nil)
    }

    @Test func `with $expand it is in the body only, in a list in every entry`() throws {
        let rig = try Rig()
        let expanded = try rig.send(.get, "\(Rig.vm)?$expand=instanceView")
        #expect(expanded.header("etag") == nil)
        #expect(try expanded.json()["etag"] == "\"1\"")
        let list = try rig.send(.get, "\(Rig.group)/providers/Microsoft.Compute/virtualMachines")
        #expect(try list.json()["value"]?.array?.first?["etag"] == "\"1\"")
    }

    @Test func `it can be missing altogether (F14)`() throws {
        let rig = try Rig(adding: ["behaviour": ["etags": false]])
        #expect(try rig.send(.get, Rig.vm).header("etag") == nil)
        #expect(try rig.send(.get, Rig.vm).json()["etag"] == nil)
    }

    @Test func `a PATCH of what does not exist is 404, a conditional PUT 412`() throws {
        let rig = try Rig()
        let path = Rig.vm + "x"
        let headers: [(name: String, value: String)] = [("Authorization", "Bearer t"), ("If-Match", "\"1\"")]
        #expect(try rig.send(.patch, path, body: ["tags": [:]], headers: headers).status == 404)
        #expect(try rig.send(.put, path, body: ["location": "westus"], headers: headers).status == 412)
    }
}
