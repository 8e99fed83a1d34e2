import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// A client over a script, with fixed request ids.
struct Rig {
    let script: ScriptedTransport
    let tokens: ScriptedTokens
    let time = VirtualTime()
    let client: ARMClient

    init(
        _ steps: [ScriptedTransport.Step],
        tokens: ScriptedTokens = ScriptedTokens(),
        endpoint: String = "https://management.azure.com",
        retry: Bool = false
    ) throws {
        script = ScriptedTransport(steps)
        self.tokens = tokens
        let transport: any Transport =
            retry ? RetryingTransport(wrapping: script, time: time, jitter: { 0 }) : script
        client = ARMClient(
            endpoint: try ARMEndpoint(parsing: endpoint),
            transport: transport,
            tokens: tokens,
            time: time,
            userAgent: "idsync/test",
            correlationID: "corr-1",
            requestIDs: { "req-1" }
        )
    }
}

/// The failure of a call, or nil when it succeeded.
func caught<Value>(_ call: () async throws -> Value) async -> ARMFailure? {
    do {
        _ = try await call()
        return nil
    } catch {
        if error as? ARMFailure == nil { Issue.record(error) }
        return error as? ARMFailure
    }
}

struct ARMClientTests {
    private let vm = "/subscriptions/s/resourceGroups/rg.(x)/providers/Microsoft.Compute/virtualMachines/vm1"

    private func headers(_ request: HTTPRequest) -> [String] {
        request.headers.map { "\($0.name): \($0.value)" }
    }

    @Test func getsWithExactlyTheseHeaders() async throws {
        let rig = try Rig([.json(200, #"{"a":1}"#, headers: [("ETag", "\"5\""), ("x-ms-request-id", "r9")])])
        let answer = try await rig.client.get(path: vm, apiVersion: "2024-07-01", query: [("$expand", "x")])
        #expect(
            answer.status == 200 && answer.etag == "\"5\"" && answer.requestID == "r9" && answer.attempts == 1
        )
        #expect(try answer.json() == ["a": 1])
        let request = try #require(rig.script.requests.first)
        #expect(request.method == .get && request.body == nil)
        #expect(
            request.url.absoluteString == "https://management.azure.com\(vm)?api-version=2024-07-01&$expand=x"
        )
        #expect(
            headers(request) == [
                "Authorization: Bearer token-1", "Accept: application/json", "User-Agent: idsync/test",
                "x-ms-client-request-id: req-1", "x-ms-correlation-request-id: corr-1",
            ]
        )
    }

    @Test func patchesWithBodyAndETag() async throws {
        let rig = try Rig([.json(200, "{}")])
        let body: JSONValue = ["identity": ["type": "None", "userAssignedIdentities": nil]]
        _ = try await rig.client.send(
            .patch,
            path: vm,
            apiVersion: "2024-07-01",
            ifMatch: "\"5\"",
            body: body
        )
        let request = try #require(rig.script.requests.first)
        #expect(
            headers(request).prefix(2) == [
                "If-Match: \"5\"", "Content-Type: application/json; charset=utf-8",
            ]
        )
        #expect(
            request.body.map { String(decoding: $0, as: UTF8.self) }
                == #"{"identity":{"type":"None","userAssignedIdentities":null}}"#
        )
    }

    @Test func deletesWithoutBodyOrContentType() async throws {
        let rig = try Rig([.answer(HTTPResponse(status: 204))])
        let answer = try await rig.client.send(.delete, path: vm, apiVersion: "1")
        #expect(answer.status == 204)
        #expect(rig.script.requests.first?.header("content-type") == nil)
        #expect(rig.script.requests.first?.body == nil)
    }

    @Test func renewsTheTokenOnceOnA401() async throws {
        let rig = try Rig(
            [.json(401, "{}"), .json(200, "{}")],
            tokens: ScriptedTokens(["old", "new"])
        )
        let answer = try await rig.client.get(path: vm, apiVersion: "1")
        #expect(answer.status == 200)
        #expect(rig.tokens.rejected == ["old"])
        #expect(rig.script.requests.map { $0.header("authorization") } == ["Bearer old", "Bearer new"])
    }

    @Test func givesUpOnTheSecond401() async throws {
        let refusal = #"{"error":{"code":"InvalidAuthenticationToken","message":"bad token new-canary"}}"#
        let rig = try Rig(
            [.json(401, "{}"), .json(401, refusal)],
            tokens: ScriptedTokens(["old", "new-canary"])
        )
        let failure = try #require(await caught { try await rig.client.get(path: vm, apiVersion: "1") })
        #expect(failure.errorClass == .authentication)
        #expect(failure.message == "GET \(vm): 401 InvalidAuthenticationToken: bad token <redacted>")
        #expect(failure.readFailure.kind == .authentication)
    }

    @Test func saysWhenThereIsNoToken() async throws {
        let rig = try Rig([], tokens: ScriptedTokens([]))
        let failure = try #require(await caught { try await rig.client.get(path: vm, apiVersion: "1") })
        #expect(failure == .credential(CredentialError("no token")))
        #expect(rig.script.requests.isEmpty)
    }

    @Test func countsTheAttempts() async throws {
        let rig = try Rig([.json(503, ""), .json(429, ""), .json(200, "{}")], retry: true)
        #expect(try await rig.client.get(path: vm, apiVersion: "1").attempts == 3)
        let failing = try Rig(Array(repeating: .json(500, "{}"), count: 7), retry: true)
        let failure = try #require(await caught { try await failing.client.get(path: vm, apiVersion: "1") })
        guard case .arm(let error) = failure else { Issue.record("\(failure)"); return }
        #expect(error.attempts == 7)
        #expect(error.remedy == "the service failed after 7 attempts; run the plan again later")
    }

    @Test func reportsALostConnection() async throws {
        let lost = TransportError(.connectionLost, "reset by peer")
        let rig = try Rig(Array(repeating: .failure(lost), count: 7), retry: true)
        let failure = try #require(await caught { try await rig.client.get(path: vm, apiVersion: "1") })
        #expect(failure.message == "GET \(vm): connection lost: reset by peer (after 7 attempts)")
        #expect(failure.readFailure.kind == .unavailable)
        #expect(failure.errorClass == .transient)
    }

    @Test func reportsCancellation() async throws {
        let rig = try Rig([.failure(TransportError(.cancelled, "x"))])
        let failure = try #require(await caught { try await rig.client.get(path: vm, apiVersion: "1") })
        #expect(failure.isCancelled)
    }

    @Test func refusesARedirect() async throws {
        let rig = try Rig([
            .answer(HTTPResponse(status: 307, headers: [("Location", "https://evil.example/x?sig=secret")]))
        ])
        let failure = try #require(await caught { try await rig.client.get(path: vm, apiVersion: "1") })
        #expect(failure.message == "GET \(vm): 307 redirect to evil.example refused; check the endpoint")
        #expect(rig.script.requests.count == 1)
    }

    @Test(arguments: [
        ("", "200, but the body is empty (request id r1)"),
        ("<html>Sign in</html>", "200, but the body is an HTML page (request id r1)"),
        (#"{"id":"/sub"#, "200, but the JSON is cut off at byte 11 (request id r1)"),
        ("garbage", "200, but the body is not JSON (byte 0) (request id r1)"),
        ("{} {}", "200, but the body is not JSON (byte 0) (request id r1)"),
        ("\u{0}\u{1}", "200, but the body is not JSON (byte 0) (request id r1)"),
        (#"{"name":1}"#, "200, but the JSON is not what ARM sends: 'name' has another type (request id r1)"),
        ("{}", "200, but the JSON is not what ARM sends: 'name' is missing (request id r1)"),
        ("[]", "200, but the JSON is not what ARM sends: the top level has another type (request id r1)"),
    ])
    func explainsAMalformedAnswer(body: String, expected: String) async throws {
        struct Named: Decodable { let name: String }
        let rig = try Rig([.json(200, body, headers: [("x-ms-request-id", "r1")])])
        let answer = try await rig.client.get(path: vm, apiVersion: "1")
        let failure = try #require(await caught { try answer.decode(Named.self) })
        #expect(failure.message == "GET \(vm): \(expected)")
        #expect(failure.readFailure.kind == .malformed)
    }

    @Test func readsDeadlineAndForeignMessages() {
        let call = ARMCall(method: .patch, path: "/p")
        #expect(
            ARMFailure.deadline(after: .seconds(60), operation: "/operations/1", call).message
                == "PATCH /p: the operation (/operations/1) did not end within 60 s; "
                + "its state is unknown: run the plan again"
        )
        #expect(
            ARMFailure.foreignURL(link: "nextLink", host: "evil.example", call).message
                == "PATCH /p: nextLink leads to evil.example, which is not the endpoint; it was not followed"
        )
    }
}
