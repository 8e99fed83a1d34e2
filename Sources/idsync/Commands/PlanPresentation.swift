import IdSyncCore

/// The plan as text for this run's streams.
enum PlanPresentation {
    /// The text for stdout, or for stderr when a question is to follow.
    static func text(
        _ fresh: Reconciler.Fresh,
        manifest: CheckedManifest,
        _ run: Run,
        toErrors: Bool = false
    ) -> String {
        let stream = toErrors ? run.console.errors : run.console.output
        return PlanText(
            fresh.document,
            counts: PlanCounts(desired: manifest.desired, live: fresh.live),
            style: stream.style,
            isVerbose: run.invocation.has("verbose")
        ).render()
    }
}
