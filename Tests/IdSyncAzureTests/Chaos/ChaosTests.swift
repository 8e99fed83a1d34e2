import Foundation
import IdSyncCore
import TestSupport
import Testing

/// Random manifests on random worlds with random trouble: the promise holds in every one of them.
///
/// `IDSYNC_CHAOS_RUNS` sets how many runs there are, `IDSYNC_CHAOS_SEED` repeats one failing run (and prints it).
@Suite("Chaos") struct ChaosTests {
    private static let environment = ProcessInfo.processInfo.environment
    static let runs = environment["IDSYNC_CHAOS_RUNS"].flatMap(Int.init) ?? 2_000
    static let base: UInt64 = 20_261_121
    static let lanes = 8

    @Test(
        "Nothing is lost, everything is told, and a clean run converges",
        .enabled(if: environment["IDSYNC_CHAOS_SEED"] == nil),
        arguments: 0..<lanes
    )
    func sweep(lane: Int) async throws {
        var tally = ChaosTally()
        let began = ContinuousClock.now
        for index in stride(from: lane, to: Self.runs, by: Self.lanes) {
            let seed = Self.base + UInt64(index)
            let scenario = ScenarioGenerator.scenario(seed: seed)
            let checker = Checker.check(try await ChaosRun(scenario).play())
            tally = tally + checker.tally
            #expect(checker.violations.isEmpty, "IDSYNC_CHAOS_SEED=\(seed): \(checker.violations)")
        }
        let took = ContinuousClock.now - began
        print("lane \(lane): \(tally) in \(took)")
    }

    @Test("One seed, told in full", .enabled(if: environment["IDSYNC_CHAOS_SEED"] != nil))
    func replay() async throws {
        let seed = try #require(Self.environment["IDSYNC_CHAOS_SEED"].flatMap(UInt64.init))
        let evidence = try await ChaosRun(ScenarioGenerator.scenario(seed: seed)).play()
        print(evidence.trace)
        #expect(Checker.check(evidence).violations == [])
    }
}
