import Foundation
import IdSyncCore
import TestSupport
import Testing

/// What is said when a path is of no use, on both streams.
@Suite(.serialized)
struct LocalEffectsInputTests {
    private static let manifest = """
        version: 1
        defaults: {subscription: 80c696ff-5efa-4909-a64d-f1b616f423ca, resourceGroup: TestRG, location: westus}
        identities: [{name: ID1}]

        """

    private func json(_ result: ToolResult) throws -> JSONValue {
        try JSONValue(parsing: Data(result.out.utf8))
    }

    @Test("A missing manifest is a diagnostic, and said once")
    func missing() async throws {
        let tool = try Tool()
        let plan = try await tool.run(["plan", "none.yaml", "-o", "json"])
        #expect(plan.code == 3)
        #expect(plan.err == "error[IDS1109]: none.yaml: no such file\n", "\(plan.transcript)")
        let document = try json(plan)
        #expect(document["format"] == "idsync.error/1")
        #expect(document["diagnostics"]?.array?.first?["code"] == "IDS1109")
        let two = try await tool.run(["validate", "none.yaml", "nor.yaml"])
        #expect(two.code == 3)
        #expect(
            two.err == """
                error[IDS1109]: none.yaml: no such file
                error[IDS1109]: nor.yaml: no such file
                error: 2 of the paths hold no manifest

                """
        )
    }

    @Test("validate answers in one format, valid or not")
    func validation() async throws {
        let tool = try Tool()
        try tool.write("good.yaml", Self.manifest)
        try tool.write("bad.yaml", "version: 1\nvms: []\n")
        let good = try await tool.run(["validate", "good.yaml", "-o", "json"])
        #expect(good.code == 0)
        #expect(try json(good)["format"] == "idsync.validation/1")
        #expect(try json(good)["valid"] == true)
        for path in ["bad.yaml", "none.yaml"] {
            let bad = try await tool.run(["validate", path, "-o", "json"])
            #expect(bad.code == 3)
            let document = try json(bad)
            #expect(document["format"] == "idsync.validation/1")
            #expect(document["valid"] == false)
            #expect(document["diagnostics"]?.array?.count == 1)
        }
        // How the command was called is no judgement of a manifest.
        let usage = try await tool.run(["validate", "-o", "json"])
        #expect(usage.code == 64)
        #expect(try json(usage)["format"] == "idsync.error/1")
    }

    @Test("A directory is not searched below, and the message says where manifests are")
    func directories() async throws {
        let tool = try Tool()
        try FileManager.default.createDirectory(
            at: tool.folder.appending(path: "d/sub"),
            withIntermediateDirectories: true
        )
        try tool.write("d/sub/m.yaml", Self.manifest)
        // A state file ends in .json too, and is no manifest.
        try tool.write("d/state.json", "{\"format\": \"idsync.emulator/1\"}")
        let above = try await tool.run(["validate", "d"])
        #expect(above.code == 3)
        #expect(
            above.err == """
                error[IDS1108]: d: no manifest in this directory (*.yaml, *.yml, *.json)
                  note: subdirectories are not searched; d/sub may be meant

                """
        )
        #expect(try await tool.run(["validate", "d/sub"]).code == 0)
    }

    @Test("A binary file gets one message")
    func binary() async throws {
        let tool = try Tool()
        try tool.write("f.bin", "\u{7F}ELF\0\0\u{1}\u{2}")
        let result = try await tool.run(["validate", "f.bin"])
        #expect(result.code == 3)
        #expect(
            result.err == """
                f.bin:1:1: error[IDS1016]: not a text file (it holds NUL bytes); a manifest is YAML or JSON
                error: the manifest has 1 error; nothing was sent to Azure

                """
        )
    }

    @Test("A plan that cannot be saved says why")
    func unsaved() async throws {
        let tool = try Tool()
        try tool.write("m.yaml", Self.manifest)
        try tool.write("state.json", "{\"format\": \"idsync.emulator/1\"}")
        let plan = try await tool.run(["plan", "m.yaml", "--emulator", "state.json", "--out", "none/p.json"])
        #expect(plan.code == 1)
        let why = "none/p.json: cannot be written: the directory none does not exist;"
        #expect(plan.err.contains(why), "\(plan.transcript)")
    }
}
