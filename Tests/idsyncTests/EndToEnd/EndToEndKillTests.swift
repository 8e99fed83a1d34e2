import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import TestSupport
import Testing

/// `kill -9` at every request of an apply: the same command run again converges, nothing lost, nothing doubled.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndKillTests {
    /// Where the process dies.
    enum Moment: String, CaseIterable, Sendable {
        /// The request has left, ARM has not seen it and never will.
        case before
        /// ARM has carried it out, the answer never arrives.
        case after
    }

    private static let token = ["IDSYNC_ACCESS_TOKEN": "t"]

    /// A planned world, and the command that is killed and run again.
    private func prepare(_ moment: Moment) async throws -> (
        tool: Tool, azure: LoopbackAzure, command: [String]
    ) {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.manifest())
        let common = ["--parallelism", "2", "-q"]
        guard moment == .before else {
            return (
                tool, azure, ["apply", "manifest.yaml", "--auto-approve", "--endpoint", azure.url] + common
            )
        }
        let plan = try await tool.run(["plan", "-q", "--endpoint", azure.url], environment: Self.token)
        #expect(plan.code == 0, "\(plan.transcript)")
        azure.clear()
        return (tool, azure, ["apply"] + common)
    }

    /// How many requests an apply sends when nobody kills it.
    private func length(_ moment: Moment) async throws -> (requests: Int, writes: [String]) {
        let (tool, azure, command) = try await prepare(moment)
        let run = try await tool.run(command, environment: Self.token)
        #expect(run.code == 0, "\(run.transcript)")
        return (azure.arrivals.count, azure.written.map(\.label).sorted())
    }

    @Test("Killed at any request, a second run converges", arguments: Moment.allCases)
    func converges(moment: Moment) async throws {
        let whole = try await length(moment)
        #expect(whole.requests > 15 && whole.writes.count == 5)
        await withTaskGroup { group in
            for lane in 0..<3 {
                group.addTask {
                    for number in stride(from: lane + 1, through: whole.requests, by: 3) {
                        await #expect(throws: Never.self, "\(moment) request \(number)") {
                            try await check(moment, number, whole.writes)
                        }
                    }
                }
            }
        }
    }

    private func check(_ moment: Moment, _ number: Int, _ writes: [String]) async throws {
        let (tool, azure, command) = try await prepare(moment)
        let turnstile = Turnstile()
        defer { turnstile.open() }
        let arrived = Mutex(0)
        let isTheOne: @Sendable () -> Bool = {
            arrived.withLock { count in
                count += 1
                return count == number
            }
        }
        if moment == .before {
            azure.intercept { _, _ in
                guard isTheOne() else { return nil }
                turnstile.pass()
                return EmulatorReply(HTTPResponse(status: 0), delivery: .lost)
            }
        } else {
            azure.beforeAnswering { _, _ in
                if isTheOne() { turnstile.pass() }
            }
        }
        let victim = try tool.start(command, environment: Self.token)
        #expect(await turnstile.arrival())
        victim.signal(SIGKILL)
        let dead = try await victim.finished()
        #expect(dead.code == 128 + SIGKILL)
        turnstile.open()
        azure.intercept(nil)
        azure.beforeAnswering(nil)

        let again = try await tool.run(command, environment: Self.token)
        let place = "\(moment) request \(number): \(azure.arrivals.map(\.label))"
        #expect(again.code == 0, "\(place)\n\(again.transcript)")
        for (machine, carried) in EndToEnd.after {
            #expect(azure.carried(by: machine) == carried, "\(place)")
        }
        #expect(azure.identities == EndToEnd.identitiesAfter, "\(place)")
        #expect(azure.written.map(\.label).sorted() == writes, "\(place)")
    }

    @Test("The emulator killed after an apply has lost nothing that it answered")
    func emulator() async throws {
        let tool = try Tool()
        try tool.write("manifest.yaml", EndToEnd.manifest())
        try tool.write("state.json", try EndToEnd.state().snapshot().json.prettyText())
        for round in 1...2 {
            let server = try tool.start(["emulate", "--state", "state.json"], watched: true)
            #expect(await server.says("try: "))
            let url = server.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let apply = try await tool.run(
                ["apply", "manifest.yaml", "--auto-approve", "--endpoint", url],
                environment: Self.token
            )
            server.signal(SIGKILL)
            #expect(try await server.finished().code == 128 + SIGKILL)
            #expect(apply.code == 0, "\(apply.transcript)")
            #expect(
                apply.out.contains(round == 1 ? "Applied: 5 of 5." : "No changes."),
                "\(apply.transcript)"
            )
        }
        let state = EmulatorState(
            try EmulatorStateFile.load(from: tool.folder.appending(path: "state.json").path)
        )
        #expect(state.identities.map(\.name).sorted() == EndToEnd.identitiesAfter)
    }
}
