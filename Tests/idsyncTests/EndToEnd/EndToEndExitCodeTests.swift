import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// Each exit code with its promise about Azure, checked against what the server accepted, and one JSON document always.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndExitCodeTests {
    /// A tool in a folder with the manifest of the small world, and its Azure.
    private func world(_ manifest: String = EndToEnd.manifest()) throws -> (Tool, LoopbackAzure) {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", manifest)
        return (tool, azure)
    }

    /// Runs with JSON on stdout and checks the code, the document and that nothing but the planned part was written.
    private func run(
        _ tool: Tool,
        _ arguments: [String],
        _ code: Int32,
        environment: [String: String] = ["IDSYNC_ACCESS_TOKEN": "t"],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let result = try await tool.run(arguments + ["-o", "json"], environment: environment)
        #expect(result.code == code, "\(result.transcript)", sourceLocation: sourceLocation)
        let document = try result.json()
        if document["format"] != "idsync.plan/1" {
            #expect(document["exitCode"] == .integer(Int(code)), sourceLocation: sourceLocation)
        }
        #expect((code == 0 || code == 2) || !result.errorLines.isEmpty || document["changes"] != nil)
        return document
    }

    private let fresh = ["apply", "manifest.yaml", "--auto-approve"]

    @Test("0: planned, applied, converged")
    func done() async throws {
        let (tool, azure) = try world()
        let endpoint = ["--endpoint", azure.url]
        let plan = try await run(tool, ["plan"] + endpoint, 0)
        #expect(plan["summary"]?["hasChanges"] == true)
        #expect(azure.attemptedWrites.isEmpty)
        let report = try await run(tool, ["apply"], 0)
        #expect(report["format"] == "idsync.report/1")
        #expect(azure.written.count == 5 && azure.attemptedWrites.count == 5)
        let again = try await run(tool, ["plan", "--detailed-exitcode"] + endpoint, 0)
        #expect(again["summary"]?["hasChanges"] == false)
        _ = try await run(tool, ["apply"], 0)
        _ = try await run(tool, fresh + endpoint, 0)
        #expect(azure.attemptedWrites.count == 5)
    }

    @Test("2: changes are pending, nothing written")
    func pending() async throws {
        let (tool, azure) = try world()
        _ = try await run(tool, ["plan", "--detailed-exitcode", "--endpoint", azure.url], 2)
        #expect(azure.attemptedWrites.isEmpty && !azure.arrivals.isEmpty)
    }

    @Test(
        "3: an invalid manifest, nothing even read",
        arguments: [["validate"], ["plan"], ["apply", "--auto-approve"]]
    )
    func invalid(command: [String]) async throws {
        let (tool, azure) = try world("version: 1\nidentites: []\nvirtualMachines: [{name: 'a b'}]\n")
        let endpoint = command == ["validate"] ? [] : ["--endpoint", azure.url]
        let document = try await run(tool, command + endpoint, 3)
        #expect((document["diagnostics"]?.array?.count ?? 0) >= 2)
        #expect(azure.arrivals.isEmpty)
    }

    @Test("4: ARM refuses to let the caller read", arguments: ["plan", "apply"])
    func unreadable(command: String) async throws {
        let (tool, azure) = try world()
        azure.intercept { _, _ in EmulatorReply(.refusal(403, "AuthorizationFailed")) }
        _ = try await run(
            tool,
            (command == "plan" ? ["plan"] : fresh) + ["--endpoint", azure.url],
            4
        )
        #expect(azure.attemptedWrites.isEmpty)
    }

    @Test("4: ARM refuses to let the caller write", arguments: [401, 403])
    func unwritable(status: Int) async throws {
        let (tool, azure) = try world()
        azure.intercept { request, _ in
            request.method == .get ? nil : EmulatorReply(.refusal(status, "AuthorizationFailed"))
        }
        let report = try await run(tool, fresh + ["--endpoint", azure.url], 4)
        #expect(report["summary"]?["azureModified"] == false)
        #expect(azure.written.isEmpty && !azure.attemptedWrites.isEmpty)
    }

    @Test("5: a gate refuses the plan, nothing written")
    func refused() async throws {
        let (tool, azure) = try world()
        let endpoint = ["--endpoint", azure.url]
        _ = try await run(tool, ["plan", "--max-deletes", "0"] + endpoint, 5)
        _ = try await run(tool, ["apply"], 5)
        _ = try await run(tool, fresh + endpoint + ["--max-unassigns", "0"], 5)
        // Somebody outside the manifest uses the identity that is to go.
        azure.state.apply(OtherWriter(machine: Build.vm("other"), add: [Build.identity("OLD").description]))
        let document = try await run(tool, fresh + endpoint, 5)
        #expect(document["blocked"]?.array?.first?["gate"] == "dangling-reference")
        #expect(azure.attemptedWrites.isEmpty)
    }

    /// What can happen to a saved plan before it is applied.
    enum Move: String, CaseIterable, Sendable {
        case manifestChanged, manifestGone, identityAdded, identityRemoved, systemSwitched, machineDeleted,
            planned
        case planCut, planEmpty, planAltered
    }

    @Test("6: the manifest, live state or the saved plan moved, nothing written", arguments: Move.allCases)
    func stale(move: Move) async throws {
        let (tool, azure) = try world()
        _ = try await run(tool, ["plan", "--endpoint", azure.url], 0)
        let saved = try tool.read(".idsync/plan.json")
        let web = Build.vm("web")
        switch move {
        case .manifestChanged: try tool.write("manifest.yaml", EndToEnd.manifest() + "# changed\n")
        case .manifestGone:
            try FileManager.default.removeItem(at: tool.folder.appending(path: "manifest.yaml"))
        case .identityAdded:
            azure.state.apply(OtherWriter(machine: web, add: [Build.identity("OLD").description]))
        case .identityRemoved:
            azure.state.apply(OtherWriter(machine: web, remove: [Build.identity("FOREIGN").description]))
        case .systemSwitched: azure.state.apply(OtherWriter(machine: web, systemAssigned: false))
        case .machineDeleted: azure.state.apply(OtherWriter(machine: web, deleteMachine: true))
        case .planned:
            azure.state.apply(OtherWriter(createIdentity: Build.identity("NEW1"), location: "eastus"))
        case .planCut: try tool.write(".idsync/plan.json", String(saved.prefix(saved.count / 2)))
        case .planEmpty: try tool.write(".idsync/plan.json", "")
        case .planAltered: try tool.write(".idsync/plan.json", saved.replacing("NEW1", with: "NEW9"))
        }
        _ = try await run(tool, ["apply"], 6)
        #expect(azure.attemptedWrites.isEmpty)
        if move == .planCut {
            try FileManager.default.copyItem(
                at: tool.folder.appending(path: ".idsync/plan.json"),
                to: tool.folder.appending(path: "copy.json")
            )
            _ = try await run(tool, ["apply", "--plan", "copy.json"], 6)
        }
    }

    @Test("64: a plan of another version, and what is no plan at all")
    func noPlan() async throws {
        let (tool, azure) = try world()
        _ = try await run(tool, ["plan", "--endpoint", azure.url], 0)
        azure.clear()
        let saved = try tool.read(".idsync/plan.json")
        try tool.write(".idsync/plan.json", saved.replacing("idsync.plan/1", with: "idsync.plan/2"))
        _ = try await run(tool, ["apply"], 64)
        _ = try await run(tool, ["apply", "--plan", "manifest.yaml"], 64)
        #expect(azure.arrivals.isEmpty)
    }

    @Test("7: one machine of two is refused, the other is written")
    func partial() async throws {
        let (tool, azure) = try world(EndToEnd.systemOnly(["db", "other"]))
        azure.intercept { request, _ in
            request.method == .patch && request.url.path.hasSuffix("/db")
                ? EmulatorReply(.refusal(409, "ScopeLocked")) : nil
        }
        let report = try await run(tool, fresh + ["--endpoint", azure.url], 7)
        #expect(report["summary"]?["applied"] == 1)
        #expect(report["summary"]?["failed"] == 1)
        #expect(report["summary"]?["azureModified"] == true)
        #expect(azure.written.map(\.label) == ["PATCH other"])
        azure.intercept(nil)
        _ = try await run(tool, fresh + ["--endpoint", azure.url], 0)
        #expect(azure.written.map(\.label) == ["PATCH other", "PATCH db"])
    }

    @Test("7 and not 9: a write was made, its answer was lost and the server was never seen again")
    func lost() async throws {
        let (tool, azure) = try world(EndToEnd.systemOnly(["db"]))
        azure.state.install([FaultRule(method: .patch, action: .reset(afterWrite: true))])
        let turnstile = Turnstile()
        defer { turnstile.open() }
        azure.beforeAnswering { request, _ in
            if request.method == .patch { turnstile.pass() }
        }
        let command = fresh + ["--endpoint", azure.url, "-o", "json"]
        let running = try tool.start(command, environment: ["IDSYNC_ACCESS_TOKEN": "t"])
        #expect(await turnstile.arrival())
        #expect(azure.carried(by: "db").contains("(system)"))
        azure.intercept { _, _ in EmulatorReply(.refusal(503, "ServerTimeout")) }
        turnstile.open()
        let result = try await running.finished()
        #expect(result.code == 7, "\(result.transcript)")
        #expect(try result.json()["summary"]?["azureModified"] == true)
    }

    @Test("9: every write is refused for another reason than permission")
    func failed() async throws {
        let (tool, azure) = try world(EndToEnd.systemOnly(["db", "other"]))
        azure.intercept { request, _ in
            request.method == .get ? nil : EmulatorReply(.refusal(409, "ScopeLocked"))
        }
        let report = try await run(tool, fresh + ["--endpoint", azure.url], 9)
        #expect(report["summary"]?["azureModified"] == false)
        #expect(azure.written.isEmpty && azure.attemptedWrites.count == 2)
    }

    @Test("9: nobody answers", arguments: ["plan", "apply"])
    func unreachable(command: String) async throws {
        let (tool, azure) = try world()
        azure.stop()
        _ = try await run(tool, (command == "plan" ? ["plan"] : fresh) + ["--endpoint", azure.url], 9)
    }

    @Test(
        "64: the line cannot be understood, nothing even read",
        arguments: [
            ["plan", "--bogus"], ["bogus"], ["apply"], ["apply", "manifest.yaml"],
            ["plan", "--auth", "magic"],
            ["plan", "--parallelism", "0"], ["apply", "--plan", "absent.json"],
            ["apply", "--plan", "a.json", "manifest.yaml"], ["plan", "--endpoint"], ["demo", "x"],
            ["plan", "--max-deletes", "many"], ["schema", "nothing"], ["help", "nothing"], ["version", "x"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let (tool, azure) = try world()
        let needsEndpoint = arguments.first == "plan" && !arguments.contains("--endpoint")
        let line = ["-o", "json"] + arguments + (needsEndpoint ? ["--endpoint", azure.url] : [])
        let result = try await tool.run(line, token: "t")
        #expect(result.code == 64, "\(result.transcript)")
        #expect(try result.json()["exitCode"] == 64, "\(result.transcript)")
        #expect(result.errorLines.count == 1)
        #expect(azure.arrivals.isEmpty)
    }

    @Test("A saved plan that goes elsewhere than the flag says is a usage error")
    func otherEndpoint() async throws {
        let (tool, azure) = try world()
        _ = try await run(tool, ["plan", "--endpoint", azure.url], 0)
        azure.clear()
        _ = try await run(tool, ["apply", "--endpoint", "http://127.0.0.1:1"], 64)
        #expect(azure.arrivals.isEmpty)
    }
}
