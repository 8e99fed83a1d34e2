import Foundation
import IdSyncCore

/// `idsync demo`: plan, apply and plan again on the embedded emulator, with a temporary copy of the quickstart.
///
/// It runs the very commands that it shows, one after the other; nothing here is scripted output.
enum DemoCommand {
    private static let steps = [
        ["plan", "manifest.yaml", "--emulator", "state.json"],
        ["apply"],
        ["plan", "manifest.yaml", "--emulator", "state.json", "--detailed-exitcode"],
    ]

    static func run(_ run: Run) async throws(Failure) -> ExitCode {
        guard run.invocation.operands.isEmpty else {
            throw Failure(code: .usage, message: "demo takes no operand")
        }
        guard !run.isJSON else {
            throw Failure(
                code: .usage,
                message: "demo prints text for people; for JSON run plan and apply with -o json"
            )
        }
        let files = FileManager.default
        let before = files.currentDirectoryPath
        let folder = files.temporaryDirectory.appending(path: "idsync-demo-\(UUID().uuidString)").path
        defer {
            _ = files.changeCurrentDirectoryPath(before)
            try? files.removeItem(atPath: folder)
        }
        do throws(FileProblem) {
            try Files.makeFolder(folder)
            try Files.replace("\(folder)/manifest.yaml", with: Data(Quickstart.manifestText.utf8))
            try Files.replace("\(folder)/state.json", with: Data(Quickstart.stateText.utf8))
        } catch {
            throw Failure(code: .internalError, message: error.message)
        }
        guard files.changeCurrentDirectoryPath(folder) else {
            throw Failure(code: .internalError, message: "\(folder): cannot be entered")
        }
        return await narrate(run)
    }

    private static func narrate(_ run: Run) async -> ExitCode {
        run.console.document("manifest.yaml:\n\n" + indented(Quickstart.manifestText))
        for step in steps {
            run.console.document("\n$ idsync \(step.joined(separator: " "))")
            let code = await Dispatcher.run(step + passedOn(run))
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
