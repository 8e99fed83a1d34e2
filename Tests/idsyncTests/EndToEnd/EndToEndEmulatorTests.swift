import ARMEmulator
import Foundation
import IdSyncCore
import TestSupport
import Testing

/// What `--emulator FILE` and its faults tell a user, and plans that live state overtook.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndEmulatorTests {
    private func tool(_ manifest: String = EndToEnd.manifest(), _ state: EmulatorState? = nil) throws -> Tool
    {
        let tool = try Tool()
        try tool.write("manifest.yaml", manifest)
        try tool.write("state.json", try (state ?? EndToEnd.state()).snapshot().json.prettyText())
        return tool
    }

    private func faults(_ action: String) -> String {
        #"{"format": "idsync.faults/1", "faults": [{"match": {"always": true}, "action": \#(action)}]}"#
    }

    #if os(Linux)
        @Test(
            "A state that cannot be written back costs neither the report nor the truth",
            arguments: ["text", "json"]
        )
        func unwritableState(format: String) async throws {
            let tool = try tool()
            let result = try await tool.run(
                ["apply", "manifest.yaml", "--auto-approve", "--emulator", "/proc/self/fd/0", "-o", format],
                input: try tool.read("state.json")
            )
            #expect(result.code == 1, "\(result.transcript)")
            #expect(
                result.errorLines == [
                    "error: /proc/self/fd/0: cannot be written: no such file; the changes that the report shows "
                        + "are lost"
                ],
                "\(result.transcript)"
            )
            if format == "json" {
                let report = try result.json()
                #expect(report["format"] == "idsync.report/1")
                #expect(report["exitCode"] == 1)
                #expect(report["changes"]?.array?.count == 5)
            } else {
                #expect(result.out.contains("Applied: 5 of 5."), "\(result.transcript)")
            }
        }
    #endif

    @Test("A fault that refuses the token is not blamed on the state")
    func scriptedRefusal() async throws {
        let tool = try tool()
        try tool.write("faults.json", faults(#"{"status": 401}"#))
        let arguments = ["plan", "manifest.yaml", "--emulator", "state.json", "--faults", "faults.json"]
        let result = try await tool.run(arguments)
        #expect(result.code == 4, "\(result.transcript)")
        #expect(
            result.errorLines == [
                "error: the live state cannot be read: the emulator answered 401, as a fault rule says; it takes any "
                    + "token otherwise"
            ]
        )
        let named = try self.tool(EndToEnd.manifest(), try EndToEnd.state { $0.settings.tokens = ["other"] })
        let refused = try await named.run(["plan", "manifest.yaml", "--emulator", "state.json"])
        #expect(
            refused.errorLines.first?.hasSuffix(
                "names the tokens that it takes, and this run has none of them"
            ) == true
        )
    }

    @Test("A scripted status carries what ARM says with it")
    func scriptedStatus() async throws {
        let tool = try tool(EndToEnd.systemOnly(["db"]))
        try tool.write(
            "faults.json",
            faults(#"{"status": 404}"#).replacing("{\"always\"", with: "{\"method\": \"PATCH\", \"always\"")
        )
        let result = try await tool.run(
            [
                "apply", "manifest.yaml", "--auto-approve", "--emulator", "state.json", "--faults",
                "faults.json",
            ]
        )
        #expect(result.out.contains("ARM      404 ResourceNotFound, 1 try;"), "\(result.transcript)")
        #expect(result.out.contains("message  The resource was not found."), "\(result.transcript)")
    }

    @Test("An approved assignment whose identity was deleted since is stale, not done")
    func assignmentOvertaken() async throws {
        let manifest =
            EndToEnd.head() + """
                virtualMachines:
                  - {name: web, userAssigned: [TestRG/ID1]}

                """
        let tool = try tool(manifest)
        let planned = try await tool.run(["plan", "--emulator", "state.json"])
        #expect(planned.code == 0, "\(planned.transcript)")
        let path = tool.folder.appending(path: "state.json").path
        let state = EmulatorState(try EmulatorStateFile.load(from: path))
        state.apply(OtherWriter(deleteIdentity: Build.identity("ID1")))
        try state.snapshot().save(to: path)
        let applied = try await tool.run(["apply"])
        #expect(applied.code == 6, "\(applied.transcript)")
        #expect(
            applied.out.contains(
                "STALE  it is blocked now (missing-identity): identity 'ID1' does not exist in resource"
            ),
            "\(applied.transcript)"
        )
    }

    @Test("The disk-encryption identity stays, also where the api-version hides it")
    func encryption() async throws {
        let one = Build.identity("ID1")
        let world = try World(
            machines: [
                LiveMachine(id: Build.vm("web"), block: Build.block([one]), encryptionIdentityKey: one.key)
            ],
            identities: [one]
        )
        let manifest =
            EndToEnd.head() + """
                apiVersions: {compute: "2018-06-01"}
                virtualMachines:
                  - {name: web, remove: [TestRG/ID1]}

                """
        let tool = try tool(manifest, world.state)
        let planned = try await tool.run(["plan", "--emulator", "state.json"])
        #expect(planned.code == 5, "\(planned.transcript)")
        #expect(
            planned.out.contains("ID1 is the disk-encryption identity of this machine"),
            "\(planned.transcript)"
        )
    }
}
