import Foundation

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
                ? "no plan is remembered here (\(PlanStore.path)), and " : "")
                + "there is no terminal to ask on: run `idsync plan` and then `idsync apply`, or give --plan FILE or "
                + "--auto-approve"
        )
    }

    /// A manifest on standard input leaves nothing to answer with.
    func checkStandardInput(_ manifest: CheckedManifest) throws(Failure) {
        guard manifest.files.isFromStandardInput, !isGiven else { return }
        throw Failure(code: .usage, message: "a manifest on standard input needs --auto-approve")
    }

    /// Asks; anything but `yes` ends the command with nothing written.
    func ask() throws(Failure) {
        guard !isGiven else { return }
        run.console.say("\nApply these changes? Only 'yes' is accepted:")
        guard readLine()?.trimmingCharacters(in: .whitespaces) == "yes" else {
            throw Failure(code: .refused, message: "not approved; nothing was written")
        }
    }
}
