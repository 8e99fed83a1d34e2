import Foundation
import TestSupport
import Testing

/// The harness itself: a long test run must not collect what single runs leave behind.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct LocalEffectsToolTests {
    private func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
    }

    @Test("Runs of the binary leave no descriptor open", arguments: [false, true])
    func descriptors(watched: Bool) async throws {
        let tool = try Tool()
        func run() async throws {
            let result = try await tool.start(["version"], watched: watched).finished()
            #expect(result.code == 0, "\(result.transcript)")
        }
        // The first run opens what the process keeps: queues, timers, the run loop of `Process`.
        try await run()
        let before = try openDescriptors()
        for _ in 0..<20 { try await run() }
        // Other suites may hold a few of their own at the same time.
        #expect(try openDescriptors() < before + 20)
    }
}
