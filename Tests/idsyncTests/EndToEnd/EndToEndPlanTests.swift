import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// Plan and then apply: what is read, what is written, and what others may do in between.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndPlanTests {
    private let token = ["IDSYNC_ACCESS_TOKEN": "t"]

    private func world(_ manifest: String = EndToEnd.manifest()) throws -> (Tool, LoopbackAzure) {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", manifest)
        return (tool, azure)
    }

    @Test(
        "Planning sends nothing but GET, whatever it is told",
        arguments: [
            [], ["--no-save"], ["-v"], ["--detailed-exitcode"], ["--skip-blocked"], ["--max-deletes", "0"],
            ["--out", "other.json"],
        ]
    )
    func reads(flags: [String]) async throws {
        let (tool, azure) = try world()
        for _ in 0..<2 {
            let plan = try await tool.run(["plan", "--endpoint", azure.url] + flags, environment: token)
            #expect(plan.out.contains("Plan: 2 to create"), "\(plan.transcript)")
        }
        #expect(!azure.arrivals.isEmpty)
        #expect(Set(azure.arrivals.map(\.method)) == [.get])
        for (machine, carried) in EndToEnd.before { #expect(azure.carried(by: machine) == carried) }
    }

    @Test("An apply with nothing to do sends nothing but GET")
    func nothing() async throws {
        let (tool, azure) = try world()
        let apply = ["apply", "manifest.yaml", "--auto-approve", "--endpoint", azure.url]
        let first = try await tool.run(apply, environment: token)
        #expect(first.code == 0, "\(first.transcript)")
        azure.clear()
        let second = try await tool.run(apply, environment: token)
        #expect(second.code == 0 && second.out.contains("No changes."), "\(second.transcript)")
        #expect(Set(azure.arrivals.map(\.method)) == [.get])
    }

    @Test("What happens on a machine outside the manifest does not matter to a saved plan")
    func elsewhere() async throws {
        let (tool, azure) = try world()
        let plan = try await tool.run(["plan", "--endpoint", azure.url], environment: token)
        #expect(plan.code == 0, "\(plan.transcript)")
        azure.state.apply(OtherWriter(machine: Build.vm("other"), add: [Build.identity("ID1").description]))
        let apply = try await tool.run(["apply", "-o", "json"], environment: token)
        #expect(apply.code == 0, "\(apply.transcript)")
        #expect(azure.carried(by: "other") == ["FOREIGN", "ID1"])
        #expect(azure.carried(by: "web") == EndToEnd.after["web"])
    }

    @Test("What somebody else has done already is said to be done, and not done again")
    func alreadyDone() async throws {
        let (tool, azure) = try world()
        let plan = try await tool.run(["plan", "--endpoint", azure.url], environment: token)
        #expect(plan.code == 0, "\(plan.transcript)")
        azure.state.apply(OtherWriter(createIdentity: Build.identity("NEW1")))
        azure.state.apply(
            OtherWriter(
                machine: Build.vm("web"),
                add: ["NEW1", "ID1"].map { Build.identity($0).description }
            )
        )
        let apply = try await tool.run(["apply", "-o", "json"], environment: token)
        #expect(apply.code == 0, "\(apply.transcript)")
        let statuses = try apply.statuses()
        #expect(statuses["identity/NEW1"] == "already-done" && statuses["vm/web"] == "already-done")
        #expect(statuses["identity/NEW2"] == "applied" && statuses["vm/db"] == "applied")
        #expect(azure.written.map(\.label).sorted() == ["DELETE OLD", "PATCH db", "PUT NEW2"])
        for (machine, carried) in EndToEnd.after { #expect(azure.carried(by: machine) == carried) }
    }

    @Test("All of it done by somebody else: exit 0 and not one write")
    func allDone() async throws {
        let (tool, azure) = try world()
        for command in ["plan", "apply"] {
            let arguments =
                command == "plan"
                ? ["plan", "--out", "first.json"] : ["apply", "manifest.yaml", "--auto-approve"]
            let run = try await tool.run(arguments + ["--endpoint", azure.url], environment: token)
            #expect(run.code == 0, "\(run.transcript)")
        }
        azure.clear()
        let apply = try await tool.run(["apply", "--plan", "first.json", "-o", "json"], environment: token)
        #expect(apply.code == 0, "\(apply.transcript)")
        #expect(Set(try apply.statuses().values) == ["already-done"])
        #expect(azure.attemptedWrites.isEmpty)
    }

    @Test("A foreign identity that arrives between the plan and the PATCH stays")
    func between() async throws {
        let (tool, azure) = try world()
        let foreign = Build.identity("LATE")
        azure.state.apply(OtherWriter(createIdentity: foreign))
        azure.state.install([
            FaultRule(
                method: .patch,
                path: "*/virtualMachines/web",
                action: .otherWriter(OtherWriter(machine: Build.vm("web"), add: [foreign.description]))
            )
        ])
        let apply = try await tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "-o", "json", "--endpoint", azure.url],
            environment: token
        )
        #expect(apply.code == 0, "\(apply.transcript)")
        #expect(azure.carried(by: "web") == ["(system)", "FOREIGN", "ID1", "LATE", "NEW1"])
        // The ETag told of the other writer: 412, and the second PATCH was made for what is live now.
        #expect(azure.arrivals.filter { $0.label == "PATCH web" }.map(\.status) == [412, 200])
    }

    @Test("After a failure half way the same saved plan finishes the rest")
    func resumes() async throws {
        let (tool, azure) = try world()
        let plan = try await tool.run(["plan", "--endpoint", azure.url], environment: token)
        #expect(plan.code == 0, "\(plan.transcript)")
        azure.intercept { request, _ in
            request.method == .patch && request.url.path.hasSuffix("/db")
                ? EmulatorReply(.refusal(409, "ScopeLocked", "The scope is locked.")) : nil
        }
        let half = try await tool.run(["apply", "-o", "json"], environment: token)
        #expect(half.code == 7, "\(half.transcript)")
        #expect(
            try half.statuses() == [
                "identity/NEW1": "applied", "identity/NEW2": "applied", "vm/web": "applied",
                "vm/db": "failed",
                "identity/OLD": "not-started",
            ]
        )
        #expect(azure.identities.contains("OLD"))
        azure.intercept(nil)
        let rest = try await tool.run(["apply", "-o", "json"], environment: token)
        #expect(rest.code == 0, "\(rest.transcript)")
        #expect(
            try rest.statuses() == [
                "identity/NEW1": "already-done", "identity/NEW2": "already-done", "vm/web": "already-done",
                "vm/db": "applied", "identity/OLD": "applied",
            ]
        )
        for (machine, carried) in EndToEnd.after { #expect(azure.carried(by: machine) == carried) }
        #expect(azure.identities == EndToEnd.identitiesAfter)
        #expect(azure.written.count == 5)
    }
}
