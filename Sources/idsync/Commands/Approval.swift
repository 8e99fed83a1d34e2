import Foundation
import IdSyncCore

/// Asks a person before a fresh plan is applied; without a terminal a flag must say yes, never a hang.
struct Approval {
    private let run: Run

    init(_ run: Run) { self.run = run }

    private var isGiven: Bool { run.invocation.has("auto-approve") }
    private var canAsk: Bool { isatty(0) == 1 && run.console.errors.isTerminal }

    /// Fails early when nobody can say yes.
    func checkPossible() throws(Failure) {
        guard !isGiven, !canAsk else { return }
        throw Failure(
            code: .usage,
            message: (run.invocation.operands.isEmpty
                ? "no plan is saved here (\(PlanStore.path)), and " : "")
                + "there is no terminal to ask at: run idsync plan first, or give --plan FILE or --auto-approve"
        )
    }

    /// A manifest on standard input leaves nothing to answer with.
    func checkStandardInput(_ manifest: CheckedManifest) throws(Failure) {
        guard manifest.files.isFromStandardInput, !isGiven else { return }
        throw Failure(code: .usage, message: "a manifest on standard input needs --auto-approve")
    }

    /// Asks; anything but `yes`, a signal included, ends the command with nothing written.
    func ask(about plan: Plan, at target: PlanTarget) throws(Failure) {
        guard !isGiven else { return }
        let signals = Signals { [run] number in
            run.console.freshLine()
            exit(Dispatcher.report(Self.refusal(ExitCode(signal: number)), run).rawValue)
        }
        defer { signals.end() }
        let question = ApprovalText.question(plan, target: target)
        run.console.ask("\n\(question)\nType yes to apply; anything else stops: ")
        let answer = readLine()
        if answer == nil { run.console.say("") }
        guard answer?.trimmingCharacters(in: .whitespaces) == "yes" else { throw Self.refusal(.refused) }
    }

    private static func refusal(_ code: ExitCode) -> Failure {
        Failure(code: code, message: "not approved; nothing was written to Azure", isAnswer: true)
    }
}
