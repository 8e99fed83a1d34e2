import Foundation
import IdSyncAzure
import IdSyncCore

/// The benchmark program: times, memory and simulated pacing of idsync, as ratios to a baseline of the same run.
@main
enum Main {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        // The loopback server must not be reached through a proxy.
        ProxyExemption.install()
        do throws(BenchError) {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(error.isUsage ? 64 : 1)
        }
    }

    private static func run(_ words: [String]) async throws(BenchError) {
        let options = try Options(words)
        switch options.command {
        case .help: print(Usage.text)
        case .plan: show(try await PlanBenchmark(options).run(), options)
        case .apply: show(try ApplyBenchmark(options).run(), options)
        case .pacing: show(try await PacingBenchmark(options).run(), options)
        case .all:
            let parts = [
                try await PlanBenchmark(options).run(), try ApplyBenchmark(options).run(),
                try await PacingBenchmark(options).run(),
            ]
            show(parts.reduce(into: Findings()) { $0.append($1) }, options)
        case .servePages: try PageServer.serve(options)
        case .serveEmulator: try ApplyServer.serve(options)
        case .measure: print(try await Measurement.run(options).canonicalText)
        }
    }

    private static func show(_ findings: Findings, _ options: Options) {
        print(options.isJSON ? findings.json.prettyText() : findings.text)
    }
}
