import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization

/// Tells stderr how an apply goes: one short line per finished change, and a heartbeat when nothing finishes for a
/// while; on a terminal a line at the bottom takes the heartbeat's place.
final class Progress: Sendable {
    private let run: Run
    private let tally: Mutex<ProgressTally>
    private let ticker: Ticker

    init(_ run: Run, changes: [Change], showsTimes: Bool) {
        self.run = run
        let tally = ProgressTally(
            changes,
            style: run.console.errors.style,
            showsTimes: showsTimes,
            at: run.time.now()
        )
        self.tally = Mutex(tally)
        ticker = Ticker()
        guard !run.invocation.has("quiet") else { return }
        ticker.start { [weak self] in self?.beat() }
    }

    /// Shows one finished change.
    func finished(_ outcome: ChangeOutcome) {
        // Said under the lock, so that the counts rise from line to line.
        tally.withLock { tally in
            guard let line = tally.finished(outcome, at: run.time.now()) else { return }
            // On a terminal that also shows stdout, the report is about to say the same.
            if run.console.errors.canRedraw, run.console.output.isTerminal, !run.isJSON { return }
            run.note(line)
        }
    }

    /// Stops the ticking and takes the bottom line away.
    func end() {
        ticker.stop()
        tally.withLock { _ in run.console.clearLive() }
    }

    private func beat() {
        tally.withLock { tally in
            guard !ticker.isStopped, !tally.isOver else { return }
            let now = run.time.now()
            if run.console.errors.canRedraw {
                run.console.live(tally.liveLine(at: now))
            } else if let line = tally.heartbeat(at: now) {
                run.console.say(line)
            }
        }
    }
}

/// Tells stderr that reading goes on: a line at the bottom of a terminal, elsewhere a line now and then.
final class ReadingProgress: Sendable {
    private let run: Run
    private let ticker = Ticker()
    private let began: Duration
    private let lastNews: Mutex<Duration>

    init(_ run: Run) {
        self.run = run
        began = run.time.now()
        lastNews = Mutex(began)
        guard !run.invocation.has("quiet") else { return }
        ticker.start { [weak self] in self?.beat() }
    }

    /// Stops the ticking and takes the bottom line away.
    func end() {
        ticker.stop()
        lastNews.withLock { _ in run.console.clearLive() }
    }

    private func beat() {
        lastNews.withLock { lastNews in
            guard !ticker.isStopped else { return }
            let now = run.time.now()
            let elapsed = Elapsed.text(since: now - began)
            if run.console.errors.canRedraw {
                run.console.live("reading live state, \(elapsed)")
            } else if now - lastNews >= ProgressTally.heartbeat {
                lastNews = now
                run.console.say("still reading after \(elapsed)")
            }
        }
    }
}

/// Calls a function once a second until it is stopped.
private final class Ticker: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let stopped = Mutex(false)

    var isStopped: Bool { stopped.withLock { $0 } }

    func start(_ tick: @escaping @Sendable () -> Void) {
        let ticking = Task {
            while (try? await Task.sleep(for: .seconds(1))) != nil { tick() }
        }
        task.withLock { $0 = ticking }
    }

    func stop() {
        stopped.withLock { $0 = true }
        task.withLock { $0?.cancel() }
    }
}
