import Foundation
import IdSyncCore
import TestSupport
import Testing

/// What `plan` remembers, forgets and shows, and what a bare `apply` makes of it.
struct RememberedPlanTests {
    private func exists(_ name: String, in tool: Tool) -> Bool {
        FileManager.default.fileExists(atPath: tool.folder.appending(path: name).path)
    }

    private let plan = ["plan", "manifest.yaml", "--emulator", "state.json"]

    @Test(
        "A later plan that is saved elsewhere, invalid, or from stdin leaves no older plan for a bare apply"
    )
    func forgets() async throws {
        let tool = try Tool.quickstart()
        try tool.write("bad.yaml", "version: 2\n")
        let manifest = try tool.read("manifest.yaml")
        for later in [
            ["plan", "bad.yaml"], plan + ["--out", "other.json"], ["plan", "-", "--emulator", "state.json"],
        ] {
            #expect(try await tool.run(plan).code == 0)
            #expect(exists(".idsync/plan.json", in: tool))
            _ = try await tool.run(later, input: manifest)
            #expect(!exists(".idsync/plan.json", in: tool), "\(later)")
            let apply = try await tool.run(["apply"])
            #expect(apply.code == 64, "\(apply.transcript)")
        }
        #expect(try await tool.run(plan).code == 0)
        #expect(try await tool.run(plan + ["--no-save"]).code == 0)
        #expect(exists(".idsync/plan.json", in: tool))
    }

    @Test("A plan that cannot be saved is shown all the same, and the exit code says so")
    func unsaveable() async throws {
        let tool = try Tool.quickstart()
        try tool.write("folder/x", "")
        let shown = try await tool.run(plan + ["--out", "folder"])
        #expect(shown.code == 1 && shown.out.contains("Plan: 1 to create"), "\(shown.transcript)")
        #expect(
            shown.err.contains(
                "error: the plan was not saved: folder: is a directory; see --no-save and --out"
            )
        )
        let missing = try await tool.run(plan + ["--out", "nowhere/plan.json"])
        #expect(missing.code == 1 && !exists("nowhere", in: tool), "\(missing.transcript)")
    }

    private func lastWord(_ tool: Tool, _ arguments: [String], input: String = "") async throws -> String {
        let run = try await tool.run(arguments, input: input)
        return run.err.split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test("A plan says last what to do next, on stderr")
    func next() async throws {
        let tool = try Tool.quickstart()
        let shown = try await tool.run(plan)
        let digest = try #require(shown.out.split(separator: "\n").first { $0.hasPrefix("plan sha256:") })
            .dropFirst("plan sha256:".count).prefix(8)
        #expect(shown.err == "saved .idsync/plan.json (plan \(digest)); next: idsync apply\n")
        #expect(
            try await lastWord(tool, plan + ["--out", "my plan.json"])
                == "saved my plan.json (plan \(digest)); next: idsync apply --plan 'my plan.json'"
        )
        #expect(try await lastWord(tool, plan + ["-o", "json"]).hasSuffix("; next: idsync apply"))
        #expect(try await lastWord(tool, plan + ["--no-save"]) == "")
        #expect(try await lastWord(tool, plan + ["-q"]) == "")
        let blocked = try await lastWord(tool, plan + ["--max-unassigns", "0"])
        #expect(
            blocked
                == "blocked, nothing will be applied; next: take less away at once, or raise the limit if that is meant"
        )
        try tool.write(
            "manifest.yaml",
            try tool.read("manifest.yaml") + "  - {name: gone, systemAssigned: true}\n"
        )
        #expect(
            try await lastWord(tool, plan)
                == "blocked, nothing will be applied; next: solve what is BLOCKED, or add --skip-blocked to go on without it"
        )
        #expect(try await lastWord(tool, plan + ["--skip-blocked"]).hasSuffix("; next: idsync apply"))
        #expect(try await tool.run(["apply"]).code == 0)
        #expect(try await lastWord(tool, plan + ["--skip-blocked"]) == "")
        #expect(
            try await lastWord(tool, plan) == "blocked, nothing will be applied; next: solve what is BLOCKED"
        )
    }

    @Test("--skip-blocked of a plan holds for its apply")
    func skipBlocked() async throws {
        let tool = try Tool.quickstart()
        let manifest = try tool.read("manifest.yaml") + "  - {name: gone, systemAssigned: true}\n"
        try tool.write("manifest.yaml", manifest)
        #expect(try await tool.run(plan).code == 5)
        #expect(try await tool.run(["apply"]).code == 5)
        #expect(try await tool.run(plan + ["--skip-blocked"]).code == 0)
        let apply = try await tool.run(["apply"])
        #expect(apply.code == 0, "\(apply.transcript)")
    }

    @Test("What is no plan is a usage error in words, what was altered is stale")
    func notAPlan() async throws {
        let tool = try Tool.quickstart()
        let wrong = try await tool.run(["apply", "--plan", "manifest.yaml"])
        #expect(
            wrong.code == 64
                && wrong.err.hasPrefix("error: manifest.yaml: the saved plan is not complete JSON")
        )
        #expect(!wrong.err.contains("Diagnostic("))
        #expect(try await tool.run(plan).code == 0)
        let altered = try tool.read(".idsync/plan.json").replacingOccurrences(
            of: "app-writer",
            with: "app-wroter"
        )
        try tool.write(".idsync/plan.json", altered)
        let stale = try await tool.run(["apply"])
        #expect(stale.code == 6 && stale.err.contains("damaged or altered"), "\(stale.transcript)")
    }

    @Test("Mistakes are coloured where colour is wanted, and only there")
    func colour() async throws {
        let tool = try Tool.quickstart()
        try tool.write("bad.yaml", "version: 2\n")
        let plain = try await tool.run(["validate", "bad.yaml"])
        #expect(plain.code == 3 && !plain.err.contains("\u{1B}"), "\(plain.transcript)")
        let forced = try await tool.run(["validate", "bad.yaml"], environment: ["CLICOLOR_FORCE": "1"])
        #expect(forced.err.contains("\u{1B}[1;31merror[IDS"), "\(forced.transcript)")
        #expect(forced.err.contains("\u{1B}[32m^\u{1B}[0m") && forced.err.contains("\u{1B}[1;31merror:"))
        #expect(forced.err.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain.err)
    }

    @Test("A directory takes manifests and passes over other documents of idsync")
    func directory() async throws {
        let tool = try Tool.quickstart()
        #expect(
            try await tool.run(["plan", ".", "--emulator", "state.json", "--out", "plan.json"]).code == 0
        )
        let again = try await tool.run(["plan", ".", "--emulator", "state.json"])
        #expect(again.code == 0, "\(again.transcript)")
    }

    @Test("With -o json a line that cannot be parsed still gives one document")
    func usageAsJSON() async throws {
        let tool = try Tool.quickstart()
        for line in [
            ["plan", "--nope", "-o", "json"], ["plan", "--timeout", "x", "-ojson"],
            ["help", "nope", "-o", "json"],
        ] {
            let result = try await tool.run(line)
            let document = try JSONValue(parsing: Data(result.out.utf8))
            #expect(result.code == 64 && document["exitCode"] == 64, "\(result.transcript)")
        }
    }

    @Test(
        "A stdout that cannot be written is an error, and 7 when Azure was written all the same",
        arguments: [
            ("version", "1"), ("apply manifest.yaml --emulator state.json --auto-approve", "7"),
            ("apply manifest.yaml --emulator state.json --auto-approve -o json", "7"),
        ],
        [">/dev/full", ">&-"]
    )
    func fullDevice(run: (line: String, code: String), target: String) async throws {
        let tool = try Tool.quickstart()
        try tool.write("run.sh", "\"$1\" \(run.line) \(target) 2>err; echo $? > code\n")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["run.sh", Tool.binary.path]
        shell.currentDirectoryURL = tool.folder
        shell.standardError = FileHandle.nullDevice
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        shell.terminationHandler = { _ in continuation.finish() }
        try shell.run()
        for await _ in ended {}
        #expect(try tool.read("code") == run.code + "\n")
        let errors = try tool.read("err")
        #expect(errors.contains("error: stdout could not be written"), "\(errors)")
        #expect(
            errors.contains("its report ends: Applied: 5 of 5.") == (run.code == "7")
                && errors.contains("Azure was modified.") == (run.code == "7"),
            "\(errors)"
        )
    }
}
