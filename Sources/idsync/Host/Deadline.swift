import IdSyncAzure

/// Bounds the reading part of a run by `--timeout`; the writing part has its own, gentler stop (`StopWatch`).
enum Deadline {
    /// What is left of the overall limit, which counts from the start of the process; nil without a limit.
    static func remaining(_ run: Run) -> Duration? {
        run.settings.timeout.map { max(.zero, $0 - run.time.now()) }
    }

    /// Runs work that only reads; when the limit runs out first, the work is cancelled and the command ends.
    static func reading<Value: Sendable>(
        _ run: Run,
        _ work: @escaping @Sendable () async -> Value
    ) async throws(Failure) -> Value {
        guard let remaining = remaining(run) else { return await work() }
        let task = Task { await work() }
        let watch = Task {
            // A cancelled watch means that the work ended in time.
            guard (try? await Task.sleep(for: remaining)) != nil else { return false }
            task.cancel()
            return true
        }
        let value = await task.value
        watch.cancel()
        guard await watch.value else { return value }
        throw Failure(
            code: .failed,
            message: "the time limit of --timeout \(run.invocation["timeout"] ?? "") ran out while reading; "
                + "nothing was written"
        )
    }
}
