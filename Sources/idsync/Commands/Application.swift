import Foundation
import IdSyncAzure
import IdSyncCore

/// A plan on its way to Azure: the gates, the run itself, the report and its exit code.
struct Application {
    let run: Run
    let reconciler: Reconciler
    let fresh: Reconciler.Fresh
    /// What a saved plan says about each change; empty for a plan that was made just now.
    let verdicts: [CeilingVerdict]
    /// The digest of the plan that was approved: what joins the report to the review.
    let approved: String

    private var skipsBlocked: Bool { reconciler.limits.options.skipBlocked }

    /// What stands in the way of the whole plan.
    var refusing: [BlockedItem] {
        skipsBlocked
            ? fresh.plan.blocked.filter { $0.gate == .limits } : fresh.plan.blocked
    }

    /// Carries the plan out and prints the report, whatever happens on the way.
    func carryOut() async throws(Failure) -> ExitCode {
        if verdicts.contains(where: \.isStale) {
            // A token that lost its rights is not a plan that lost its time.
            let isAccess = fresh.plan.blocked.contains {
                $0.gate == .authentication || $0.gate == .permission
            }
            return finish(standing(.stale), code: isAccess ? .notAuthorized : .stale)
        }
        let approved: ApprovedPlan
        do throws(GateRefusal) {
            approved = try PlanGuard.approve(
                fresh.plan,
                skippingBlocked: skipsBlocked
            )
        } catch {
            return finish(standing(.refused), code: BlockedCode.of(error.blocked))
        }
        let stop = StopSignal()
        let watch = StopWatch(stop: stop, timeout: Deadline.remaining(run), run)
        let progress = Progress(
            run,
            changes: fresh.plan.changes,
            showsTimes: reconciler.session.emulator == nil
        )
        let report = await reconciler.execute(approved, of: fresh, stop: stop) { progress.finished($0) }
        progress.end()
        watch.end()
        let unsaved = unsavedState()
        let whole = Report(
            outcomes: doneBefore + report.outcomes,
            identities: report.identities,
            signal: report.signal
        )
        guard let unsaved else { return finish(whole, code: Self.code(for: report)) }
        let code = finish(whole, code: unsaved.code)
        run.console.say("error: \(unsaved.message); the changes that the report shows are lost")
        return code
    }

    /// Why the emulator's state could not be written back; nil when it was, or when there is none.
    private func unsavedState() -> Failure? {
        do throws(Failure) {
            try reconciler.session.emulator?.save()
            return nil
        } catch { return error }
    }

    /// Why nothing is carried out at all.
    private enum Standing { case stale, refused }

    /// The report of a run in which no write was begun.
    private func standing(_ standing: Standing) -> Report {
        let stale = Dictionary(
            verdicts.compactMap { verdict in
                if case .stale(let reason) = verdict.outcome {
                    (verdict.change.resourceID, reason)
                } else {
                    nil
                }
            },
            uniquingKeysWith: { first, _ in first }
        )
        let why = standing == .stale ? "another part of the plan is stale" : "the plan is blocked"
        let changes = verdicts.isEmpty ? fresh.plan.changes : verdicts.map(\.change)
        return Report(
            outcomes: changes.map { change in
                if let reason = stale[change.resourceID] {
                    return ChangeOutcome(
                        change: change,
                        status: .stale,
                        error: ReportError(code: "stale", message: reason)
                    )
                }
                if doneBefore.contains(where: { $0.change.resourceID == change.resourceID }) {
                    return ChangeOutcome(change: change, status: .alreadyDone)
                }
                return ChangeOutcome(
                    change: change,
                    status: .notStarted,
                    error: ReportError(code: "not-started", message: why)
                )
            }
        )
    }

    /// Approved changes that live state has already.
    private var doneBefore: [ChangeOutcome] {
        verdicts.filter { $0.outcome == .alreadyDone }.map {
            ChangeOutcome(change: $0.change, status: .alreadyDone)
        }
    }

    private func finish(_ report: Report, code: ExitCode) -> ExitCode {
        let document = ReportDocument(
            report: report,
            planDigest: approved,
            toolVersion: Version.number,
            blocked: fresh.plan.blocked,
            diagnostics: reconciler.manifest.diagnostics,
            exitCode: Int(code.rawValue)
        )
        let nothing = report.outcomes.isEmpty && fresh.plan.blocked.isEmpty
        let text =
            nothing
            ? PlanPresentation.text(fresh, manifest: reconciler.manifest, run)
            : ReportText(document, style: run.console.output.style, context: context).render()
        return run.finish(code, text: text, json: document.json, wroteToAzure: report.mayHaveWritten)
    }

    private var context: ReportContext {
        ReportContext(
            planCommand: CommandLineText.plan(reconciler.manifest.files, reconciler.session.target),
            skipsBlocked: skipsBlocked,
            isEmulated: reconciler.session.emulator != nil
        )
    }

    /// The exit code of a run: a half-done one is 7 whatever the cause, then the cause decides (ux-anchors 3.5).
    static func code(for report: Report) -> ExitCode {
        if let signal = report.signal { return ExitCode(signal: signal) }
        if report.converged { return .done }
        if report.mayHaveWritten { return .partial }
        let open = report.outcomes.filter { $0.status != .applied && $0.status != .alreadyDone }
        let begun = open.filter { $0.status != .notStarted }
        if begun.contains(where: { $0.status == .stale }) { return .stale }
        if !begun.isEmpty, begun.allSatisfy({ $0.error?.isPermission == true }) { return .notAuthorized }
        if !begun.isEmpty, begun.allSatisfy({ $0.status == .blocked }) { return .refused }
        return .failed
    }
}

extension CeilingVerdict {
    /// Whether the change no longer fits what was approved.
    var isStale: Bool {
        if case .stale = outcome { true } else { false }
    }
}
