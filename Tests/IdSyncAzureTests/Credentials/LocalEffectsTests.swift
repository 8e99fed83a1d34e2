import Foundation
import Testing

@testable import IdSyncAzure

/// The real file reader and the real process runner, in a folder of their own.
@Suite struct LocalEffectsTests {
    /// A new empty folder that is removed after the test.
    private final class Folder: Sendable {
        let path: String
        init() throws {
            path = FileManager.default.temporaryDirectory.path + "/idsync-test-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Makes a program.
        ///
        /// Another process writes the file: a program that another test starts meanwhile would inherit our open
        /// file, and what is open for writing cannot be run.
        func program(_ name: String, _ script: String) throws {
            let source = "\(path)/\(name).sh"
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: source))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: source)
            let copy = Process()
            copy.executableURL = URL(fileURLWithPath: "/bin/cp")
            copy.arguments = [source, "\(path)/\(name)"]
            try copy.run()
            copy.waitUntilExit()
        }
    }

    private let folder: Folder
    private var runner: FoundationProcessRunner { FoundationProcessRunner(path: "relative::\(folder.path)") }

    init() throws { folder = try Folder() }

    private func run(_ name: String, _ arguments: [String] = [], seconds: Int = 60) async -> Result<
        ProcessOutput, ProcessFailure
    > {
        let command = ProcessCommand(
            name: name,
            arguments: arguments,
            extraEnvironment: ["IDSYNC_TEST_EXTRA": "extra"],
            timeout: .seconds(seconds)
        )
        do throws(ProcessFailure) {
            return .success(try await runner.run(command))
        } catch {
            return .failure(error)
        }
    }

    @Test("arguments reach the program as they are; output, status and environment come back")
    func output() async throws {
        try folder.program(
            "az",
            #"printf '%s|' "$@" "$IDSYNC_TEST_EXTRA" "$PWD"; echo problem >&2; cat; exit 3"#
        )
        let output = try await run("az", ["a b", "$(id)", "; rm", "*"]).get()
        #expect(String(decoding: output.standardOutput, as: UTF8.self) == "a b|$(id)|; rm|*|extra|/|")
        #expect(String(decoding: output.standardError, as: UTF8.self) == "problem\n")
        #expect(output.status == 3)
        #expect("\(output)" == "exit status 3")
    }

    @Test("more output than a pipe holds, on both streams at once")
    func bigOutput() async throws {
        try folder.program("az", "head -c 500000 /dev/zero; head -c 500000 /dev/zero >&2")
        let output = try await run("az").get()
        #expect(output.standardOutput.count == 500_000)
        #expect(output.standardError.count == 500_000)
    }

    @Test("endless output is stopped")
    func endlessOutput() async throws {
        try folder.program("az", "cat /dev/zero")
        guard case .failure(.failed(let reason)) = await run("az") else {
            Issue.record("it was not stopped")
            return
        }
        #expect(reason == "az wrote more than 1048576 bytes")
    }

    @Test(
        "what is not a program on PATH is not found",
        arguments: ["none", "sub", "plain", "../az", "", "/bin/sh"]
    )
    func notFound(_ name: String) async throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/sub",
            withIntermediateDirectories: true
        )
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path + "/plain"))
        guard case .failure(let failure) = await run(name) else {
            Issue.record("it ran")
            return
        }
        #expect(failure == .notFound)
    }

    /// A program whose child holds its output open, as the `az` wrapper's does; tells the child's process id.
    private func lingering() throws {
        let pid = folder.path + "/pid"
        try folder.program(
            "az",
            "sleep 600 & echo $! > '\(pid).new'; mv '\(pid).new' '\(pid)'; wait; echo late"
        )
    }

    /// Whether a process is there and not just waiting for its parent to collect it.
    private static func isRunning(_ pid: pid_t) -> Bool {
        let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return kill(pid, 0) == 0 && stat?.contains(") Z ") != true
    }

    @Test("a timeout ends the wait, though the output stays open")
    func timeout() async throws {
        try lingering()
        let started = ContinuousClock.now
        guard case .failure(let failure) = await run("az", seconds: 1) else {
            Issue.record("it ended")
            return
        }
        #expect(failure == .timedOut)
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    @Test("cancelling the task kills the program and its children", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        try lingering()
        let task = Task { await run("az") }
        while !FileManager.default.fileExists(atPath: folder.path + "/pid") { await Task.yield() }
        let text = try String(contentsOfFile: folder.path + "/pid", encoding: .utf8)
        let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(Self.isRunning(child))
        task.cancel()
        guard case .failure(let failure) = await task.value else {
            Issue.record("it ended")
            return
        }
        #expect(failure == .cancelled)
        while Self.isRunning(child) { await Task.yield() }
    }

    @Test("the whole az credential with a real program")
    func az() async throws {
        try folder.program("az", #"echo '{"accessToken": "canary", "expires_on": 1700003600}'"#)
        let credential = CommandLineCredential(
            resource: "https://management.azure.com/",
            tenant: nil,
            files: LocalCredentialFiles(),
            processes: runner
        )
        #expect(try await credential.newToken().secret == Secret("canary"))
    }

    @Test("files: links are followed, and what is no small regular file is refused")
    func files() throws {
        let files = LocalCredentialFiles()
        let path = folder.path
        try Data("content".utf8).write(to: URL(fileURLWithPath: path + "/file"))
        try FileManager.default.createSymbolicLink(atPath: path + "/link", withDestinationPath: "file")
        #expect(try files.read(path + "/link", limit: 7) == Data("content".utf8))
        #expect(files.resolved(path + "/link") == files.resolved(path) + "/file")
        #expect(throws: CredentialError("cannot read \(path)/link: larger than 6 bytes")) {
            try files.read(path + "/link", limit: 6)
        }
        #expect(throws: CredentialError("cannot read \(path): not a regular file")) {
            try files.read(path, limit: 6)
        }
        #expect(throws: CredentialError("cannot read /dev/zero: not a regular file")) {
            try files.read("/dev/zero", limit: 6)
        }
        #expect(throws: CredentialError("cannot read \(path)/none: no such file, or no permission")) {
            try files.read(path + "/none", limit: 6)
        }
    }
}
