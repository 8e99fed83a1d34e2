import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization

/// The entry point; it never throws, because an error that leaves `main` is a crash on Linux.
@main
enum Main {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        StandardStreams.hold()
        ProxyExemption.install()
        exit(await Dispatcher.run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}

/// Keeps the numbers of standard streams that the caller closed.
///
/// The next file or socket would get them otherwise, and a document could be written into it. What stands in cannot
/// be written, so a closed stdout is an error and not silence.
enum StandardStreams {
    /// Opens a stand-in for each closed stream; kept open by never being released.
    static func hold() {
        while let handle = FileHandle(forReadingAtPath: "/dev/null") {
            guard handle.fileDescriptor <= 2 else {
                try? handle.close()
                return
            }
            held.withLock { $0.append(handle) }
        }
    }

    private static let held = Mutex<[FileHandle]>([])
}

/// Parses the line, runs the command, and turns every way to fail into text and an exit code.
enum Dispatcher {
    static func run(_ arguments: [String]) async -> ExitCode {
        let variables = ProcessInfo.processInfo.environment
        let invocation: Invocation
        let settings: Settings
        do throws(UsageError) {
            invocation = try ArgumentParser.parse(arguments)
            settings = try Settings(invocation)
        } catch {
            let console = Console(variables: variables, noColor: true)
            return refuse(error, on: console, asJSON: wantsJSON(arguments))
        }
        let console = Console(variables: variables, noColor: invocation.has("no-color"))
        let run = Run(
            invocation: invocation,
            settings: settings,
            console: console,
            variables: variables,
            time: SystemTime()
        )
        do throws(Failure) {
            return try await execute(run)
        } catch {
            return report(error, run)
        }
    }

    private static func execute(_ run: Run) async throws(Failure) -> ExitCode {
        switch run.invocation.command {
        case .validate: try ValidateCommand.run(run)
        case .plan: try await PlanCommand.run(run)
        case .apply: try await ApplyCommand.run(run)
        case .emulate: try await EmulateCommand.run(run)
        case .demo: try await DemoCommand.run(run)
        case .schema: try SchemaCommand.run(run)
        case .version: try VersionCommand.run(run)
        case .help: try HelpCommand.run(run)
        }
    }

    /// Whether a line that cannot be parsed asks for JSON all the same.
    private static func wantsJSON(_ arguments: [String]) -> Bool {
        let joined = [["-ojson"], ["-o=json"], ["--output=json"]]
        let pairs = zip(arguments, arguments.dropFirst()).map { [$0, $1] }
        return arguments.contains { joined.contains([$0]) }
            || pairs.contains { $0 == ["-o", "json"] || $0 == ["--output", "json"] }
    }

    private static func refuse(_ error: UsageError, on console: Console, asJSON: Bool) -> ExitCode {
        console.fail(error.message)
        console.say("see: idsync help" + (error.command.map { " \($0.rawValue)" } ?? ""))
        if asJSON { console.document(document(of: Failure(code: .usage, message: error.message))) }
        return .usage
    }

    /// The document of a run that ended before it had a plan or a report; for a usage error there is no diagnostic.
    private static func document(of failure: Failure) -> String {
        let document: JSONValue = [
            "format": "idsync.error/1",
            "exitCode": .integer(Int(failure.code.rawValue)),
            "message": .string(failure.message),
            "diagnostics": .array(failure.diagnostics.map(\.json)),
        ]
        return document.prettyText()
    }

    /// The document of a command that failed: an invalid manifest is what `validate` is there to tell.
    private static func document(of failure: Failure, _ run: Run) -> String {
        guard run.invocation.command == .validate, failure.code == .manifestInvalid else {
            return document(of: failure)
        }
        return ValidateCommand.document(of: failure).prettyText()
    }

    /// Diagnostics and the message on stderr; with `-o json` stdout still carries one document.
    static func report(_ failure: Failure, _ run: Run) -> ExitCode {
        if !failure.diagnostics.isEmpty {
            let style = run.console.errors.style
            run.console.say(
                DiagnosticText.render(failure.diagnostics, sources: failure.sources, style: style)
            )
        }
        // A diagnostic that is the whole failure has been said.
        if failure.isAnswer {
            run.console.say(failure.message)
        } else if failure.diagnostics.map(\.message) != [failure.message] {
            run.console.fail(failure.message)
        }
        if failure.code == .usage {
            let command = run.invocation.command
            run.console.say("see: idsync help" + (command == .help ? "" : " \(command.rawValue)"))
        }
        if run.isJSON { run.console.document(document(of: failure, run)) }
        return failure.code
    }
}

extension Run {
    /// The log of this run, on stderr.
    var log: Log {
        let level = invocation.has("quiet") ? min(settings.logLevel, .error) : settings.logLevel
        return Log(level: level) { [console] in console.say($0) }
    }
}
