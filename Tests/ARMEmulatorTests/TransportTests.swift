import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import Testing

/// A clock that moves only when somebody sleeps.
private final class VirtualTime: TimeSource {
    private let elapsed = Mutex(Duration.zero)

    func now() -> Duration { elapsed.withLock { $0 } }

    func date() -> Date { Date(timeIntervalSince1970: 0) }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        elapsed.withLock { $0 += duration }
    }
}

@Suite struct TransportTests {
    private let time = VirtualTime()

    private func transport(_ rules: FaultRule...) throws -> EmulatorTransport {
        let rig = try Rig()
        rig.state.install(rules)
        return EmulatorTransport(state: rig.state, time: time)
    }

    private func request(timeout: Duration = .seconds(60)) throws -> HTTPRequest {
        let url = try #require(URL(string: "https://management.azure.com\(Rig.vm)?api-version=2024-07-01"))
        return HTTPRequest(.get, url, headers: [("Authorization", "Bearer t")], timeout: timeout)
    }

    @Test func `it answers and logs`() async throws {
        let transport = try transport()
        #expect(try await transport.send(try request()).status == 200)
        #expect(transport.log.entries.map(\.path) == [Rig.vm])
        transport.log.clear()
        #expect(transport.log.entries.isEmpty)
    }

    @Test(arguments: [
        (FaultAction.reset(afterWrite: false), TransportError.Reason.connectionLost),
        (.reset(afterWrite: true), .connectionLost), (.truncate(3), .connectionLost), (.garbageBytes, .other),
    ])
    func `a broken connection is an error`(_ action: FaultAction, _ reason: TransportError.Reason)
        async throws
    {
        let transport = try transport(FaultRule(action: action))
        let request = try request()
        let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
        #expect(error?.reason == reason)
        #expect(try await transport.send(request).status == 200)
    }

    @Test func `a delay passes on the clock, beyond the timeout it is a timeout`() async throws {
        let transport = try transport(FaultRule(times: 2, delay: .seconds(40)))
        #expect(try await transport.send(try request()).status == 200)
        #expect(time.now() == .seconds(40))
        let hasty = try request(timeout: .seconds(5))
        let error = await #expect(throws: TransportError.self) { try await transport.send(hasty) }
        #expect(error?.reason == .timedOut)
        #expect(time.now() == .seconds(45))
    }

    @Test func `a cancelled task sends nothing`() async throws {
        let transport = try transport()
        let request = try request()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await #expect(throws: TransportError.self) { try await transport.send(request) }
        }
        #expect(await task.value?.reason == .cancelled)
        #expect(transport.log.entries.isEmpty)
    }

    @Test func `many at once are carried out one by one`() async throws {
        let transport = try transport()
        let url = try #require(URL(string: "https://management.azure.com\(Rig.vm)?api-version=2024-07-01"))
        let headers: [(name: String, value: String)] = [
            ("Authorization", "Bearer t"), ("Content-Type", "application/json"),
        ]
        await withTaskGroup { group in
            for index in 0..<100 {
                let body: JSONValue = ["tags": ["n": .string("\(index)")]]
                group.addTask {
                    let patch = HTTPRequest(.patch, url, headers: headers, body: body.canonicalData())
                    _ = try? await transport.send(patch)
                }
            }
        }
        #expect(transport.log.entries.map(\.status) == Array(repeating: 200, count: 100))
        #expect(try await transport.send(try request()).header("etag") == "\"101\"")
    }
}
