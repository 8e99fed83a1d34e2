import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization

/// Tells stderr how an apply goes: one line per finished change, and a heartbeat when nothing finishes for a while.
///
/// On a terminal a counter stays below the finished lines; off a terminal there are no control characters at all.
final class Progress: Sendable {
    private struct State {
        var done = 0
        var lastNews: Duration
    }

    private let run: Run
    private let total: Int
    private let lines: OutcomeLine
    private let began: Duration
    private let state: Mutex<State>
    private let heart = Mutex<Task<Void, Never>?>(nil)

    /// Seconds without news after which a heartbeat says that the run is alive.
    private static let heartbeat = 30

    init(_ run: Run, changes: [Change]) {
        self.run = run
        total = changes.count
        lines = OutcomeLine(changes: changes, style: run.console.errors.isColoured ? .ansi : .plain)
        began = run.time.now()
        state = Mutex(State(lastNews: run.time.now()))
        let interval = run.console.errors.isTerminal ? 1 : Self.heartbeat
        let task = Task { [weak self] in
            while (try? await Task.sleep(for: .seconds(interval))) != nil { self?.beat() }
        }
        heart.withLock { $0 = task }
    }

    /// Shows one finished change.
    func finished(_ outcome: ChangeOutcome) {
        let number = state.withLock { state in
            state.done += 1
            state.lastNews = run.time.now()
            return state.done
        }
        // On a terminal that also shows stdout, the report is about to say the same.
        if run.console.errors.isTerminal, run.console.output.isTerminal, !run.isJSON { return }
        let text = lines.lines(for: outcome, number: number).joined(separator: "\n")
        run.note(run.console.errors.isTerminal ? "\r\u{1B}[K" + text : text)
    }

    /// Stops the heartbeat.
    func end() {
        heart.withLock { $0?.cancel() }
        if run.console.errors.isTerminal { run.console.redraw("\r\u{1B}[K") }
    }

    private func beat() {
        let (done, quiet) = state.withLock { ($0.done, run.time.now() - $0.lastNews) }
        guard done < total, !run.invocation.has("quiet") else { return }
        let elapsed = run.time.now() - began
        if run.console.errors.isTerminal {
            let left = done > 0 ? ", about \(Self.seconds(elapsed / done * (total - done))) left" : ""
            run.console.redraw("\r\u{1B}[K[\(done)/\(total)] \(Self.seconds(elapsed))\(left)")
        } else if quiet >= .seconds(Self.heartbeat) {
            run.console.say("[\(done)/\(total)] still working, \(Self.seconds(elapsed))")
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        duration.formatted(
            .units(allowed: [.hours, .minutes, .seconds], width: .narrow, maximumUnitCount: 2)
        )
    }
}
