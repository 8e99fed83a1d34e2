import Foundation
import IdSyncAzure
import IdSyncCore

/// Plans a fleet and a tenth of it, and compares with fetching the same pages and with each other.
struct PlanBenchmark {
    private let options: Options
    private let runs: Int
    private let perGroup: Int

    init(_ options: Options) {
        self.options = options
        runs = options.number(.runs, default: 5)
        perGroup = options.number(.perGroup, default: 250)
    }

    func run() async throws(BenchError) -> Findings {
        let vms = options.number(.vms, default: 10_000)
        let small = try await measure(Fleet(vms: max(10, vms / 10), perGroup: perGroup))
        let large = try await measure(Fleet(vms: vms, perGroup: perGroup))
        var findings = Findings()
        for figures in [small, large] { figures.report(to: &findings) }
        report(small, large, to: &findings)
        return findings
    }

    private func measure(_ fleet: Fleet) async throws(BenchError) -> PlanFigures {
        let shape = ["--vms", "\(fleet.vms)", "--per-group", "\(fleet.perGroup)"]
        let server = try ServerProcess(
            .servePages,
            shape + ["--latency", "\(options.number(.latency, default: 0))"]
        )
        defer { server.stop() }
        let parallelism = ["--parallelism", "\(options.number(.parallelism, default: 8))"]
        let arguments = shape + parallelism + server.arguments
        // The first plan tells which pages the others and the baselines have to fetch.
        _ = try ChildProcess.measure(.plan, arguments)
        let requests = try await self.requests(at: server.port)
        let urls = requests.joined(separator: "\n")
        var figures = PlanFigures(fleet: fleet, runs: runs, requests: requests)
        for _ in 0..<runs {
            // Taking turns lets a slow spell of the machine hit all of them alike.
            for subject in PlanFigures.subjects {
                figures.add(subject, try ChildProcess.measure(subject, arguments, input: urls))
                let fetched = try await self.requests(at: server.port)
                guard fetched.sorted() == requests.sorted() else {
                    throw BenchError(
                        "\(subject.rawValue) sent \(fetched.count) requests, not the \(requests.count) of the plan"
                    )
                }
            }
        }
        return figures
    }

    /// What the server was asked since the last time.
    private func requests(at port: Int) async throws(BenchError) -> [String] {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(PageServer.requestsPath)") else { return [] }
        do throws(TransportError) {
            let response = try await URLSessionTransport().send(HTTPRequest(.get, url))
            let list = (try? JSONValue(parsing: response.body))?.array ?? []
            return list.compactMap(\.string)
        } catch {
            throw BenchError("the page server does not answer: \(error.message)")
        }
    }

    private func report(_ small: PlanFigures, _ large: PlanFigures, to findings: inout Findings) {
        let factor = Double(large.fleet.vms) / Double(small.fleet.vms)
        let time = large.total(.plan).median / small.total(.plan).median
        let perVM =
            (large.peak(.plan).median - small.peak(.plan).median)
            / Double(max(1, large.fleet.vms - small.fleet.vms))
        findings.line()
        findings.line(
            "linearity: \(Digits.text(factor, 0)) times the VMs take \(Digits.text(time, 2)) times the time "
                + "(\(Digits.text(time / factor, 2)) per VM) and \(Digits.text(perVM, 0)) bytes of peak memory per VM more"
        )
        findings.set(
            "linearity",
            ["factor": .number(factor), "time": .number(time), "peakBytesPerVM": .number(perVM)]
        )
    }
}
