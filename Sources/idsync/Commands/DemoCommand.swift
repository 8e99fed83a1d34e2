import Foundation
import IdSyncCore

/// `idsync demo`: plan, apply and plan again on the embedded emulator, with a temporary copy of the quickstart.
///
/// It runs the very commands that a user runs, one after the other; nothing here is scripted output.
enum DemoCommand {
    static func run(_ run: Run) async throws(Failure) -> ExitCode {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "idsync-demo-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let manifest = "\(folder)/manifest.yaml"
        let state = "\(folder)/state.json"
        let plan = "\(folder)/plan.json"
        do throws(FileProblem) {
            try Files.replace(manifest, with: Data(Quickstart.manifestText.utf8))
            try Files.replace(state, with: Data(Quickstart.stateText.utf8))
        } catch {
            throw Failure(code: .internalError, message: error.message)
        }
        guard run.isJSON else {
            return try await narrate(run, manifest: manifest, state: state, plan: plan)
        }
        throw Failure(
            code: .usage,
            message: "demo prints text for people; for JSON run plan and apply with -o json"
        )
    }

    private static func narrate(_ run: Run, manifest: String, state: String, plan: String)
        async throws(Failure)
        -> ExitCode
    {
        let steps: [(shown: String, arguments: [String])] = [
            (
                "idsync plan manifest.yaml --emulator state.json",
                ["plan", manifest, "--emulator", state, "--out", plan]
            ),
            ("idsync apply", ["apply", "--plan", plan]),
            (
                "idsync plan manifest.yaml --emulator state.json --detailed-exitcode",
                ["plan", manifest, "--emulator", state, "--no-save", "--detailed-exitcode"]
            ),
        ]
        run.console.document("The manifest:\n\n" + indented(Quickstart.manifestText))
        for step in steps {
            run.console.document("\n$ \(step.shown)")
            let code = await Dispatcher.run(step.arguments + passedOn(run))
            guard code == .done else { return code }
        }
        run.console.document(
            "\nThat was Azure in memory: nothing was sent anywhere. Next: idsync help, examples/, README.md"
        )
        return .done
    }

    private static func passedOn(_ run: Run) -> [String] {
        ["no-color", "quiet", "verbose"].filter(run.invocation.has).map { "--\($0)" }
            + ["parallelism", "log-level"].flatMap { name in
                run.invocation[name].map { ["--\(name)", $0] } ?? []
            }
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    \($0)" }
            .joined(separator: "\n")
    }
}
