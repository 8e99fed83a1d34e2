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
        case .all: try await runAll(options)
        case .servePages: try PageServer.serve(options)
        case .serveEmulator: try ApplyServer.serve(options)
        case .measure: print(try await Measurement.run(options).canonicalText)
        }
    }

    /// One after the other, each shown as soon as it is done; as JSON all in one document.
    private static func runAll(_ options: Options) async throws(BenchError) {
        var all = Findings()
        for command in [Options.Command.plan, .apply, .pacing] {
            let part =
                switch command {
                case .plan: try await PlanBenchmark(options).run()
                case .apply: try ApplyBenchmark(options).run()
                default: try await PacingBenchmark(options).run()
                }
            all.append(part)
            if !options.isJSON { print(part.text + "\n") }
        }
        if options.isJSON { print(all.json.prettyText()) }
    }

    private static func show(_ findings: Findings, _ options: Options) {
        print(options.isJSON ? findings.json.prettyText() : findings.text)
    }
}
