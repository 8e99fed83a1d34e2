import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

private let add: JSONValue = [
    "type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
]

@Suite struct OperationTests {
    private func operation(_ answer: HTTPResponse) throws -> String {
        try #require(answer.header("azure-asyncoperation"))
    }

    @Test func `the operation URL is long, absolute on the caller's host, and must stay as it is`() throws {
        let rig = try Rig()
        let path = "http://127.0.0.1:8443\(Rig.vm)?api-version=\(Rig.compute)"
        let url = try operation(try rig.send(.patch, path, body: ["identity": add]))
        #expect((3_100...3_500).contains(url.count))
        let scope =
            "/subscriptions/\(Rig.subscription)/providers/Microsoft.Compute/locations/westus/operations/"
        #expect(url.hasPrefix("http://127.0.0.1:8443" + scope))
        let names = try #require(URLComponents(string: url)?.queryItems).map(\.name)
        #expect(names == ["p", "api-version", "t", "c", "s", "h"])
        #expect(try rig.send(.get, url).status == 200)
        for broken in [String(url.dropLast()), url.replacing("&t=", with: "&T="), url + "&x=1"] {
            #expect(try rig.send(.get, broken).status == 403)
        }
        let unknown = url.replacing("/operations/", with: "/operations/0")
        #expect(try rig.send(.get, unknown).status == 404)
    }

    @Test(arguments: [0, 1, 3])
    func `it ends after the polls that the state says`(_ polls: Int) throws {
        let rig = try Rig(adding: ["longRunning": ["polls": .integer(polls)]])
        let url = try operation(try rig.patch(add))
        for _ in 0..<polls {
            let running = try rig.send(.get, url)
            #expect(running.header("retry-after") == nil)
            #expect(try running.json()["status"] == "InProgress")
            #expect(try running.json()["endTime"] == nil)
        }
        let done = try rig.send(.get, url, at: .seconds(6)).json()
        #expect(done["status"] == "Succeeded")
        #expect(done["startTime"] == "2026-01-12T04:00:00.000Z")
        #expect(done["endTime"] == "2026-01-12T04:00:06.000Z")
        #expect(done["name"]?.string.map { url.contains($0) } == true)
        #expect(try rig.send(.get, Rig.vm).json()["properties"]?["provisioningState"] == "Succeeded")
    }

    @Test func `it can take time, and say Retry-After`() throws {
        let rig = try Rig(adding: ["longRunning": ["polls": 0, "seconds": 30, "retryAfter": 10]])
        let answer = try rig.patch(add)
        #expect(answer.header("retry-after") == "10")
        let url = try operation(answer)
        let early = try rig.send(.get, url, at: .seconds(29))
        #expect(try early.json()["status"] == "InProgress")
        #expect(early.header("retry-after") == "10")
        let late = try rig.send(.get, url, at: .seconds(30))
        #expect(try late.json()["status"] == "Succeeded")
        #expect(late.header("retry-after") == nil)
    }

    @Test func `a client may watch the VM instead`() throws {
        let rig = try Rig(adding: ["longRunning": ["polls": 2]])
        _ = try rig.patch(add)
        let states = try (0..<3).map { _ in
            try rig.send(.get, Rig.vm).json()["properties"]?["provisioningState"]?.string
        }
        #expect(states == ["Updating", "Updating", "Succeeded"])
    }

    @Test func `creating answers 201 Creating, deleting 202 with a Location to monitor`() throws {
        let rig = try Rig()
        let path = Rig.vm + "new"
        let made = try rig.send(
            .put,
            path,
            body: ["location": "westus", "identity": ["type": "SystemAssigned"]]
        )
        #expect(made.status == 201)
        #expect(try made.json()["properties"]?["provisioningState"] == "Creating")
        #expect(made.header("location") == nil)
        _ = try rig.send(.get, path)
        #expect(try rig.send(.get, path).json()["properties"]?["provisioningState"] == "Succeeded")
        let deleted = try rig.send(.delete, path)
        #expect(deleted.status == 202)
        #expect(deleted.body.isEmpty)
        let monitor = try #require(deleted.header("location"))
        #expect(monitor.contains("&monitor=true&"))
        let busy = try rig.send(.patch, path, body: ["tags": [:]])
        #expect(busy.status == 409)
        #expect(try #require(try busy.errorMessage()).contains("marked for deletion"))
        #expect(try rig.send(.get, monitor).status == 202)
        #expect(try rig.send(.get, monitor).status == 204)
        #expect(try rig.send(.get, path).status == 404)
        #expect(try rig.send(.delete, path).status == 204)
    }

    @Test func `a newer write preempts the older operation, and both changes stay (F63)`() throws {
        let rig = try Rig()
        let first = try operation(try rig.patch(add))
        let more: JSONValue = [
            "type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID2"): [:]]),
        ]
        let second = try rig.patch(more)
        #expect(summary(try second.json()) == "UserAssigned: ID1* ID2*")
        let old = try rig.send(.get, first).json()
        #expect(old["status"] == "Canceled")
        #expect(old["error"]?["code"] == "OperationPreempted")
        #expect(summary(try rig.settled()) == "UserAssigned: ID1 ID2")
    }

    @Test func `or it is refused, when the state says so`() throws {
        let rig = try Rig(adding: ["behaviour": ["concurrentWrites": "conflict"]])
        _ = try rig.patch(add)
        let refused = try rig.patch(["type": "None"])
        #expect(refused.status == 409)
        #expect(try refused.errorCode() == "Conflict")
        _ = try rig.settled()
        #expect(try rig.patch(["type": "None"]).status == 200)
    }

    @Test func `a saved state has ended what was running`() throws {
        let rig = try Rig()
        _ = try rig.patch(add)
        _ = try rig.send(.put, Rig.vm + "new", body: ["location": "westus"])
        _ = try rig.send(.delete, Rig.vm + "new")
        let saved = rig.state.snapshot().json["virtualMachines"]?.array ?? []
        #expect(saved.count == 1)
        #expect(saved.first?["properties"]?["provisioningState"] == "Succeeded")
        #expect(saved.first.map(summary) == "UserAssigned: ID1")
    }
}
