import Foundation
import IdSyncAzure
import IdSyncCore

/// `idsync apply`: carries out the saved plan, or plans again and asks.
enum ApplyCommand {
    static func run(_ run: Run) async throws(Failure) -> ExitCode {
        if let path = run.invocation["plan"] {
            guard run.invocation.operands.isEmpty else {
                throw Failure(code: .usage, message: "give a saved plan or manifest paths, not both")
            }
            return try await applySaved(path, run)
        }
        if run.invocation.operands.isEmpty, Files.exists(PlanStore.path) {
            return try await applySaved(PlanStore.path, run)
        }
        return try await applyFresh(run)
    }

    /// The saved plan is a ceiling: everything is read and planned again, and must come out the same.
    private static func applySaved(_ path: String, _ run: Run) async throws(Failure) -> ExitCode {
        let saved = try PlanStore.load(path)
        try agree(saved.target, run)
        let limits = try savedLimits(saved, run)
        let manifest = try reload(saved, run)
        let session = try await Session.open(
            run,
            cloud: manifest.desired.cloud,
            endpoint: saved.target.endpoint,
            emulator: saved.target.emulator
        )
        let reconciler = Reconciler(run: run, manifest: manifest, session: session, limits: limits)
        let fresh = try await reconciler.plan()
        let verdicts = Ceiling.compare(saved: saved, fresh: fresh.document, live: fresh.live)
        return try await Application(
            run: run,
            reconciler: reconciler,
            fresh: fresh,
            verdicts: verdicts,
            approved: saved.digest
        ).carryOut()
    }

    private static func applyFresh(_ run: Run) async throws(Failure) -> ExitCode {
        let approval = Approval(run)
        try approval.checkPossible()
        let manifest = try CheckedManifest.load(try ManifestInput.read(try ManifestInput.paths(run)), run)
        try approval.checkStandardInput(manifest)
        let session = try await Session.open(
            run,
            cloud: manifest.desired.cloud,
            endpoint: run.invocation["endpoint"],
            emulator: run.invocation["emulator"]
        )
        let reconciler = Reconciler(
            run: run,
            manifest: manifest,
            session: session,
            limits: run.settings.limits
        )
        let fresh = try await reconciler.plan()
        if fresh.plan.summary.hasChanges || !fresh.plan.blocked.isEmpty {
            run.note(PlanPresentation.text(fresh, manifest: manifest, run, toErrors: true))
        }
        let application = Application(
            run: run,
            reconciler: reconciler,
            fresh: fresh,
            verdicts: [],
            approved: fresh.document.digest
        )
        if fresh.plan.summary.hasChanges, application.refusing.isEmpty {
            try approval.ask(about: fresh.plan, at: session.target)
        }
        return try await application.carryOut()
    }

    private static func savedLimits(_ saved: SavedPlan, _ run: Run) throws(Failure) -> FlagLimits {
        do throws(UsageError) {
            return try run.settings.limits.over(saved.options, command: .apply)
        } catch {
            throw Failure(code: .usage, message: error.message)
        }
    }

    /// A saved plan goes where it was made; a flag that says otherwise is a mistake, not an override.
    private static func agree(_ target: PlanTarget, _ run: Run) throws(Failure) {
        for (flag, recorded) in [("endpoint", target.endpoint), ("emulator", target.emulator)] {
            guard let given = run.invocation[flag], given != recorded else { continue }
            throw Failure(
                code: .usage,
                message: "the saved plan was made "
                    + (recorded.map { "with --\(flag) \($0)" } ?? "without --\(flag)")
                    + "; plan again with --\(flag) \(given)"
            )
        }
    }

    /// The manifest files of the saved plan as they are now; any other bytes than planned are stale.
    private static func reload(_ saved: SavedPlan, _ run: Run) throws(Failure) -> CheckedManifest {
        let files: ManifestInput
        do throws(Failure) { files = try ManifestInput.read(saved.manifest.files.map(\.path)) } catch {
            throw Failure(
                code: .stale,
                message:
                    "the manifest of the saved plan is not where it was (relative paths count from here): "
                    + error.message
            )
        }
        let now = files.digest
        guard now == saved.manifest else {
            let moved = Set(now.files.map(\.path)).union(saved.manifest.files.map(\.path)).filter { path in
                now.files.first { $0.path == path } != saved.manifest.files.first { $0.path == path }
            }
            throw Failure(
                code: .stale,
                message: "the manifest changed since the plan: \(moved.sorted().joined(separator: ", ")); "
                    + "run idsync plan again"
            )
        }
        return try CheckedManifest.load(files, run)
    }
}
