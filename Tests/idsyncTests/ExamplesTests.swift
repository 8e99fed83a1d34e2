import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import idsync

/// Every example loads clean, plans, applies and is converged afterwards, whatever spelling ARM answers in.
struct ExamplesTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let manifest: String
        /// The stable last line of its plan.
        let lastLine: String

        var testDescription: String { name }
    }

    static let all = [
        Example(
            name: "quickstart",
            manifest: "manifest.yaml",
            lastLine:
                "Plan: 1 to create, 1 to update, 0 to delete, 5 to assign, 1 to unassign. 0 blocked, 1 warning."
        ),
        Example(
            name: "foreign-identities",
            manifest: "manifest.yaml",
            lastLine:
                "Plan: 0 to create, 0 to update, 0 to delete, 4 to assign, 0 to unassign. 0 blocked, 1 warning."
        ),
        Example(
            name: "removal",
            manifest: "manifest.yaml",
            lastLine:
                "Plan: 0 to create, 0 to update, 1 to delete, 1 to assign, 5 to unassign. 0 blocked, 2 warnings."
        ),
        Example(
            name: "many-vms",
            manifest: "manifest",
            lastLine:
                "Plan: 0 to create, 0 to update, 0 to delete, 80 to assign, 0 to unassign. 0 blocked, 20 warnings."
        ),
    ]

    /// How the emulator spells what it answers.
    static let spellings = [
        "{}",
        #"{"idCase": "upper", "typeSpelling": "compact"}"#,
        #"{"idCase": "lower", "typeSpelling": "spaced", "emptyPages": true}"#,
    ]

    @Test("The table names every folder of examples")
    func complete() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Tool.repository.appending(path: "examples").path
        )
        #expect(Set(folders) == Set(Self.all.map(\.name)))
    }

    @Test("Validate, plan, apply, and plan again is empty", arguments: all, spellings)
    func converges(example: Example, spelling: String) async throws {
        let tool = try Tool()
        let source = Tool.repository.appending(path: "examples/\(example.name)")
        try FileManager.default.copyItem(at: source, to: tool.folder.appending(path: example.name))
        let manifest = "\(example.name)/\(example.manifest)"
        let state = "\(example.name)/state.json"
        var file = try #require(try JSONValue(parsing: Data(tool.read(state).utf8)).object)
        file["behaviour"] = try JSONValue(parsing: Data(spelling.utf8))
        try tool.write(state, JSONValue.object(file).prettyText())

        let valid = try await tool.run(["validate", manifest])
        #expect(valid.code == 0 && valid.out.hasPrefix("Valid: "), "\(valid.transcript)")
        let plan = try await tool.run(["plan", manifest, "--emulator", state])
        #expect(plan.code == 0, "\(plan.transcript)")
        #expect(
            plan.out.split(separator: "\n").last.map(String.init) == example.lastLine,
            "\(plan.transcript)"
        )
        let apply = try await tool.run(["apply"])
        #expect(apply.code == 0, "\(apply.transcript)")
        #expect(apply.out.split(separator: "\n").last?.hasPrefix("Applied: ") == true, "\(apply.transcript)")
        let again = try await tool.run(["plan", manifest, "--emulator", state, "--detailed-exitcode"])
        #expect(
            again.code == 0 && again.out.split(separator: "\n").last?.hasPrefix("No changes.") == true,
            "\(again.transcript)"
        )
        let bare = try await tool.run(["apply"])
        #expect(bare.code == 0 && bare.out.contains("No changes."), "\(bare.transcript)")
    }

    @Test("The demo runs plan, apply and an empty plan")
    func demo() async throws {
        let tool = try Tool()
        let demo = try await tool.run(["demo"])
        #expect(demo.code == 0, "\(demo.transcript)")
        let shown = demo.out.split(separator: "\n").map(String.init)
        #expect(shown.filter { $0.hasPrefix("$ ") }.count == 3)
        #expect(shown.contains(Self.all[0].lastLine))
        #expect(shown.contains { $0.hasPrefix("Applied: 5 of 5.") }, "\(demo.transcript)")
        #expect(shown.contains { $0.hasPrefix("No changes.") }, "\(demo.transcript)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: tool.folder.path).filter {
                !$0.hasPrefix(".run")
            } == []
        )
    }

    @Test("The plan in the README is what the demo prints")
    func readme() async throws {
        let demo = try await Tool().run(["demo"])
        let readme = try String(contentsOf: Tool.repository.appending(path: "README.md"), encoding: .utf8)
        let block = try #require(
            readme.components(separatedBy: "```text\n").dropFirst().first?
                .components(separatedBy: "```").first
        )
        // An ellipsis stands for lines that are left out.
        var rest = demo.out[...]
        for piece in block.components(separatedBy: "…\n") {
            let found = try #require(rest.firstRange(of: piece), "\(piece)\n\(demo.transcript)")
            rest = rest[found.upperBound...]
        }
        #expect(block.split(separator: "\n").count >= 12)
    }

    @Test("The quickstart in the binary is the one in examples")
    func embedded() throws {
        let folder = Tool.repository.appending(path: "examples/quickstart")
        let manifest = try String(contentsOf: folder.appending(path: "manifest.yaml"), encoding: .utf8)
        let state = try String(contentsOf: folder.appending(path: "state.json"), encoding: .utf8)
        #expect(Quickstart.manifestText == manifest)
        #expect(Quickstart.stateText == state)
    }
}
