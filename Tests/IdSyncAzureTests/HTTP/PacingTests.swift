import Foundation
import IdSyncAzure
import TestSupport
import Testing

private let subscription = "/subscriptions/80C696FF-5efa-4909-a64d-f1b616f423ca"
private let group = subscription + "/resourceGroups/TestRG"
private let folded = "80c696ff-5efa-4909-a64d-f1b616f423ca"

private func keys(_ method: HTTPMethod, _ path: String) throws -> [BucketKey] {
    let url = try #require(URL(string: "https://management.azure.com\(path)?api-version=1"))
    return BucketKey.keys(method: method, path: url.path(percentEncoded: false))
}

struct BucketKeyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let path: String
        let limits: [PacingLimit]
        var testDescription: String { "\(method.rawValue) \(path)" }

        init(_ method: HTTPMethod, _ path: String, _ limits: [PacingLimit]) {
            (self.method, self.path, self.limits) = (method, path, limits)
        }
    }

    @Test(arguments: [
        Case(.get, subscription + "/resourceGroups", [.armReads]),
        Case(.get, "/providers/Microsoft.Management/managementGroups", [.armReads]),
        Case(.post, "/providers/Microsoft.ResourceGraph/resources", [.armWrites]),
        Case(
            .get,
            subscription + "/providers/Microsoft.Compute/virtualMachines",
            [.armReads, .vmListSubscription]
        ),
        Case(.get, group + "/providers/microsoft.compute/VIRTUALMACHINES", [.armReads, .vmListSubscription]),
        Case(
            .get,
            subscription + "/providers/Microsoft.Compute/locations/westus/virtualMachines",
            [.armReads, .vmListSubscription]
        ),
        Case(
            .get,
            group + "/providers/Microsoft.Compute/virtualMachines/vm1",
            [.armReads, .vmGetSubscription, .vmGetResource]
        ),
        Case(
            .patch,
            group + "/providers/Microsoft.Compute/virtualMachines/vm1",
            [.armWrites, .vmUpdateSubscription, .vmUpdateResource]
        ),
        Case(
            .get,
            subscription + "/providers/Microsoft.Compute/locations/westus/operations/1",
            [.armReads, .operationSubscription, .operationResource]
        ),
        Case(
            .patch,
            group + "/providers/Microsoft.Compute/virtualMachineScaleSets/web",
            [.armWrites, .scaleSetUpdateSubscription, .scaleSetUpdateResource]
        ),
        Case(
            .get,
            group + "/providers/Microsoft.Compute/virtualMachineScaleSets",
            [.armReads, .scaleSetListSubscription]
        ),
        Case(
            .get,
            group + "/providers/Microsoft.Compute/virtualMachineScaleSets/web",
            [.armReads, .scaleSetGetSubscription, .scaleSetGetResource]
        ),
        Case(
            .get,
            group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities",
            [.armReads, .identityListTenant, .identityListSubscription, .identityListScope]
        ),
        Case(
            .get,
            group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1",
            [.armReads, .identityGetTenant, .identityGetSubscription, .identityGetResource]
        ),
        Case(
            .put,
            group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1",
            [.armWrites, .identityWriteTenant, .identityWriteSubscription, .identityWriteResource]
        ),
        Case(
            .delete,
            group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1",
            [.armDeletes, .identityDeleteTenant, .identityDeleteSubscription, .identityDeleteResource]
        ),
        Case(
            .get,
            group
                + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1/federatedIdentityCredentials",
            [.armReads, .identityListTenant, .identityListSubscription, .identityListScope]
        ),
        Case(
            .put,
            group
                + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1/federatedIdentityCredentials/f",
            [.armWrites, .identityWriteTenant, .identityWriteSubscription, .identityWriteResource]
        ),
        Case(
            .put,
            group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1"
                + "/providers/Microsoft.Authorization/roleAssignments/r",
            [.armWrites]
        ),
    ])
    func drawsFromTheRightBuckets(testCase: Case) throws {
        #expect(try keys(testCase.method, testCase.path).map(\.limit) == testCase.limits)
    }

    @Test func countsPerSubscriptionAndPerResource() throws {
        let path = group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1"
        let identity =
            "subscriptions/\(folded)/resourcegroups/testrg/providers/microsoft.managedidentity"
            + "/userassignedidentities/id1"
        #expect(try keys(.put, path).map(\.scope) == [folded, "tenant", folded, identity])
        // A credential is written to the identity: both share the bucket of the identity.
        #expect(
            try keys(.put, path + "/federatedIdentityCredentials/f").map(\.scope)
                == keys(.put, path).map(\.scope)
        )
        #expect(try keys(.put, path) == keys(.put, path.uppercased()))
    }
}

struct PacingFeedbackTests {
    private func feedback(_ method: HTTPMethod, _ path: String, _ response: HTTPResponse) throws
        -> PacingFeedback
    {
        PacingFeedback(keys: try keys(method, path), response: response, now: Date(timeIntervalSince1970: 0))
    }

    private let vm = group + "/providers/Microsoft.Compute/virtualMachines/vm1"
    private let id = group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1"

    /// The headers of the recorded PATCH vm-02 (api 2024-11-01).
    @Test func readsTheRecordedCounters() throws {
        let response = HTTPResponse(
            status: 200,
            headers: [
                (
                    "x-ms-ratelimit-remaining-resource",
                    "Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11"
                ),
                ("x-ms-ratelimit-remaining-subscription-global-writes", "2999"),
                ("x-ms-ratelimit-remaining-subscription-writes", "199"),
            ]
        )
        let feedback = try feedback(.patch, vm, response)
        #expect(
            feedback.remaining.mapKeys(\.limit) == [
                .armWrites: 199, .vmUpdateSubscription: 1499, .vmUpdateResource: 11,
            ]
        )
        #expect(feedback.frozen.isEmpty)
    }

    @Test func readsSeveralHeadersAndIgnoresOtherCounters() throws {
        let response = HTTPResponse(
            status: 200,
            headers: [
                ("X-MS-RateLimit-Remaining-Resource", "Microsoft.Compute/LowCostGetResource;31"),
                (
                    "x-ms-ratelimit-remaining-resource",
                    "Microsoft.Compute/LowCostGet3Min;0, Microsoft.Compute/Other;x;y"
                ),
                ("x-ms-ratelimit-remaining-subscription-reads", "many"),
            ]
        )
        #expect(try feedback(.get, vm, response).remaining.mapKeys(\.limit) == [.vmGetResource: 31])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let method: HTTPMethod
        let path: String
        let response: HTTPResponse
        let frozen: [PacingLimit]
        let wait: Duration
    }

    static func throttled(_ body: String, headers: [(name: String, value: String)] = []) -> HTTPResponse {
        HTTPResponse(status: 429, headers: headers, body: Data(body.utf8))
    }

    @Test(arguments: [
        Case(
            testDescription: "the counter at zero",
            method: .patch,
            path: group + "/providers/Microsoft.Compute/virtualMachines/vm1",
            response: throttled(
                "{}",
                headers: [
                    ("Retry-After", "9"),
                    ("x-ms-ratelimit-remaining-resource", "Microsoft.Compute/UpdateVMResource;0"),
                ]
            ),
            frozen: [.vmUpdateResource],
            wait: .seconds(9)
        ),
        Case(
            testDescription: "the principal's writes",
            method: .patch,
            path: group + "/providers/Microsoft.Compute/virtualMachines/vm1",
            response: throttled(
                "",
                headers: [("Retry-After", "3"), ("x-ms-ratelimit-remaining-subscription-writes", "0")]
            ),
            frozen: [.armWrites],
            wait: .seconds(3)
        ),
        Case(
            testDescription: "the bucket that a detail names",
            method: .get,
            path: group + "/providers/Microsoft.Compute/virtualMachines/vm1",
            response: throttled(
                #"{"code":"OperationNotAllowed","details":[{"code":"TooManyRequests","target":"LowCostGetResource"}]}"#,
                headers: [("Retry-After", "1200")]
            ),
            frozen: [.vmGetResource],
            wait: .seconds(1200)
        ),
        Case(
            testDescription: "the subscription, in words",
            method: .put,
            path: group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1",
            response: throttled(
                #"{"error":{"code":"429","message":"Request is temporarily throttled because subscription 0 has issued too many requests. Retry after 2 seconds."}}"#
            ),
            frozen: [.identityWriteSubscription],
            wait: .seconds(2)
        ),
        Case(
            testDescription: "the resource, in words",
            method: .put,
            path: group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1",
            response: throttled(
                #"{"error":{"code":null,"message":"throttled because resource /x/ID1 has issued too many requests. Retry after 20 seconds."}}"#
            ),
            frozen: [.identityWriteResource],
            wait: .seconds(20)
        ),
        Case(
            testDescription: "nothing known",
            method: .get,
            path: subscription + "/resourceGroups",
            response: throttled("<html>"),
            frozen: [.armReads],
            wait: .seconds(2)
        ),
    ])
    func closesTheBucketThatTheRefusalIsAbout(testCase: Case) throws {
        let feedback = try feedback(testCase.method, testCase.path, testCase.response)
        #expect(feedback.frozen.map(\.limit) == testCase.frozen)
        #expect(feedback.wait == testCase.wait)
    }

    /// F61: Compute's 400 with the identity provider's 429 in its text closes the bucket of that one resource.
    @Test func understandsANested429() throws {
        let response = HTTPResponse(status: 400, body: try Published.body(named: "nested 429"))
        let feedback = try feedback(.patch, vm, response)
        #expect(feedback.frozen.map(\.limit) == [.vmUpdateResource])
        #expect(feedback.wait == .seconds(20))
    }
}

extension Dictionary {
    fileprivate func mapKeys<Other: Hashable>(_ transform: (Key) -> Other) -> [Other: Value] {
        Dictionary<Other, Value>(uniqueKeysWithValues: map { (transform($0.key), $0.value) })
    }
}

struct PacingModelTests {
    private let writes = BucketKey(.armWrites, "s")
    private let identity = BucketKey(.identityWriteSubscription, "s")

    @Test func doesNotDelayASmallRun() throws {
        var model = PacingModel()
        var paths: [(HTTPMethod, String)] = [
            (.get, group + "/providers/Microsoft.Compute/virtualMachines"),
            (.get, group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"),
            (.put, group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1"),
            (.put, group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID2"),
        ]
        for number in 1...20 {
            let vm = group + "/providers/Microsoft.Compute/virtualMachines/vm\(number)"
            paths += [(.get, vm), (.patch, vm), (.get, vm)]
            let operation =
                subscription + "/providers/Microsoft.Compute/locations/westus/operations/\(number)"
            paths += Array(repeating: (.get, operation), count: 4)
        }
        for (method, path) in paths {
            #expect(model.reserve(try keys(method, path), at: .zero).wait == .zero, "\(method) \(path)")
        }
    }

    @Test func spacesRequestsBeyondTheBurst() {
        var model = PacingModel()
        let waits = (0..<5).map { _ in model.reserve([identity], at: .zero).wait.seconds }
        // Two at once, then one per 1/1.94 s, the first of them a cushion later.
        #expect(waits.map { ($0 * 100).rounded() / 100 } == [0, 0, 0.62, 1.13, 1.65])
    }

    @Test func reservesInAllBucketsAtOneTime() {
        var model = PacingModel()
        for _ in 0..<2 { _ = model.reserve([identity], at: .zero) }
        let blocked = model.reserve([writes, identity], at: .zero)
        #expect(blocked.wait > .milliseconds(500))
        // The other bucket has not lost its place: it still lets 179 pass at once.
        let free = (0..<179).filter { _ in model.reserve([writes], at: .zero).wait == .zero }
        #expect(free.count == 179)
    }

    @Test func letsAnotherResourcePassAQueue() {
        var model = PacingModel()
        let first = [writes, BucketKey(.identityWriteResource, "id1")]
        for _ in 0..<5 { _ = model.reserve(first, at: .zero) }
        #expect(model.reserve(first, at: .zero).wait > .seconds(15))
        #expect(model.reserve([writes, BucketKey(.identityWriteResource, "id2")], at: .zero).wait == .zero)
    }

    /// F62: one throttled subscription does not stop another one.
    @Test func freezesOneBucketOnly() {
        var model = PacingModel()
        let waiting = model.reserve([writes], at: .zero)
        model.freeze(writes, for: .seconds(30), at: .seconds(1))
        #expect(model.reserve([BucketKey(.armWrites, "t")], at: .seconds(1)).wait == .zero)
        #expect(model.reserve([BucketKey(.armReads, "s")], at: .seconds(1)).wait == .zero)
        let renewed = model.renew(waiting, at: .seconds(1))
        #expect(renewed?.start == .seconds(31))
        #expect((model.reserve([writes], at: .seconds(1)).wait - .seconds(30)) > .milliseconds(100))
    }

    @Test func keepsAReservationThatIsStillGood() {
        var model = PacingModel()
        let reservation = model.reserve([writes], at: .zero)
        #expect(model.renew(reservation, at: .seconds(1)) == nil)
    }

    @Test func believesALowerCountOfTheServer() {
        var model = PacingModel()
        _ = model.reserve([writes], at: .zero)
        model.correct(writes, remaining: 1, at: .zero)
        #expect(model.reserve([writes], at: .zero).wait == .zero)
        #expect(model.reserve([writes], at: .zero).wait > .milliseconds(90))
        model.correct(writes, remaining: 9_999, at: .zero)
        #expect(model.reserve([writes], at: .zero).wait > .milliseconds(90))
    }

    @Test func givesBackWhatACancelledRequestHeld() {
        var model = PacingModel()
        for _ in 0..<2 { _ = model.reserve([identity], at: .zero) }
        let third = model.reserve([identity], at: .zero)
        model.release(third)
        #expect(model.reserve([identity], at: .zero).wait == third.wait)
    }

    @Test func forgetsFullBuckets() {
        var model = PacingModel()
        for number in 0..<50_000 {
            _ = model.reserve([BucketKey(.vmGetResource, "vm\(number)")], at: .seconds(Double(number) / 100))
        }
        #expect(model.bucketCount < 20_000)
    }

    /// No bucket ever gives out more than it holds, whatever the order of requests.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func neverOverdraws(seed: UInt64) {
        var dice = Dice(seed: seed)
        var model = PacingModel()
        let limits: [PacingLimit] = [
            .armWrites, .identityWriteSubscription, .identityWriteResource, .vmUpdateResource,
        ]
        var sent: [BucketKey: [Double]] = [:]
        var now = 0.0
        for _ in 0..<1_500 {
            now += Double.random(in: 0..<0.2, using: &dice)
            let keys = limits.filter { _ in Bool.random(using: &dice) }
                .map { BucketKey($0, "\(Int.random(in: 0..<2, using: &dice))") }
            let start = model.reserve(keys, at: .seconds(now)).start.seconds
            #expect(start >= now - 1e-6)
            for key in keys { sent[key, default: []].append(start) }
        }
        for (key, times) in sent {
            var level = key.limit.bucket.capacity
            var last = 0.0
            for time in times.sorted() {
                level = min(key.limit.bucket.capacity, level + (time - last) * key.limit.bucket.perSecond) - 1
                last = time
                #expect(level > -1e-3, "seed \(seed): \(key) at \(time)")
            }
        }
    }
}

struct PacedTransportTests {
    private func request(_ number: Int) throws -> HTTPRequest {
        let path = group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID\(number)"
        return HTTPRequest(.put, try #require(URL(string: "https://management.azure.com\(path)")))
    }

    @Test func waitsForItsTurn() async throws {
        let time = VirtualTime()
        let script = ScriptedTransport(Array(repeating: .json(201, "{}"), count: 10))
        let transport = PacedTransport(wrapping: script, time: time, enabled: true)
        for number in 0..<10 { _ = try await transport.send(request(number)) }
        // Ten creations at two per second: the first two at once, the other eight in a little over four seconds.
        #expect(time.now() > .seconds(4) && time.now() < .seconds(4.4))
        #expect(time.sleeps.count == 8)
    }

    @Test func doesNothingWhenSwitchedOff() async throws {
        let time = VirtualTime()
        let script = ScriptedTransport(Array(repeating: .json(201, "{}"), count: 10))
        let transport = PacedTransport(wrapping: script, time: time, enabled: false)
        for number in 0..<10 { _ = try await transport.send(request(number)) }
        #expect(time.sleeps.isEmpty)
    }

    @Test func closesABucketAfterA429() async throws {
        let time = VirtualTime()
        let script = ScriptedTransport([
            .json(
                429,
                #"{"error":{"code":"429","message":"because subscription 0 has issued too many requests."}}"#,
                headers: [("Retry-After", "30")]
            ),
            .json(201, "{}"), .json(200, "{}"),
        ])
        let transport = PacedTransport(wrapping: script, time: time, enabled: true)
        #expect(try await transport.send(request(1)).status == 429)
        _ = try await transport.send(HTTPRequest(.get, request(1).url))
        #expect(time.now() == .zero, "reads go on")
        _ = try await transport.send(request(2))
        #expect(time.now() == .seconds(30))
    }

    @Test func stopsWaitingWhenCancelled() async throws {
        let script = ScriptedTransport([.json(201, "{}"), .json(201, "{}")])
        let transport = PacedTransport(wrapping: script, time: FrozenTime(), enabled: true)
        for number in 0..<2 { _ = try await transport.send(request(number)) }
        let third = try request(3)
        let task = Task { try await transport.send(third) }
        task.cancel()
        let result = await task.result
        #expect(throws: TransportError(.withdrawn, "cancelled while waiting for its turn")) {
            try result.get()
        }
        #expect(script.requests.count == 2)
    }
}
