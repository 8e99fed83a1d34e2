import IdSyncAzure
import IdSyncCore

/// How near an apply comes to the time that the published limits allow, in virtual time.
struct PacingBenchmark {
    private let options: Options
    private let fleet: Fleet
    private let seed: Int
    private let parallelism: Int

    init(_ options: Options) {
        self.options = options
        fleet = Fleet(vms: options.number(.vms, default: 10_000), perGroup: 250)
        seed = options.number(.seed, default: 1)
        parallelism = options.number(.parallelism, default: 8)
    }

    func run() async throws(BenchError) -> Findings {
        var findings = Findings()
        findings.line(
            "pacing, simulated: \(fleet.identities) identity creations, then \(fleet.vms) VM patches whose operations "
                + "take \(PacingSimulation.operationSeconds) s; published limits, \(parallelism) requests in flight, seed \(seed)"
        )
        let alone = try await simulation.run()
        findings.line()
        report("alone", alone, to: &findings)
        findings.set("pacingAlone", json(alone))
        // The second client comes in the middle of the patches and leaves in time to see them recover.
        let patches = alone.tally[.machines]
        let start = patches.began.seconds + patches.seconds * 0.25
        let schedule = SecondClient.Schedule(from: start, to: start + patches.seconds * 0.25, perSecond: 5)
        let beside = try await simulation.run(beside: schedule)
        findings.line()
        report("beside a second client", beside, to: &findings)
        reportRates(beside, schedule, to: &findings)
        findings.set("pacingBeside", json(beside))
        return findings
    }

    private var simulation: PacingSimulation {
        PacingSimulation(fleet: fleet, parallelism: parallelism, seed: seed)
    }

    private func report(_ title: String, _ outcome: PacingSimulation.Outcome, to findings: inout Findings) {
        let report = outcome.report
        findings.line(
            "\(title): \(report.count(.applied)) of \(report.outcomes.count) applied"
        )
        var rows = [["stage", "requests", "429", "time", "limits allow", "ratio", "scarcest"]]
        for (name, stage) in [("creations", Tally.Stage.identities), ("patches", .machines)] {
            let count = outcome.tally[stage]
            let bound = count.bound()
            rows.append([
                name, "\(count.requests)", "\(count.refusals)", Digits.text(count.seconds, 0) + " s",
                Digits.text(bound.seconds, 0) + " s", Digits.ratio(count.seconds, bound.seconds),
                bound.limit?.rawValue ?? "",
            ])
        }
        findings.table(rows)
        let ideal = idealPatches(outcome.tally[.machines])
        findings.line(
            "  with one look at each operation the limits would allow \(Digits.text(ideal.seconds, 0)) s for the patches "
                + "(\(ideal.limit?.rawValue ?? "")); reading the identities again at the end took "
                + "\(Digits.text(outcome.tally[.afterwards].seconds, 0)) s"
        )
    }

    /// What four requests a VM would take: fresh GET, PATCH, one look, verifying GET.
    private func idealPatches(_ count: Tally.Count) -> (seconds: Double, limit: PacingLimit?) {
        let subscription = Fleet.subscription
        return count.bound(of: [
            BucketKey(.armReads, subscription): 3 * fleet.vms, BucketKey(.armWrites, subscription): fleet.vms,
            BucketKey(.vmUpdateSubscription, subscription): fleet.vms,
            BucketKey(.vmGetSubscription, subscription): 2 * fleet.vms,
            BucketKey(.operationSubscription, subscription): fleet.vms,
        ])
    }

    /// Accepted patches per second before, while and after the second client writes.
    private func reportRates(
        _ outcome: PacingSimulation.Outcome,
        _ schedule: SecondClient.Schedule,
        to findings: inout Findings
    ) {
        let count = outcome.tally[.machines]
        let end = count.ended.seconds
        let windows = [
            ("before", schedule.from - 60, schedule.from), ("with it", schedule.from, schedule.to),
            ("the minute after", schedule.to, schedule.to + 60),
            ("then", schedule.to + 60, min(end, schedule.to + 180)),
        ]
        let rates = windows.filter { $0.2 > $0.1 }.map { name, from, to in
            let writes = count.writes.count { $0 >= from && $0 < to }
            return "\(name) \(Digits.text(Double(writes) / (to - from), 1))"
        }
        let others = count.others.filter { $0.key.limit == .armWrites }.values.reduce(0, +)
        findings.line(
            "  the second client writes \(Digits.text(schedule.perSecond, 0)) times a second for "
                + "\(Digits.text(schedule.to - schedule.from, 0)) s and is granted \(others); our patches per second: "
                + rates.joined(separator: ", ")
        )
    }

    private func json(_ outcome: PacingSimulation.Outcome) -> JSONValue {
        let stages = [("creations", Tally.Stage.identities), ("patches", .machines)]
        return .object(
            Dictionary(
                stages.map { name, stage in
                    let count = outcome.tally[stage]
                    let entry: JSONValue = [
                        "seconds": .number(count.seconds), "bound": .number(count.bound().seconds),
                        "requests": .integer(count.requests), "refusals": .integer(count.refusals),
                    ]
                    return (name, entry)
                },
                uniquingKeysWith: { first, _ in first }
            )
        )
    }
}
