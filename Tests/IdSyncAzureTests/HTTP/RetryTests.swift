import Foundation
import IdSyncAzure
import TestSupport
import Testing

private let now = Date(timeIntervalSince1970: 1_445_412_480)  // Wed, 21 Oct 2015 07:28:00 GMT

struct RetryAfterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let headers: [String: String]
        let expected: Duration?

        init(_ headers: [String: String], _ expected: Duration?) {
            testDescription = "\(headers.sorted { $0.key < $1.key })"
            (self.headers, self.expected) = (headers, expected)
        }
    }

    @Test(arguments: [
        Case(["Retry-After": "17"], .seconds(17)),
        Case(["retry-after": " 17 "], .seconds(17)),
        Case(["Retry-After": "Wed, 21 Oct 2015 07:29:30 GMT"], .seconds(90)),
        Case(["Retry-After": "Wed, 21 Oct 2015 07:00:00 GMT"], .zero),
        Case(["retry-after-ms": "250"], .milliseconds(250)),
        Case(["x-ms-retry-after-ms": "1500"], .milliseconds(1500)),
        Case(["Retry-After": "2", "retry-after-ms": "2500"], .milliseconds(2500)),
        Case(["Retry-After": "999999999999"], .seconds(3_600)),
        Case(["Retry-After": "-5"], nil),
        Case(["Retry-After": "soon"], nil),
        Case(["Retry-After": "nan"], nil),
        Case(["Retry-After": ""], nil),
        Case([:], nil),
    ])
    func readsTheHeaders(testCase: Case) {
        let headers = testCase.headers.map { (name: $0.key, value: $0.value) }
        #expect(
            RetryAfter.header(of: HTTPResponse(status: 429, headers: headers), now: now) == testCase.expected
        )
    }

    @Test(arguments: [
        ("has issued too many requests. Retry after 20 seconds.\\\"}}'.'.", Duration.seconds(20)),
        ("Please try again after '6' seconds.", .seconds(6)),
        ("retry after 1 second", .seconds(1)),
    ])
    func readsTheWords(text: String, expected: Duration) {
        #expect(RetryAfter.words(in: text) == expected)
    }

    @Test func readsNoWordsWhereThereAreNone() {
        #expect(RetryAfter.words(in: "Please retry later.") == nil)
        #expect(RetryAfter.words(in: "retry after 99999999999999999999 seconds") == nil)
    }

    @Test func readsHTTPDates() {
        #expect(HTTPDate.parse("Thu, 29 Feb 2024 12:00:00 GMT") == Date(timeIntervalSince1970: 1_709_208_000))
        #expect(HTTPDate.parse("Thu, 01 Jan 1970 00:00:00 GMT") == Date(timeIntervalSince1970: 0))
        for text in ["", "tomorrow", "Thu, 99 Feb 2024 12:00:00 GMT", "2024-02-29T12:00:00Z"] {
            #expect(HTTPDate.parse(text) == nil)
        }
    }
}

struct RetryPolicyTests {
    private let policy = RetryPolicy(attempts: 4, connectAttempts: 2, base: .seconds(1), cap: .seconds(3))

    private func wait(
        _ outcome: Result<HTTPResponse, TransportError>,
        attempt: Int = 1,
        waited: Duration = .zero,
        jitter: Double = 1
    ) -> Duration? {
        policy.wait(after: outcome, attempt: attempt, waited: waited, jitter: jitter, now: now)
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func repeats(status: Int) {
        #expect(wait(.success(HTTPResponse(status: status))) == .seconds(1))
    }

    @Test(arguments: [200, 201, 202, 204, 301, 307, 400, 401, 403, 404, 405, 409, 410, 412, 501])
    func doesNotRepeat(status: Int) {
        #expect(wait(.success(HTTPResponse(status: status))) == nil)
    }

    @Test(arguments: [
        (TransportError.Reason.timedOut, 4), (.connectionLost, 4), (.other, 4), (.connectionRefused, 2),
        (.hostNotFound, 2), (.tls, 1), (.refused, 1), (.cancelled, 1),
    ])
    func repeatsAfterALostConnection(reason: TransportError.Reason, attempts: Int) {
        let outcome = Result<HTTPResponse, TransportError>.failure(TransportError(reason, ""))
        for attempt in 1..<attempts { #expect(wait(outcome, attempt: attempt) != nil) }
        #expect(wait(outcome, attempt: attempts) == nil)
    }

    @Test func doublesUpToTheCapWithJitter() {
        let outcome = Result<HTTPResponse, TransportError>.success(HTTPResponse(status: 503))
        #expect((1...4).map { wait(outcome, attempt: $0) } == [.seconds(1), .seconds(2), .seconds(3), nil])
        #expect(wait(outcome, jitter: 0) == .milliseconds(500))
        let long = RetryPolicy(attempts: 1000)
        #expect(
            long.wait(after: outcome, attempt: 900, waited: .zero, jitter: 0.5, now: now) == .seconds(22.5)
        )
    }

    @Test(arguments: [0.0, 0.3, 0.999])
    func neverComesBackBeforeRetryAfter(jitter: Double) throws {
        let response = HTTPResponse(status: 429, headers: [("Retry-After", "17")])
        let chosen = try #require(wait(.success(response), jitter: jitter))
        #expect(chosen >= .seconds(17) && chosen <= .seconds(19))
    }

    @Test func keepsToItsBudget() {
        let response = HTTPResponse(status: 429, headers: [("Retry-After", "500")])
        #expect(wait(.success(response), waited: .seconds(90), jitter: 0) == .seconds(500))
        #expect(wait(.success(response), waited: .seconds(101), jitter: 0) == nil)
    }

    /// F61: the 429 of the identity provider inside a 400 of Compute, with the wait only in words.
    @Test func repeatsANested429() throws {
        let body = try Published.body(named: "nested 429")
        #expect(wait(.success(HTTPResponse(status: 400, body: body)), jitter: 0) == .seconds(20))
    }
}

struct RetryingTransportTests {
    private let request = HTTPRequest(.patch, URL(filePath: "/x"))

    @Test func waitsAsAskedAndCountsTheAttempts() async throws {
        let script = ScriptedTransport([
            .json(429, "{}", headers: [("Retry-After", "7")]),
            .failure(TransportError(.connectionLost, "reset")),
            .json(503, "{}"),
            .json(200, "{}"),
        ])
        let time = VirtualTime()
        let transport = RetryingTransport(wrapping: script, time: time, jitter: { 0 })
        let log = AttemptLog()
        let response = try await AttemptLog.$current.withValue(log) { try await transport.send(request) }
        #expect(response.status == 200)
        #expect(time.sleeps == [.seconds(7), .milliseconds(500), .seconds(1)])
        #expect(log.attempts == 4)
        #expect(log.waited == .milliseconds(8500))
        #expect(script.requests.allSatisfy { $0.method == .patch })
    }

    @Test func handsBackTheLastRefusal() async throws {
        let script = ScriptedTransport(Array(repeating: .json(503, "{}"), count: 3))
        let transport = RetryingTransport(
            wrapping: script,
            policy: RetryPolicy(attempts: 3),
            time: VirtualTime()
        )
        #expect(try await transport.send(request).status == 503)
        #expect(script.remaining == 0)
    }

    @Test func throwsTheLastError() async {
        let lost = TransportError(.connectionLost, "reset")
        let script = ScriptedTransport(Array(repeating: .failure(lost), count: 2))
        let transport = RetryingTransport(
            wrapping: script,
            policy: RetryPolicy(attempts: 2),
            time: VirtualTime()
        )
        await #expect(throws: lost) { try await transport.send(request) }
    }

    @Test func stopsWaitingWhenCancelled() async {
        let script = ScriptedTransport([.json(503, "{}")])
        let transport = RetryingTransport(wrapping: script, time: FrozenTime(), jitter: { 1 })
        let task = Task { try await transport.send(request) }
        task.cancel()
        let result = await task.result
        #expect(throws: TransportError(.withdrawn, "cancelled while waiting to retry")) { try result.get() }
    }
}

struct ReadOnlyTransportTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let path: String
        let isAllowed: Bool
        var testDescription: String { "\(method.rawValue) \(path)" }
    }

    @Test(arguments: [
        Case(
            method: .get,
            path: "/subscriptions/s/providers/Microsoft.Compute/virtualMachines",
            isAllowed: true
        ),
        Case(method: .post, path: "/providers/Microsoft.ResourceGraph/resources", isAllowed: true),
        Case(method: .post, path: "/providers/microsoft.resourcegraph/Resources", isAllowed: true),
        Case(method: .post, path: "/x/userAssignedIdentities/i/listAssociatedResources", isAllowed: true),
        Case(method: .post, path: "/x/notlistAssociatedResources", isAllowed: false),
        Case(method: .post, path: "/x%2FlistAssociatedResources", isAllowed: false),
        Case(method: .post, path: "/x/virtualMachines/vm1/deallocate", isAllowed: false),
        Case(method: .post, path: "/x/listAssociatedResources/delete", isAllowed: false),
        Case(method: .put, path: "/x/listAssociatedResources", isAllowed: false),
        Case(method: .patch, path: "/x", isAllowed: false),
        Case(method: .delete, path: "/x", isAllowed: false),
    ])
    func letsOnlyReadsThrough(testCase: Case) async throws {
        let script = ScriptedTransport(testCase.isAllowed ? [.json(200, "{}")] : [])
        let url = try #require(
            URL(string: "https://management.azure.com\(testCase.path)?api-version=1&sig=x")
        )
        let transport = ReadOnlyTransport(wrapping: script)
        do throws(TransportError) {
            _ = try await transport.send(HTTPRequest(testCase.method, url))
            #expect(testCase.isAllowed)
        } catch {
            #expect(!testCase.isAllowed)
            #expect(error.reason == .refused)
            #expect(!error.message.contains("sig"))
        }
        #expect(script.requests.count == (testCase.isAllowed ? 1 : 0))
    }
}

struct ProxyExemptionTests {
    @Test(
        arguments: [
            ([:], nil),
            (["http_proxy": ""], nil),
            (["HTTPS_PROXY": "http://p:1"], "localhost,127.0.0.1,::1,169.254.169.254"),
            (
                ["http_proxy": "http://p:1", "NO_PROXY": "corp.example"],
                "corp.example,localhost,127.0.0.1,::1,169.254.169.254"
            ),
            (
                ["ALL_PROXY": "x", "no_proxy": "a, localhost", "NO_PROXY": "b"],
                "a,localhost,127.0.0.1,::1,169.254.169.254"
            ),
            (["https_proxy": "x", "no_proxy": "*"], nil),
            (["https_proxy": "x", "no_proxy": "localhost,127.0.0.1,::1,169.254.169.254"], nil),
        ] as [([String: String], String?)]
    )
    func addsThisMachineToNoProxy(environment: [String: String], expected: String?) {
        #expect(ProxyExemption.value(exempting: ProxyExemption.local, environment: environment) == expected)
    }
}
