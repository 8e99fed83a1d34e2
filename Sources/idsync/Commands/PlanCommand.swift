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
        if code == .refused {
            run.note(
                "blocked: nothing will be applied; solve what is marked BLOCKED, or leave it out with --skip-blocked"
            )
        }
        guard saves, !manifest.files.isFromStandardInput else { return shown }
        do throws(FileProblem) {
            try PlanStore.save(fresh.document, to: run.invocation["out"] ?? PlanStore.path)
        } catch {
            run.console.say("error: the plan was not saved: \(error.message); see --no-save and --out")
            return .internalError
        }
        return shown
    }

    private static func checkStandardInput(_ manifest: CheckedManifest, _ run: Run) throws(Failure) {
        guard manifest.files.isFromStandardInput, !run.invocation.has("no-save") else { return }
        guard run.invocation.has("out") else {
            run.note("note: the plan is not remembered, because the manifest came from standard input")
            return
        }
        throw Failure(
            code: .usage,
            message: "a plan of standard input cannot be saved: apply must read the manifest again"
        )
    }

    /// The exit code of a plan: what is blocked first, then pending changes when asked.
    static func code(for plan: Plan, _ run: Run) -> ExitCode {
        let blocking =
            run.invocation.has("skip-blocked") ? plan.blocked.filter { $0.gate == .limits } : plan.blocked
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
