import Foundation
import IdSyncAzure

/// Turns SIGINT, SIGTERM and the overall time limit into a stop signal; a second signal ends the process at once.
final class StopWatch: Sendable {
    private let signals: Signals
    private let limit: Task<Void, Never>?

    init(stop: StopSignal, timeout: Duration?, _ run: Run) {
        signals = Signals { number in
            if case .signal = stop.reason {
                run.console.lastWord("stopped at once; writes under way may still take effect")
                exit(ExitCode(signal: number).rawValue)
            }
            stop.stop(.signal(number))
            run.console.interrupt(
                "interrupted: waiting for the writes under way, beginning no more; a second signal stops at once"
            )
        }
        limit = timeout.map { timeout in
            Task {
                do { try await Task.sleep(for: timeout) } catch { return }
                stop.stop(.timeout)
                run.console.say(
                    "the time limit ran out: waiting for the writes under way, beginning no more"
                )
            }
        }
    }

    /// Stops listening.
    func end() {
        limit?.cancel()
        signals.end()
    }
}
