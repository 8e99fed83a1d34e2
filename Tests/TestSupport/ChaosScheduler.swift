import Dispatch
import Synchronization

/// A task executor with one thread that picks the next ready job by a seed.
///
/// Everything that runs on it interleaves in an order that looks random and that the seed repeats; no two jobs run at
/// the same time. Unstructured tasks are outside: they run where the runtime puts them.
package final class ChaosScheduler: TaskExecutor {
    private enum Step: Sendable {
        case job(UnownedJob)
        case resume(UnsafeContinuation<Void, Never>)
    }

    private struct Ready: Sendable {
        var steps: [Step] = []
        var isDraining = false
        var random: SeededRandom
    }

    private let ready: Mutex<Ready>
    private let thread = DispatchQueue(label: "idsync.chaos")

    /// Makes a scheduler from a seed.
    package init(seed: UInt64) { ready = Mutex(Ready(random: SeededRandom(seed: seed))) }

    /// Takes a job from the runtime.
    package func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

    /// Runs an operation and everything that it starts on this scheduler.
    package func run<Output: Sendable>(_ operation: @Sendable () async throws -> Output) async rethrows
        -> Output
    {
        try await withTaskExecutorPreference(self) { try await operation() }
    }

    /// Lets any other ready job go first, by the seed.
    ///
    /// `Task.yield` would make a detour over the global pool, whose order nobody repeats.
    package func shuffle() async {
        await withUnsafeContinuation { add(.resume($0)) }
    }

    private func add(_ step: Step) {
        let isFirst = ready.withLock { ready in
            ready.steps.append(step)
            defer { ready.isDraining = true }
            return !ready.isDraining
        }
        if isFirst { thread.async { self.drain() } }
    }

    private func drain() {
        while let step = next() {
            switch step {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .resume(let continuation): continuation.resume()
            }
        }
    }

    private func next() -> Step? {
        ready.withLock { ready in
            guard !ready.steps.isEmpty else {
                ready.isDraining = false
                return nil
            }
            let index = Int.random(in: 0..<ready.steps.count, using: &ready.random)
            return ready.steps.remove(at: index)
        }
    }
}
