import ARMEmulator
import IdSyncAzure
import IdSyncCore
import Testing

/// One row: a kind of request, how many go through at once, and what the next one is answered.
struct ThrottleCase: Sendable, CustomTestStringConvertible {
    let name: String
    let method: HTTPMethod
    /// The path of the n-th request.
    let path: @Sendable (Int) -> String
    var version = Rig.compute
    var body: JSONValue?
    let burst: Int
    let retryAfter: Int
    let code: String
    var testDescription: String { name }
}

@Suite struct ThrottleTests {
    private static let scope = "/subscriptions/\(Rig.subscription)/providers"
    private static let located: JSONValue = ["location": "westus"]

    static let rows: [ThrottleCase] = [
        ThrottleCase(
            name: "GETs of one VM: 36, then one per 5 s",
            method: .get,
            path: { _ in Rig.vm },
            burst: 36,
            retryAfter: 5,
            code: "OperationNotAllowed"
        ),
        ThrottleCase(
            name: "PATCHes of one VM: 12, then one per 15 s",
            method: .patch,
            path: { _ in Rig.vm },
            body: ["tags": [:]],
            burst: 12,
            retryAfter: 15,
            code: "OperationNotAllowed"
        ),
        ThrottleCase(
            name: "reads of a subscription: 250, then 25 per second",
            method: .get,
            path: { Rig.vm + "\($0)" },
            burst: 250,
            retryAfter: 1,
            code: "TooManyRequests"
        ),
        ThrottleCase(
            name: "writes of a subscription: 200, then 10 per second",
            method: .put,
            path: { Rig.vm + "\($0)" },
            body: located,
            burst: 200,
            retryAfter: 1,
            code: "TooManyRequests"
        ),
        ThrottleCase(
            name: "creations of identities: 2 per second",
            method: .put,
            path: { Rig.id("NEW\($0)") },
            version: "2023-01-31",
            body: located,
            burst: 2,
            retryAfter: 1,
            code: "429"
        ),
        ThrottleCase(
            name: "writes of one identity: one per 4 s",
            method: .put,
            path: { _ in Rig.id("NEW") },
            version: "2023-01-31",
            body: located,
            burst: 1,
            retryAfter: 4,
            code: "429"
        ),
        ThrottleCase(
            name: "lists of identities in one scope: one per 4 s",
            method: .get,
            path: { _ in "\(scope)/Microsoft.ManagedIdentity/userAssignedIdentities" },
            version: "2023-01-31",
            burst: 1,
            retryAfter: 4,
            code: "429"
        ),
    ]

    @Test(arguments: rows)
    func `the bucket empties and refills`(_ row: ThrottleCase) throws {
        let rig = try Rig(adding: ["throttle": true])
        func send(_ index: Int, at now: Duration) throws -> HTTPResponse {
            try rig.send(row.method, row.path(index), version: row.version, body: row.body, at: now)
        }
        for index in 0..<row.burst {
            #expect(try send(index, at: .zero).status != 429, "request \(index)")
        }
        let refused = try send(row.burst, at: .zero)
        #expect(refused.status == 429)
        #expect(refused.header("retry-after") == "\(row.retryAfter)")
        #expect(try refused.errorCode() == row.code)
        #expect(try send(row.burst, at: .seconds(row.retryAfter)).status != 429)
    }

    @Test func `headers count down`() throws {
        let rig = try Rig(adding: ["throttle": true])
        let left = try (0..<3).map { _ in
            try rig.send(.patch, Rig.vm, body: ["tags": [:]]).header("x-ms-ratelimit-remaining-resource")
        }
        #expect(
            left
                == [11, 10, 9].enumerated().map { index, resource in
                    "Microsoft.Compute/UpdateVMSubscriptionMaximum;\(1499 - index),Microsoft.Compute/UpdateVMResource;\(resource)"
                }
        )
    }

    @Test func `who asks ARM too early waits from the start`() throws {
        let rig = try Rig(adding: ["throttle": true])
        func read(at milliseconds: Int) throws -> Int {
            try rig.send(.get, Rig.vm + "\(milliseconds)", at: .milliseconds(milliseconds)).status
        }
        for index in 0..<250 { _ = try rig.send(.get, Rig.vm + "\(index)") }
        #expect(try read(at: 30) == 429)
        #expect(try read(at: 60) == 429)
        #expect(try read(at: 100) == 404)
    }

    @Test func `a subscription does not slow another down`() throws {
        let other = "00000000-0000-0000-0000-000000000002"
        let rig = try Rig(adding: [
            "throttle": true, "subscriptions": [.string(other)],
        ])
        let list = "\(Self.scope)/Microsoft.ManagedIdentity/userAssignedIdentities"
        _ = try rig.send(.get, list, version: "2023-01-31")
        #expect(try rig.send(.get, list, version: "2023-01-31").status == 429)
        let elsewhere = list.replacing(Rig.subscription, with: other)
        #expect(try rig.send(.get, elsewhere, version: "2023-01-31").status == 200)
    }
}
