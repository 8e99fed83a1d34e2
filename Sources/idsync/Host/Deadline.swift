import Foundation
import IdSyncAzure

/// Bounds the reading part of a run by `--timeout` and by signals; the writing part has its own, gentler stop
/// (`StopWatch`).
enum Deadline {
    /// What is left of the overall limit, which counts from the start of the process; nil without a limit.
    static func remaining(_ run: Run) -> Duration? {
        run.settings.timeout.map { max(.zero, $0 - run.time.now()) }
    }

    /// Runs work that only reads; when the limit runs out or a signal arrives, the work is cancelled and the command
    /// ends with nothing written.
    static func reading<Value: Sendable>(
        _ run: Run,
        _ work: @escaping @Sendable () async -> Value
    ) async throws(Failure) -> Value {
        let stop = StopSignal()
        let task = Task { await work() }
        let signals = Signals { number in
            if case .signal = stop.reason {
                run.console.lastWord("stopped")
                exit(ExitCode(signal: number).rawValue)
            }
            stop.stop(.signal(number))
            run.console.freshLine()
            task.cancel()
        }
        let watch = remaining(run).map { remaining in
            Task {
                guard (try? await Task.sleep(for: remaining)) != nil else { return }
                stop.stop(.timeout)
                task.cancel()
            }
        }
        let progress = ReadingProgress(run)
        let value = await task.value
        progress.end()
        watch?.cancel()
        signals.end()
        switch stop.reason {
        case nil: return value
        case .signal(let number):
            throw Failure(
                code: ExitCode(signal: number),
                message: "interrupted while reading; nothing was written to Azure"
            )
        case .timeout:
            throw Failure(
                code: .failed,
                message: "the time limit of \(run.invocation["timeout"] ?? "") ran out while reading; "
                    + "nothing was written to Azure"
            )
        }
    }
}
