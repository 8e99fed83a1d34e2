import Foundation
import IdSyncAzure
import Synchronization

/// The clock of the in-process emulator: a wait takes no time, but the clock shows it afterwards.
///
/// Polling and back-off are real code on it, so a demo shows what a run does without making anybody wait.
final class EmulatedTime: TimeSource {
    private let real = SystemTime()
    private let skipped = Mutex<Duration>(.zero)

    func now() -> Duration { real.now() + skipped.withLock { $0 } }

    func date() -> Date {
        let skipped = skipped.withLock { $0 }
        return real.date().addingTimeInterval(TimeInterval(skipped.components.seconds))
    }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        skipped.withLock { $0 += duration }
        await Task.yield()
    }
}
