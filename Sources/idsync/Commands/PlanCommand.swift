import IdSyncCore

/// `idsync plan`: reads, shows, remembers; cannot write to Azure.
enum PlanCommand {
    static func run(_ run: Run) async throws(Failure) -> ExitCode {
        let saves = !run.invocation.has("no-save")
        if saves { try PlanStore.forget() }
        let manifest = try CheckedManifest.load(try ManifestInput.read(try ManifestInput.paths(run)), run)
        try checkStandardInput(manifest, run)
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
        let code = code(for: fresh.plan, run)
        let text = PlanPresentation.text(fresh, manifest: manifest, run)
        let shown = run.finish(code, text: text, json: fresh.document.json)
        if saves, !manifest.files.isFromStandardInput {
            do throws(FileProblem) {
                try PlanStore.save(fresh.document, to: run.invocation["out"] ?? PlanStore.path)
            } catch {
                run.console.fail("the plan was not saved: \(error.message); see --no-save and --out")
                return .internalError
            }
            if let next = nextStep(fresh.document, run) { run.note(next) }
        }
        if let wayOut = wayOut(fresh.plan, run) { run.note(wayOut) }
        return shown
    }

    /// `saved .idsync/plan.json (plan 8ae5fef9); next: idsync apply`; nil when there is nothing to apply, or it may not be.
    private static func nextStep(_ document: PlanDocument, _ run: Run) -> String? {
        guard document.plan.summary.hasChanges, blocking(document.plan, run).isEmpty else { return nil }
        let path = run.invocation["out"]
        let digest = document.digest.dropFirst("sha256:".count).prefix(8)
        let apply = path.map { "idsync apply --plan \(CommandLineText.quoted($0))" } ?? "idsync apply"
        return "saved \(path ?? PlanStore.path) (plan \(digest)); next: \(apply)"
    }

    /// What to do about a plan that is blocked; nil for any other.
    private static func wayOut(_ plan: Plan, _ run: Run) -> String? {
        let blocking = blocking(plan, run)
        guard !blocking.isEmpty else { return nil }
        let advice = BlockedAdvice(
            blocked: blocking,
            hasChanges: plan.summary.hasChanges,
            skipsBlocked: run.invocation.has("skip-blocked")
        )
        return "blocked, nothing will be applied; next: \(advice.text)"
    }

    private static func checkStandardInput(_ manifest: CheckedManifest, _ run: Run) throws(Failure) {
        guard manifest.files.isFromStandardInput, !run.invocation.has("no-save") else { return }
        guard run.invocation.has("out") else {
            run.note("note: the plan is not saved, because the manifest came from standard input")
            return
        }
        throw Failure(
            code: .usage,
            message: "a plan of standard input cannot be saved: apply must read the manifest again"
        )
    }

    /// What keeps the whole plan from being applied.
    private static func blocking(_ plan: Plan, _ run: Run) -> [BlockedItem] {
        run.invocation.has("skip-blocked") ? plan.blocked.filter { $0.gate == .limits } : plan.blocked
    }

    /// The exit code of a plan: what is blocked first, then pending changes when asked.
    static func code(for plan: Plan, _ run: Run) -> ExitCode {
        let blocking = blocking(plan, run)
        if !blocking.isEmpty { return BlockedCode.of(blocking) }
        return run.invocation.has("detailed-exitcode") && plan.summary.hasChanges ? .changesPending : .done
    }
}

/// The exit code of a refusal: no permission, nothing readable, or a gate.
enum BlockedCode {
    static func of(_ blocked: [BlockedItem]) -> ExitCode {
        let gates = Set(blocked.map(\.gate))
        if gates.contains(.authentication) || gates.contains(.permission) { return .notAuthorized }
        return gates == [.unreadable] ? .failed : .refused
    }
}
