import Dispatch
import Foundation
import IdSyncAzure

/// Turns SIGINT, SIGTERM and the overall time limit into a stop signal; a second signal ends the process at once.
final class StopWatch: Sendable {
    private let sources: [any DispatchSourceProtocol & Sendable]

    init(stop: StopSignal, timeout: Duration?, _ run: Run) {
        let queue = DispatchQueue(label: "idsync.stop")
        var sources: [any DispatchSourceProtocol & Sendable] = []
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard stop.reason == nil else { exit(ExitCode(signal: number).rawValue) }
                stop.stop(.signal(number))
                run.console.say(
                    "interrupted: no more writes are begun, those under way are waited for; once more ends at once"
                )
            }
            source.resume()
            sources.append(source)
        }
        if let timeout {
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.schedule(deadline: .now() + .seconds(Int(timeout.components.seconds)))
            timer.setEventHandler {
                stop.stop(.timeout)
                run.console.say(
                    "the time limit ran out: no more writes are begun, those under way are waited for"
                )
            }
            timer.resume()
            sources.append(timer)
        }
        self.sources = sources
    }

    /// Gives the signals back to their default, which ends the process.
    func end() {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
}
