import IdSyncCore

/// `idsync plan`: reads, shows, remembers; cannot write to Azure.
enum PlanCommand {
    static func run(_ run: Run) async throws(Failure) -> ExitCode {
        let manifest = try CheckedManifest.load(try ManifestInput.read(try ManifestInput.paths(run)), run)
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
        try save(fresh.document, of: manifest, run)
        let code = code(for: fresh.plan, run)
        let text = PlanPresentation.text(fresh, manifest: manifest, run)
        return run.finish(code, text: text, json: fresh.document.json)
    }

    /// The exit code of a plan: what is blocked first, then pending changes when asked.
    static func code(for plan: Plan, _ run: Run) -> ExitCode {
        let blocking =
            run.invocation.has("skip-blocked") ? plan.blocked.filter { $0.gate == .limits } : plan.blocked
        if !blocking.isEmpty { return BlockedCode.of(blocking) }
        return run.invocation.has("detailed-exitcode") && plan.summary.hasChanges ? .changesPending : .done
    }

    private static func save(_ document: PlanDocument, of manifest: CheckedManifest, _ run: Run)
        throws(Failure)
    {
        guard !run.invocation.has("no-save") else { return }
        if manifest.files.isFromStandardInput {
            if run.invocation.has("out") {
                throw Failure(
                    code: .usage,
                    message: "a plan of standard input cannot be saved: apply must read the manifest again"
                )
            }
            run.note("note: the plan is not remembered, because the manifest came from standard input")
            return
        }
        try PlanStore.save(document, to: run.invocation["out"] ?? PlanStore.path)
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
