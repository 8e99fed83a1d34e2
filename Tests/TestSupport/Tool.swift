package import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a run of the built binary left behind.
package struct ToolResult: Sendable {
    /// The exit code, or 128 + signal.
    package let code: Int32
    /// All of stdout.
    package let out: String
    /// All of stderr.
    package let err: String

    /// Both streams, for a failing test.
    package var transcript: String { "exit \(code)\n--- stdout\n\(out)\n--- stderr\n\(err)" }
}

/// The built `idsync`, run as a user runs it, in a temporary folder of its own.
package final class Tool: Sendable {
    /// The folder that runs start in; removed with the tool.
    package let folder: URL
    private let launcher = Mutex<[String]>([])

    /// Makes an empty folder.
    package init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "idsync-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The binary beside the test bundle.
    package static var binary: URL {
        let tests = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        var folder = tests.resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appending(path: "idsync").path
            if FileManager.default.isExecutableFile(atPath: candidate), !isDirectory(candidate) {
                return URL(fileURLWithPath: candidate)
            }
            folder = folder.deletingLastPathComponent()
        }
        return tests.deletingLastPathComponent().appending(path: "idsync")
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory.boolValue
    }

    /// The top of the repository, found from this file.
    package static var repository: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// A tool whose folder has the quickstart in it.
    package static func quickstart() throws -> Tool {
        let tool = try Tool()
        for name in ["manifest.yaml", "state.json"] {
            let source = Tool.repository.appending(path: "examples/quickstart/\(name)")
            try FileManager.default.copyItem(at: source, to: tool.folder.appending(path: name))
        }
        return tool
    }

    /// Writes a file into the folder.
    package func write(_ name: String, _ text: String) throws {
        let url = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: url)
    }

    /// Reads a file of the folder.
    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }

    /// Runs the binary to its end; the environment is only what is given, so that a machine's own never leaks in.
    package func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = ""
    ) async throws -> ToolResult {
        try await start(arguments, environment: environment, input: input).finished()
    }

    /// Runs the binary to its end with a token set, as against a server.
    package func run(_ arguments: [String], token: String) async throws -> ToolResult {
        try await run(arguments, environment: ["IDSYNC_ACCESS_TOKEN": token])
    }

    /// Lets every later run be started by another program, which gets the binary and its arguments as its last ones.
    package func run(under command: [String]) { launcher.withLock { $0 = command } }

    /// Starts the binary; with `watched`, a test can wait for what it says on stderr.
    package func start(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = "",
        watched: Bool = false
    ) throws -> RunningTool {
        try RunningTool(
            launcher.withLock { $0 } + [Self.binary.path] + arguments,
            environment: environment,
            input: input,
            folder: folder,
            watched: watched
        )
    }
}

/// A run of the binary under way.
package final class RunningTool: @unchecked Sendable {
    // Unchecked: `Process` is not Sendable, but it is only started here, signalled, and read after its end.
    private let process = Process()
    private let out: URL
    private let err: URL
    private let ended: AsyncStream<Int32>
    /// One element for each piece of stderr, ending with it; nil when the run is not watched.
    private let news: AsyncStream<Void>?

    fileprivate init(
        _ command: [String],
        environment: [String: String],
        input: String,
        folder: URL,
        watched: Bool
    ) throws {
        let scratch = folder.appending(path: ".run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        out = scratch.appending(path: "out")
        err = scratch.appending(path: "err")
        let stdin = scratch.appending(path: "in")
        try Data(input.utf8).write(to: stdin)
        for file in [out, err] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = folder
        process.environment = ["PATH": "/nonexistent", "HOME": folder.path]
            .merging(Self.sanitizer) { $1 }.merging(environment) { $1 }
        // `Process` keeps its handles for good once it has a termination handler, so they are closed here by hand: a
        // long test run would otherwise hold thousands, and `Process.run` on Linux reads past the end of its list of
        // open descriptors when that list fills a page.
        let input = try FileHandle(forReadingFrom: stdin)
        let output = try FileHandle(forWritingTo: out)
        let errors = try FileHandle(forWritingTo: err)
        process.standardInput = input
        process.standardOutput = output
        if watched {
            let pipe = Pipe()
            process.standardError = pipe
            news = Self.copy(pipe.fileHandleForReading, to: errors)
        } else {
            process.standardError = errors
            news = nil
        }
        defer {
            for handle in [input, output] + (watched ? [] : [errors]) { try? handle.close() }
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        ended = stream
        process.terminationHandler = { process in
            let isSignal = process.terminationReason == .uncaughtSignal
            continuation.yield(isSignal ? 128 + process.terminationStatus : process.terminationStatus)
            continuation.finish()
        }
        try process.run()
    }

    /// What ThreadSanitizer needs in every process of a run under it (`.ci/tsan`).
    private static let sanitizer =
        ProcessInfo.processInfo.environment["TSAN_OPTIONS"] == nil
        ? [:]
        : ProcessInfo.processInfo.environment.filter { ["LD_PRELOAD", "TSAN_OPTIONS"].contains($0.key) }

    /// The process id.
    package var pid: Int32 { process.processIdentifier }

    /// Sends a signal.
    package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// What stdout holds so far.
    package var output: String { (try? String(contentsOf: out, encoding: .utf8)) ?? "" }

    /// What stderr holds so far.
    package var errors: String { (try? String(contentsOf: err, encoding: .utf8)) ?? "" }

    /// Waits until stderr of a watched run holds a text; false when it ended without it.
    package func says(_ text: String) async -> Bool {
        if let news {
            while !errors.contains(text) {
                var iterator = news.makeAsyncIterator()
                guard await iterator.next() != nil else { break }
            }
        }
        return errors.contains(text)
    }

    /// Copies a pipe to a file on a thread of its own, and tells of every piece.
    private static func copy(_ pipe: FileHandle, to file: FileHandle) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        Thread.detachNewThread {
            // `read(upToCount:)` waits for more than there is, and `availableData` traps when a signal interrupts it.
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(pipe.fileDescriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                try? file.write(contentsOf: Data(buffer[..<count]))
                continuation.yield()
            }
            try? pipe.close()
            try? file.close()
            continuation.finish()
        }
        return stream
    }

    /// Waits for the end.
    package func finished() async throws -> ToolResult {
        var code: Int32 = -1
        for await value in ended { code = value }
        if let news { for await _ in news {} }
        return ToolResult(code: code, out: output, err: errors)
    }
}
