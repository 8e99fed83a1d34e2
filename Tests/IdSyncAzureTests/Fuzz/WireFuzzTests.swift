import Foundation
import IdSyncCore
import Synchronization
import TestSupport
import Testing

@testable import IdSyncAzure

/// Whatever a server sends: no trap, no endless loop, no wait beyond an hour, and no removal that rests on nonsense.
struct WireFuzzTests {
    private static let vm = Build.vm()
    private static let one = Build.identity("ID1")
    private static let now = Date(timeIntervalSince1970: 1_760_000_000)
    private static let hour = Duration.seconds(3_600)

    /// Gives the same answer to everything and counts.
    private final class Echo: Transport {
        private let response: HTTPResponse
        private let count = Mutex(0)

        init(_ response: HTTPResponse) { self.response = response }

        var requests: Int { count.withLock { $0 } }

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            count.withLock { $0 += 1 }
            return response
        }
    }

    private func client(_ echo: Echo, _ time: VirtualTime = VirtualTime()) throws -> ARMClient {
        ARMClient(
            endpoint: try ARMEndpoint(parsing: "https://management.azure.com"),
            transport: echo,
            tokens: FixedTokens(),
            time: time,
            userAgent: "fuzz"
        )
    }

    // MARK: headers

    private static let fields: [(name: String, value: String)] = [
        (
            "x-ms-ratelimit-remaining-resource",
            "Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11"
        ),
        ("x-ms-ratelimit-remaining-subscription-writes", "199"),
        ("x-ms-ratelimit-remaining-subscription-global-writes", "2999"),
        ("Retry-After", "17"), ("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"), ("retry-after-ms", "1500"),
        ("x-ms-retry-after-ms", "20"),
    ]

    @Test("A counter below zero is an empty bucket, not a wait of billions of years")
    func hostileCounter() throws {
        let url = try #require(
            URL(string: "https://management.azure.com\(Self.vm)?api-version=2024-07-01")
        )
        let keys = BucketKey.keys(method: .patch, path: url.path(percentEncoded: false))
        let response = HTTPResponse(
            status: 200,
            headers: [
                (
                    "x-ms-ratelimit-remaining-resource",
                    "Microsoft.Compute/UpdateVMResource;-9223372036854775808"
                )
            ]
        )
        let feedback = PacingFeedback(keys: keys, response: response, now: Self.now)
        #expect(feedback.remaining.values.allSatisfy { $0 == 0 })
        var model = PacingModel()
        _ = model.reserve(keys, at: .zero)
        for (key, count) in feedback.remaining { model.correct(key, remaining: count, at: .zero) }
        #expect(model.reserve(keys, at: .zero).wait < .seconds(60))
    }

    @Test("Header fields", arguments: [UInt64(1), 20_260_112])
    func headers(seed: UInt64) throws {
        var fuzz = ByteFuzzer(seed: seed)
        let url = try #require(URL(string: "https://management.azure.com\(Self.vm)?api-version=1"))
        let keys = BucketKey.keys(method: .patch, path: url.path(percentEncoded: false))
        for round in 0..<1_000 {
            let headers = Self.fields.filter { _ in fuzz.below(2) == 0 }.map { field in
                (name: field.name, value: fuzz.below(3) == 0 ? field.value : fuzz.damaged(field.value))
            }
            let response = HTTPResponse(status: fuzz.pick([200, 409, 429, 503]), headers: headers)
            let feedback = PacingFeedback(keys: keys, response: response, now: Self.now)
            var model = PacingModel()
            _ = model.reserve(keys, at: .seconds(5))
            for (key, count) in feedback.remaining { model.correct(key, remaining: count, at: .seconds(5)) }
            for key in feedback.frozen { model.freeze(key, for: feedback.wait, at: .seconds(5)) }
            let wait = model.reserve(keys, at: .seconds(6)).wait
            let asked = RetryAfter.header(of: response, now: Self.now) ?? .zero
            let isBounded = (.zero...Self.hour).contains(asked) && wait >= .zero && wait <= Self.hour * 2
            if !isBounded {
                Issue.record("seed \(seed) round \(round): \(headers) gave \(asked) and \(wait)")
            }
            _ = RetryPolicy().wait(
                after: .success(response),
                attempt: 1,
                waited: .zero,
                jitter: 0.5,
                now: Self.now
            )
            _ = RetryAfter.words(in: fuzz.damaged("Retry after 20 seconds"))
            _ = ETag.usable(fuzz.damaged("\"5\""))
        }
    }

    // MARK: bodies

    @Test("Error bodies", arguments: [UInt64(2), 20_260_113])
    func errors(seed: UInt64) throws {
        var fuzz = ByteFuzzer(seed: seed)
        let bodies = Published.all.map(\.body)
        for _ in 0..<400 {
            let response = HTTPResponse(
                status: fuzz.pick([200, 400, 403, 404, 409, 429, 500]),
                body: fuzz.damaged(fuzz.pick(bodies))
            )
            let body = ARMErrorBody(response.body)
            _ = ErrorClass(status: response.status, body: body)
            // The whole error is scrubbed text by text, which is slow in a debug build.
            guard fuzz.below(8) == 0 else { continue }
            let error = ARMError(response: response, method: .get, path: "/x", attempts: 1, now: Self.now)
            #expect(error.message.utf8.count < 20_000)
        }
    }

    private static let machine = """
        {"id": "\(vm)", "location": "westus", "etag": "\\"5\\"", "identity": {"type": "SystemAssigned, UserAssigned",
        "principalId": "11111111-1111-1111-1111-111111111111", "userAssignedIdentities": {"\(one)": {"clientId": "c",
        "principalId": "p"}}}, "properties": {"provisioningState": "Succeeded", "securityProfile":
        {"encryptionIdentity": {"userAssignedIdentityResourceId": "\(one)"}}}}
        """

    @Test("List pages: every wanted machine gets an answer, in few requests")
    func pages() async throws {
        var fuzz = ByteFuzzer(seed: 3)
        let page = Data(
            #"{"value": [\#(Self.machine)], "nextLink": "https://management.azure.com/next?x=1"}"#.utf8
        )
        let desired = DesiredState(
            machines: [Self.vm, Build.vm("other")].map { Build.desired($0, remove: [Self.one]) }
        )
        for _ in 0..<250 {
            let echo = Echo(HTTPResponse(status: 200, body: fuzz.damaged(page)))
            let reader = LiveStateReader(client: try client(echo), apiVersions: APIVersions(), parallelism: 2)
            let live = await reader.read(for: desired)
            #expect(echo.requests < 20)
            #expect(live.machines.count == 2)
        }
    }

    @Test("Operation bodies: an end within the deadline, however the server puts it")
    func operations() async throws {
        var fuzz = ByteFuzzer(seed: 4)
        let bodies = [
            #"{"status": "InProgress", "startTime": "2026-01-12T04:00:00Z"}"#,
            #"{"status": "Failed", "error": {"code": "OperationPreempted", "message": "m"}}"#,
            #"{"status": "Succeeded"}"#, Self.machine,
        ].map { Data($0.utf8) }
        let operation = "https://management.azure.com/subscriptions/s/operations/o1?sig=1"
        for _ in 0..<150 {
            let retryAfter = fuzz.damaged("10")
            let response = HTTPResponse(
                status: fuzz.pick([200, 202]),
                headers: [
                    (name: fuzz.pick(["Azure-AsyncOperation", "Location", "X"]), value: operation),
                    (name: "Retry-After", value: retryAfter),
                ],
                body: fuzz.damaged(fuzz.pick(bodies))
            )
            let (echo, time) = (Echo(response), VirtualTime())
            let client = try client(echo, time)
            let answer = try await client.send(.patch, path: Self.vm.description, apiVersion: "1", body: [:])
            do throws(ARMFailure) {
                try await client.waitForCompletion(
                    of: answer,
                    resourcePath: Self.vm.description,
                    apiVersion: "1",
                    deadline: .seconds(120)
                )
            } catch { _ = error.errorClass }
            // No busy loop: at the shortest wait, 50 ms, the deadline allows 2,400 looks.
            #expect(echo.requests < 2_500)
            #expect(time.now() <= .seconds(121))
        }
    }

    @Test("Machines: a doubt or a refusal, never a trap", arguments: [UInt64(5), 20_260_114])
    func machines(seed: UInt64) {
        var fuzz = ByteFuzzer(seed: seed)
        let whole = Data("[\(Self.machine)]".utf8)
        for _ in 0..<600 {
            let items = try? JSONDecoder().decode([LossyItem<WireMachine>].self, from: fuzz.damaged(whole))
            for case .success(let wire) in (items ?? []).map(\.result) {
                _ = MachineRules(desired: Build.desired(remove: [Self.one]), shape: .dictionary).verdict(
                    on: wire.machine
                )
            }
            _ = try? JSONDecoder().decode(WireIdentity.self, from: fuzz.damaged(whole.dropFirst().dropLast()))
        }
    }
}
