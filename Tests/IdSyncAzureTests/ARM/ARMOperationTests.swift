import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

struct ARMOperationTests {
    private typealias Header = (name: String, value: String)
    private let vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1"
    private let operation = "https://management.azure.com/subscriptions/s/operations/o1?p=1&sig=canary&h=2"

    /// Sends one request and waits for what it started.
    private func run(
        _ steps: [ScriptedTransport.Step],
        method: HTTPMethod = .patch,
        deadline: Duration = .seconds(3600)
    ) async throws -> (failure: ARMFailure?, rig: Rig) {
        let rig = try Rig(steps)
        let answer = try await rig.client.send(method, path: vm, apiVersion: "2024-07-01", body: [:])
        let failure = await caught {
            try await rig.client.waitForCompletion(
                of: answer,
                resourcePath: vm,
                apiVersion: "2024-07-01",
                deadline: deadline
            )
        }
        #expect(rig.script.remaining == 0, "every scripted answer is used")
        return (failure, rig)
    }

    private func started(_ status: Int = 200, retryAfter: String? = nil) -> ScriptedTransport.Step {
        let extra: [Header] = retryAfter.map { [("Retry-After", $0)] } ?? []
        return .json(
            status,
            #"{"properties":{"provisioningState":"Updating"}}"#,
            headers: [("Azure-AsyncOperation", operation)] + extra
        )
    }

    @Test(arguments: [#"{"properties":{"provisioningState":"Succeeded"}}"#, #"{"properties":{}}"#, "{}", ""])
    func returnsAtOnceWhenNothingRuns(body: String) async throws {
        let (failure, rig) = try await run([.json(200, body)], method: .put)
        #expect(failure == nil && rig.time.sleeps.isEmpty)
    }

    /// The Location of a 201 names the new resource and is no monitor (REC-ID).
    @Test func ignoresTheLocationOfA201() async throws {
        let (failure, rig) = try await run(
            [.json(201, "{}", headers: [("Location", "/subscriptions/s/x")])],
            method: .put
        )
        #expect(failure == nil && rig.script.requests.count == 1)
    }

    @Test func followsTheOperationUnchangedOnItsOwnSchedule() async throws {
        let running = Array(
            repeating: ScriptedTransport.Step.json(200, #"{"status":"InProgress"}"#),
            count: 9
        )
        let (failure, rig) = try await run([started()] + running + [.json(200, #"{"status":"sUCCEEDED"}"#)])
        #expect(failure == nil)
        #expect(rig.time.sleeps.map(\.seconds) == [1, 2, 5, 10, 15, 20, 25, 30, 30, 30])
        #expect(
            rig.script.requests.dropFirst().allSatisfy {
                $0.url.absoluteString == operation && $0.method == .get
            }
        )
    }

    @Test func honoursRetryAfter() async throws {
        let (failure, rig) = try await run([
            started(202, retryAfter: "7"),
            .json(200, #"{"status":"Running"}"#, headers: [("Retry-After", "11")]),
            .json(200, #"{"status":"Running"}"#),
            .json(200, #"{"status":"Succeeded"}"#),
        ])
        #expect(failure == nil)
        #expect(rig.time.sleeps.map(\.seconds) == [7, 11, 1])
    }

    /// The failed operation of the recording java-poll-failed.json.
    @Test func reportsTheErrorOfAFailedOperation() async throws {
        let body = #"""
            {"startTime":"2017-12-04T07:32:11.1449449+00:00","status":"Failed",
            "error":{"code":"InvalidParameter","message":"Disks or snapshot cannot be resized down."},"name":"3be1"}
            """#
        let (failure, _) = try await run([started(), .json(200, body, headers: [("x-ms-request-id", "r7")])])
        #expect(
            failure?.message
                == "PATCH \(vm): 200 InvalidParameter: Disks or snapshot cannot be resized down. (request id r7)"
        )
        #expect(failure?.errorClass == .bug)
    }

    @Test(arguments: [
        (#"{"status":"Canceled"}"#, "Canceled", ErrorClass.race, "the operation ended with status Canceled"),
        (#"{"status":"failed"}"#, "OperationFailed", .other, "the operation ended with status failed"),
        (
            #"{"status":"Failed","error":{"code":"OperationPreempted","message":"newer"}}"#,
            "OperationPreempted", .race,
            "newer"
        ),
    ])
    func classifiesTheEnd(body: String, code: String, errorClass: ErrorClass, message: String) async throws {
        let (failure, _) = try await run([started(), .json(200, body)])
        guard case .arm(let error)? = failure else { Issue.record("\(String(describing: failure))"); return }
        #expect(error.code == code && error.errorClass == errorClass && error.message == message)
        #expect(error.method == .patch && error.path == vm)
    }

    @Test func readsAStatusAgainThatCouldNotBeRead() async throws {
        let (failure, rig) = try await run([
            started(),
            .json(500, "{}"), .json(404, "{}"), .json(200, "<html>"),
            .failure(TransportError(.timedOut, "t")),
            .json(200, #"{"status":"InProgress"}"#),
            .json(200, "{}"), .json(429, "{}", headers: [("Retry-After", "40")]),
            .json(200, #"{"status":"Succeeded"}"#),
        ])
        #expect(failure == nil)
        #expect(rig.time.sleeps.map(\.seconds) == [1, 2, 5, 10, 15, 20, 25, 40])
    }

    @Test func givesUpOnAStatusThatCannotBeRead() async throws {
        let (failure, _) = try await run([started()] + Array(repeating: .json(404, "{}"), count: 5))
        guard case .arm(let error)? = failure else { Issue.record("\(String(describing: failure))"); return }
        #expect(error.status == 404 && error.path == "/subscriptions/s/operations/o1")
        #expect(failure?.message.contains("canary") == false)
    }

    @Test func keepsToTheDeadline() async throws {
        let running = Array(
            repeating: ScriptedTransport.Step.json(200, #"{"status":"InProgress"}"#),
            count: 4
        )
        let (failure, rig) = try await run([started()] + running, deadline: .seconds(10))
        #expect(rig.time.sleeps.map(\.seconds) == [1, 2, 5, 2])
        #expect(
            failure?.message
                == "PATCH \(vm): the operation (/subscriptions/s/operations/o1) did not end within 10 s; "
                + "its state is unknown: run the plan again"
        )
    }

    @Test func doesNotAskEarlierThanToldEvenAtTheDeadline() async throws {
        let (failure, rig) = try await run([started(retryAfter: "60")], deadline: .seconds(10))
        #expect(rig.time.sleeps.isEmpty)
        guard case .deadline? = failure else { Issue.record("\(String(describing: failure))"); return }
    }

    @Test(arguments: ["Azure-AsyncOperation", "Location"])
    func refusesAForeignMonitor(header: String) async throws {
        let (failure, rig) = try await run([
            .json(202, "{}", headers: [(header, "https://evil.example/o?sig=canary")])
        ])
        #expect(
            failure
                == .foreignURL(link: header, host: "https://evil.example", ARMCall(method: .patch, path: vm))
        )
        #expect(rig.script.requests.count == 1)
    }

    @Test func followsALocation() async throws {
        let (failure, rig) = try await run(
            [
                .json(
                    202,
                    "",
                    headers: [("Location", "/subscriptions/s/operationresults/1?x=1"), ("Retry-After", "3")]
                ),
                .json(202, ""), .json(503, ""), .answer(HTTPResponse(status: 204)),
            ],
            method: .delete
        )
        #expect(failure == nil)
        #expect(rig.time.sleeps.map(\.seconds) == [3, 1, 2])
        #expect(
            rig.script.requests.last?.url.absoluteString
                == "https://management.azure.com/subscriptions/s/operationresults/1?x=1"
        )
    }

    @Test func takesARefusalAtALocationAsTheResult() async throws {
        let (failure, _) = try await run(
            [
                .json(202, "", headers: [("Location", "/r")]),
                .json(409, #"{"error":{"code":"ScopeLocked","message":"locked"}}"#),
            ],
            method: .delete
        )
        #expect(failure?.errorClass == .blocked)
    }

    @Test func watchesTheResourceWhenNothingElseIsThere() async throws {
        let updating = ScriptedTransport.Step.json(200, #"{"properties":{"provisioningState":"Updating"}}"#)
        let (failure, rig) = try await run([
            updating, updating, .json(200, #"{"properties":{"provisioningState":"Succeeded"}}"#),
        ])
        #expect(failure == nil)
        #expect(
            rig.script.requests.last?.url.absoluteString
                == "https://management.azure.com\(vm)?api-version=2024-07-01"
        )
        let failed = try await run([updating, .json(200, #"{"properties":{"provisioningState":"Failed"}}"#)])
        #expect(
            failed.failure?.message
                == "PATCH \(vm): 200 OperationFailed: the operation ended with status Failed"
        )
    }

    @Test func aDeleteIsDoneWhenTheResourceIsGone() async throws {
        let (failure, _) = try await run(
            [
                .json(202, ""), .json(200, #"{"properties":{"provisioningState":"Deleting"}}"#),
                .json(200, "{}"),
                .json(404, "{}"),
            ],
            method: .delete
        )
        #expect(failure == nil)
    }
}
