import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import TestSupport
import Testing

/// SIGINT and SIGTERM: no write is begun afterwards, those in flight end and are reported, a second signal ends at once.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndInterruptionTests {
    struct Stop: Sendable, CustomTestStringConvertible {
        let signal: Int32
        let code: Int32

        var testDescription: String { "\(signal)" }
    }

    static let stops = [Stop(signal: SIGINT, code: 130), Stop(signal: SIGTERM, code: 143)]
    static let machines = (10...39).map { "m\($0)" }

    /// Thirty machines without an identity.
    private static func azure() throws -> LoopbackAzure {
        try LoopbackAzure(
            World(
                machines: machines.map { LiveMachine(id: Build.vm($0), block: .empty) },
                configure: {
                    $0.settings.polls = 0
                    $0.settings.retryAfter = 0
                }
            ).state
        )
    }

    private static func apply(_ azure: LoopbackAzure, _ parallelism: Int) -> [String] {
        [
            "apply", "manifest.yaml", "--auto-approve", "-o", "json", "--endpoint", azure.url,
            "--parallelism",
            "\(parallelism)",
        ]
    }

    /// Starts an apply and stops it once so many writes have arrived; gives the running tool with the turnstile still shut.
    private func interrupt(
        _ tool: Tool,
        _ azure: LoopbackAzure,
        _ stop: Stop,
        after count: Int,
        turnstile: Turnstile
    )
        async throws
        -> RunningTool
    {
        let run = try tool.start(
            Self.apply(azure, count),
            environment: ["IDSYNC_ACCESS_TOKEN": "t"],
            watched: true
        )
        for _ in 0..<count { #expect(await turnstile.arrival()) }
        run.signal(stop.signal)
        #expect(await run.says("interrupted: "))
        return run
    }

    @Test("What is in flight ends and is reported, nothing else is begun", arguments: stops, [1, 3])
    func inFlight(stop: Stop, parallelism: Int) async throws {
        let (tool, azure, turnstile) = (try Tool(), try Self.azure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.systemOnly(Self.machines))
        azure.intercept { request, _ in
            if request.method != .get { turnstile.pass() }
            return nil
        }
        let run = try await interrupt(tool, azure, stop, after: parallelism, turnstile: turnstile)
        turnstile.open()
        let result = try await run.finished()
        #expect(result.code == stop.code, "\(result.transcript)")
        #expect(azure.attemptedWrites.count == parallelism)
        #expect(azure.written.count == parallelism)
        let report = try result.json()
        #expect(report["exitCode"] == .integer(Int(stop.code)))
        #expect(report["signal"] == .integer(Int(stop.signal)))
        let statuses = try result.statuses()
        #expect(statuses.count == Self.machines.count)
        #expect(statuses.values.count { $0 == "not-started" } == Self.machines.count - parallelism)
        for (address, status) in statuses {
            let machine = String(address.dropFirst(3))
            #expect(azure.carried(by: machine) == (status == "applied" ? ["(system)"] : []))
        }

        azure.intercept(nil)
        let again = try await tool.run(Self.apply(azure, 8), token: "t")
        #expect(again.code == 0, "\(again.transcript)")
        #expect(azure.written.count == Self.machines.count)
    }

    @Test("A second signal ends the process at once", arguments: stops)
    func twice(stop: Stop) async throws {
        let (tool, azure, turnstile) = (try Tool(), try Self.azure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.systemOnly(Self.machines))
        azure.intercept { request, _ in
            if request.method != .get { turnstile.pass() }
            return nil
        }
        let run = try await interrupt(tool, azure, stop, after: 1, turnstile: turnstile)
        run.signal(stop.signal)
        let result = try await run.finished()
        #expect(result.code == stop.code, "\(result.transcript)")
        #expect(result.err.hasSuffix("\nstopped at once; writes under way may still take effect\n"))
        #expect(azure.attemptedWrites.count == 1)
    }

    @Test("A refused write is not repeated after a signal")
    func noRetry() async throws {
        let (tool, azure, turnstile) = (try Tool(), try Self.azure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.systemOnly(Self.machines))
        azure.intercept { request, _ in
            guard request.method != .get else { return nil }
            turnstile.pass()
            return EmulatorReply(.refusal(503, "ServerTimeout"))
        }
        let run = try await interrupt(tool, azure, Self.stops[0], after: 2, turnstile: turnstile)
        turnstile.open()
        let result = try await run.finished()
        #expect(result.code == 130, "\(result.transcript)")
        #expect(azure.attemptedWrites.count == 2)
        #expect(try result.statuses().values.allSatisfy { $0 == "not-started" || $0 == "failed" })
        #expect(try result.json()["summary"]?["azureModified"] == false)
    }

    @Test(
        "A lost write is not repeated after a signal, and a GET tells whether it worked",
        arguments: [true, false]
    )
    func lost(worked: Bool) async throws {
        let (tool, azure, turnstile) = (try Tool(), try Self.azure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["m10", "m11"]))
        azure.state.install(
            [FaultRule(method: .patch, times: nil, action: .reset(afterWrite: worked))]
        )
        azure.intercept { request, _ in
            if request.method != .get { turnstile.pass() }
            return nil
        }
        let run = try await interrupt(tool, azure, Self.stops[0], after: 1, turnstile: turnstile)
        turnstile.open()
        let result = try await run.finished()
        #expect(result.code == 130, "\(result.transcript)")
        #expect(azure.attemptedWrites.count == 1)
        let expected = [worked ? "applied" : "failed", "not-started"]
        #expect(try result.statuses().values.sorted() == expected, "\(result.transcript)")
    }

    @Test("The operation of a write in flight is followed to its end")
    func operation() async throws {
        let (tool, azure, turnstile) = (try Tool(), try Self.azure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["m10"]))
        azure.state.configure { $0.polls = 3 }
        azure.intercept { request, _ in
            if request.url.path.contains("/operations/") { turnstile.pass() }
            return nil
        }
        let run = try await interrupt(tool, azure, Self.stops[1], after: 1, turnstile: turnstile)
        turnstile.open()
        let result = try await run.finished()
        #expect(result.code == 143, "\(result.transcript)")
        #expect(try result.statuses() == ["vm/m10": "applied"])
        #expect(azure.arrivals.count { $0.path.contains("/operations/") } == 4)
    }

    @Test("Later stages are not begun: no machine is written and nothing is deleted after a stopped creation")
    func stages() async throws {
        let (tool, azure, turnstile) = (try Tool(), try LoopbackAzure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.manifest())
        azure.intercept { request, _ in
            if request.method == .put { turnstile.pass() }
            return nil
        }
        let run = try await interrupt(tool, azure, Self.stops[0], after: 1, turnstile: turnstile)
        turnstile.open()
        let result = try await run.finished()
        #expect(result.code == 130, "\(result.transcript)")
        #expect(azure.attemptedWrites.count == 1)
        let statuses = try result.statuses()
        #expect(statuses.values.sorted() == ["applied"] + Array(repeating: "not-started", count: 4))
        for (machine, carried) in EndToEnd.before { #expect(azure.carried(by: machine) == carried) }
        azure.intercept(nil)
        let again = try await tool.run(Self.apply(azure, 8), token: "t")
        #expect(again.code == 0, "\(again.transcript)")
        for (machine, carried) in EndToEnd.after { #expect(azure.carried(by: machine) == carried) }
        #expect(azure.identities == EndToEnd.identitiesAfter)
    }

    @Test(
        "A signal while reading ends with its code, one document, and nothing written",
        arguments: stops,
        ["plan", "apply"]
    )
    func reading(stop: Stop, command: String) async throws {
        let (tool, azure, turnstile) = (try Tool(), try Self.azure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.systemOnly(Self.machines))
        azure.intercept { _, _ in
            turnstile.pass()
            return nil
        }
        let arguments = [command, "manifest.yaml", "-o", "json", "--endpoint", azure.url]
        let run = try tool.start(
            arguments + (command == "apply" ? ["--auto-approve"] : []),
            environment: ["IDSYNC_ACCESS_TOKEN": "t"]
        )
        #expect(await turnstile.arrival())
        run.signal(stop.signal)
        let result = try await run.finished()
        #expect(result.code == stop.code, "\(result.transcript)")
        #expect(try result.json()["exitCode"] == .integer(Int(stop.code)))
        #expect(azure.attemptedWrites.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: tool.folder.appending(path: ".idsync").path))
    }
}
