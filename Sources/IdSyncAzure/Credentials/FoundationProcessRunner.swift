import Foundation
import Synchronization

/// Runs programs of this machine by `Foundation.Process`; a timeout or a cancellation kills the whole group.
package struct FoundationProcessRunner: ProcessRunner {
    private let folders: [String]

    /// Makes a runner.
    ///
    /// - Parameter path: The value of `PATH`; empty and relative entries are passed over, so that a program in
    ///   the current folder is never taken for the one that is meant.
    package init(path: String) {
        folders = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }

    /// Runs the program with no standard input.
    ///
    /// - Throws: `ProcessFailure` when it did not run to its end.
    package func run(_ command: ProcessCommand) async throws(ProcessFailure) -> ProcessOutput {
        guard let executable = find(command.name) else { throw .notFound }
        let session = ProcessSession(executable: executable, command: command)
        let timer = Task {
            try await Task.sleep(for: command.timeout)
            session.stop(.timedOut)
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { session.start($0) }
        } onCancel: {
            session.stop(.cancelled)
        }
        return try result.get()
    }

    private func find(_ name: String) -> String? {
        guard !name.isEmpty, !name.contains("/") else { return nil }
        return folders.lazy.map { "\($0)/\(name)" }.first { path in
            let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: target)
            return attributes?[.type] as? FileAttributeType == .typeRegular
                && FileManager.default.isExecutableFile(atPath: target)
        }
    }
}

/// One run of a program: whoever ends it first, the program or `stop`, resumes the waiter, once.
private final class ProcessSession: Sendable {
    typealias Outcome = Result<ProcessOutput, ProcessFailure>

    private struct State {
        var waiter: CheckedContinuation<Outcome, Never>?
        /// The running program, which leads its own process group.
        var group: pid_t?
        var stopped: ProcessFailure?
    }

    /// Programs that credentials come from write a few KiB.
    private static let outputLimit = 1_048_576

    private let executable: String
    private let command: ProcessCommand
    private let state = Mutex(State())
    private let output = Mutex(Data())
    private let errorOutput = Mutex(Data())

    init(executable: String, command: ProcessCommand) {
        self.executable = executable
        self.command = command
    }

    /// Starts the program on a thread of its own: waiting for it blocks.
    func start(_ waiter: CheckedContinuation<Outcome, Never>) {
        let stopped = state.withLock { state in
            if state.stopped == nil { state.waiter = waiter }
            return state.stopped
        }
        if let stopped {
            waiter.resume(returning: .failure(stopped))
        } else {
            Thread.detachNewThread { self.finish(self.execute()) }
        }
    }

    /// Kills the program, if it runs, and resumes the waiter without waiting for the program's end.
    func stop(_ reason: ProcessFailure) {
        state.withLock { state in
            guard state.stopped == nil else { return }
            state.stopped = reason
            if let group = state.group { kill(-group, SIGKILL) }
        }
        finish(.failure(reason))
    }

    private func finish(_ outcome: Outcome) {
        let (waiter, stopped) = state.withLock { state in
            defer { state.waiter = nil }
            return (state.waiter, state.stopped)
        }
        // A killed program ends too, and its thread may come here before `stop` does.
        waiter?.resume(returning: stopped.map { .failure($0) } ?? outcome)
    }

    private func execute() -> Outcome {
        let process = makeProcess()
        let out = Pipe()
        let err = Pipe()
        process.standardOutput = out
        process.standardError = err
        do {
            try process.run()
        } catch {
            return .failure(.failed("cannot start \(command.name)"))
        }
        state.withLock { state in
            state.group = process.processIdentifier
            if state.stopped != nil { kill(-process.processIdentifier, SIGKILL) }
        }
        let readers = DispatchGroup()
        collect(out.fileHandleForReading, readers) { data in
            self.output.withLock {
                $0.append(data); return $0.count
            }
        }
        collect(err.fileHandleForReading, readers) { data in
            self.errorOutput.withLock {
                $0.append(data); return $0.count
            }
        }
        process.waitUntilExit()
        state.withLock { $0.group = nil }
        // A process that the program left behind may hold the pipes open; what is there by now counts.
        _ = readers.wait(timeout: .now() + .seconds(1))
        let signalled = process.terminationReason == .uncaughtSignal
        return .success(
            ProcessOutput(
                status: process.terminationStatus + (signalled ? 128 : 0),
                standardOutput: output.withLock { $0 },
                standardError: errorOutput.withLock { $0 }
            )
        )
    }

    private func makeProcess() -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = command.arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(command.extraEnvironment) { _, extra in extra }
        // Not the current folder, whose files an interpreter might load.
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Reads a pipe to its end on a thread of its own; `append` keeps a piece and gives the size so far.
    private func collect(
        _ handle: FileHandle,
        _ readers: DispatchGroup,
        append: @escaping @Sendable (Data) -> Int
    ) {
        readers.enter()
        Thread.detachNewThread {
            while let data = try? handle.read(upToCount: 65_536), !data.isEmpty {
                if append(data) > Self.outputLimit {
                    self.stop(.failed("\(self.command.name) wrote more than \(Self.outputLimit) bytes"))
                    break
                }
            }
            readers.leave()
        }
    }
}
