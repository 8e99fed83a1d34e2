import Foundation
import IdSyncAzure
import Testing

/// Issue 3, point 8: a large apply uses the published limits nearly to the full and is never refused when it is alone.
@Suite(.serialized)
struct PacingSimulationTests {
    private static let group = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/"

    private func step(_ method: HTTPMethod, _ path: String, after: Double = 0) throws -> PacingSimulation.Step
    {
        PacingSimulation.Step(method: method, url: try #require(URL(string: Self.group + path)), after: after)
    }

    /// Fresh GET, PATCH, one look at the operation, verifying GET.
    private func patches(_ count: Int) throws -> [[PacingSimulation.Step]] {
        try (0..<count).map { number in
            let vm = "Microsoft.Compute/virtualMachines/vm\(number)"
            return [
                try step(.get, vm), try step(.patch, vm),
                try step(.get, "Microsoft.Compute/locations/westus/operations/o\(number)", after: 5),
                try step(.get, vm),
            ]
        }
    }

    private func creations(_ count: Int) throws -> [[PacingSimulation.Step]] {
        try (0..<count).map { [try step(.put, "Microsoft.ManagedIdentity/userAssignedIdentities/id\($0)")] }
    }

    /// Creations and patches interleaved, as two stages that overlap.
    private func mixed(_ creations: [[PacingSimulation.Step]], _ patches: [[PacingSimulation.Step]])
        -> [[PacingSimulation.Step]]
    {
        var jobs: [[PacingSimulation.Step]] = []
        let ratio = max(1, patches.count / max(1, creations.count))
        for (index, creation) in creations.enumerated() {
            jobs.append(creation)
            jobs += patches.dropFirst(index * ratio).prefix(ratio)
        }
        return jobs + patches.dropFirst(creations.count * ratio)
    }

    private func report(_ name: String, _ outcome: PacingSimulation.Outcome) {
        let ratio = (outcome.seconds / outcome.bound * 1_000).rounded() / 1_000
        print(
            "pacing: \(name): \(Int(outcome.seconds)) s of virtual time, \(ratio) of the bound, \(outcome.refusals) x 429"
        )
    }

    @Test(arguments: [1] as [UInt64])
    func tenThousandPatchesAndAThousandCreationsAlone(seed: UInt64) throws {
        let jobs = mixed(try creations(1_000), try patches(10_000))
        var simulation = PacingSimulation(jobs: jobs, workers: 128, seed: seed)
        let outcome = simulation.run()
        report("10,000 patches and 1,000 creations, alone, seed \(seed)", outcome)
        #expect(outcome.jobs == 11_000)
        #expect(outcome.refusals == 0, "seed \(seed)")
        #expect(outcome.seconds <= outcome.bound * 1.10, "seed \(seed)")
        #expect(outcome.seconds >= outcome.bound, "the model must not be beaten: else it is wrong")
    }

    @Test func writesOnlyUseTheWriteLimits() throws {
        let jobs = mixed(try creations(1_000), try patches(10_000).map { [$0[1]] })
        var simulation = PacingSimulation(jobs: jobs, workers: 64, seed: 4)
        let outcome = simulation.run()
        report("the same, writes only", outcome)
        #expect(outcome.refusals == 0)
        #expect(outcome.seconds <= outcome.bound * 1.10)
    }

    @Test func aThousandCreationsAlone() throws {
        var simulation = PacingSimulation(jobs: try creations(1_000), workers: 8, seed: 5)
        let outcome = simulation.run()
        report("1,000 creations", outcome)
        #expect(outcome.refusals == 0)
        #expect(outcome.seconds <= outcome.bound * 1.10)
    }

    /// A second client draws half of the subscription's writes: there are refusals, and all work is done all the same.
    @Test(arguments: [6, 7] as [UInt64])
    func recoversWhenItIsNotAlone(seed: UInt64) throws {
        let jobs = mixed(try creations(200), try patches(3_000).map { [$0[1]] })
        let half = ([BucketKey(.armWrites, "s"), BucketKey(.vmUpdateSubscription, "s")], 5.0)
        var simulation = PacingSimulation(jobs: jobs, workers: 64, seed: seed, competitor: half)
        let outcome = simulation.run()
        report("3,200 writes beside a second client, seed \(seed)", outcome)
        #expect(outcome.jobs == 3_200)
        #expect(outcome.refusals > 0, "a test without a quarrel proves nothing")
        #expect(outcome.refusals < 320, "seed \(seed): less than one in ten")
        // Half of 10 per second for 3,200 writes less the burst.
        #expect(outcome.seconds < 1.5 * (3_200 - 200) / 5, "seed \(seed)")
    }

    @Test func aSmallRunIsNotDelayed() throws {
        var simulation = PacingSimulation(jobs: try creations(2) + patches(20), workers: 8, seed: 8)
        let outcome = simulation.run()
        #expect(outcome.worstWait == 0)
        #expect(outcome.refusals == 0)
    }
}
