import IdSyncCore

/// Patches VMs at several latencies and parallelisms, and compares with what the round trips alone take.
struct ApplyBenchmark {
    /// Round trips of one VM: fresh GET, PATCH, look at the operation, verifying GET.
    private static let roundTrips = 4.0
    private let options: Options
    private let patches: Int
    private let runs: Int

    init(_ options: Options) {
        self.options = options
        patches = options.number(.patches, default: 200)
        runs = options.number(.runs, default: 3)
    }

    func run() throws(BenchError) -> Findings {
        var findings = Findings()
        findings.line(
            "apply of \(patches) VM patches at server latency L and parallelism P; \(runs) runs, median (range)"
        )
        findings.line(
            "  bound: 4 N·L/P; a patch is GET, PATCH, look at the operation, GET, and P bounds the requests in flight"
        )
        var rows = [["L", "P", "requests", "time", "bound", "to bound", "N·L/P"]]
        var entries: [JSONValue] = []
        for latency in values(.latency, [20, 50]) {
            for parallelism in values(.parallelism, [8, 32]) {
                let (row, entry) = try cell(latency: latency, parallelism: parallelism)
                rows.append(row)
                entries.append(entry)
            }
        }
        findings.table(rows)
        findings.set("apply", .array(entries))
        return findings
    }

    private func values(_ number: Options.Number, _ defaults: [Int]) -> [Int] {
        let given = options.number(number, default: -1)
        return given < 0 ? defaults : [given]
    }

    private func cell(latency: Int, parallelism: Int) throws(BenchError) -> ([String], JSONValue) {
        var seconds: [Double] = []
        var requests = 0
        for _ in 0..<runs {
            let shape = ["--vms", "\(patches)"]
            let server = try ServerProcess(.serveEmulator, shape + ["--latency", "\(latency)"])
            defer { server.stop() }
            let document = try ChildProcess.measure(
                .apply,
                shape + ["--parallelism", "\(parallelism)"] + server.arguments
            )
            seconds.append(document["laps"]?["all"]?["seconds"]?.double ?? 0)
            requests = Int(document["requests"]?.double ?? 0)
        }
        let time = Samples(seconds)
        let plain = Double(patches) * Double(latency) / 1_000 / Double(parallelism)
        let bound = plain * Self.roundTrips
        let row = [
            "\(latency) ms", "\(parallelism)", "\(requests)", time.text(2, "s"),
            Digits.text(bound, 2) + " s", Digits.ratio(time.median, bound), Digits.text(plain, 2) + " s",
        ]
        let entry: JSONValue = [
            "latencyMs": .integer(latency), "parallelism": .integer(parallelism),
            "patches": .integer(patches),
            "requests": .integer(requests), "seconds": time.json, "bound": .number(bound),
        ]
        return (row, entry)
    }
}
