import Foundation
import IdSyncAzure
import Synchronization

/// A clock whose time passes only when nothing is left to do, and the executor that knows when that is.
///
/// Every task of a simulation runs here, on one thread and in one order, so that equal inputs give equal runs: jobs are
/// done first come first served; when there are none, the clock moves on to the next sleeper.
final class VirtualClock: TimeSource, TaskExecutor {
    private struct State {
        var now = Duration.zero
        var jobs: [UnownedJob] = []
        var sleepers = SleepQueue()
        var isOver = false

        mutating func next() -> Step {
            if !jobs.isEmpty {
                defer { jobs.removeAll(keepingCapacity: true) }
                return .jobs(jobs)
            }
            if isOver { return .over }
            guard let sleeper = sleepers.pop() else { return .idle }
            now = max(now, sleeper.wake)
            return .wake(sleeper.continuation)
        }
    }

    private enum Step {
        case jobs([UnownedJob])
        case wake(CheckedContinuation<Void, any Error>)
        case idle
        case over
    }

    private let state = Mutex(State())
    private let epoch = Date(timeIntervalSince1970: 1_760_000_000)
    /// Signalled when something arrives from a thread that is not the clock's.
    private let arrival = DispatchSemaphore(value: 0)

    func now() -> Duration { state.withLock { $0.now } }

    func date() -> Date { epoch.addingTimeInterval(now().seconds) }

    func sleep(for duration: Duration) async throws {
        let number = state.withLock { $0.sleepers.nextNumber() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: SleepQueue.Continuation) in
                let isCancelled = Task.isCancelled
                if isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    state.withLock { state in
                        state.sleepers.push(number, until: state.now + max(.zero, duration), continuation)
                    }
                    arrival.signal()
                }
            }
        } onCancel: {
            let sleeping = state.withLock { $0.sleepers.remove(number) }
            sleeping?.resume(throwing: CancellationError())
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        arrival.signal()
    }

    /// Runs a simulation to its end on the calling thread.
    ///
    /// - Throws: `BenchError` of the simulation, or that nothing has happened for ten real seconds.
    func run<Output: Sendable>(_ body: @escaping @Sendable () async throws -> Output) throws(BenchError)
        -> Output
    {
        let outcome = Mutex<Result<Output, BenchError>?>(nil)
        Task(executorPreference: self) {
            let result: Result<Output, BenchError>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error as? BenchError ?? BenchError("\(error)"))
            }
            outcome.withLock { $0 = result }
            self.state.withLock { $0.isOver = true }
            self.arrival.signal()
        }
        try drain()
        guard let result = outcome.withLock({ $0 }) else { throw BenchError("the simulation gave nothing") }
        return try result.get()
    }

    private func drain() throws(BenchError) {
        while true {
            switch state.withLock({ $0.next() }) {
            case .jobs(let jobs):
                for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
            case .wake(let continuation): continuation.resume()
            case .over: return
            case .idle:
                // A task outside the simulation, such as one that fetches ahead, still works.
                guard arrival.wait(timeout: .now() + 10) == .success else {
                    throw BenchError("the simulation hangs: nothing runs and nothing sleeps")
                }
            }
        }
    }
}
