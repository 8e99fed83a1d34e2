import IdSyncCore
import YAMLDocument

/// A manifest that loaded, with its warnings.
struct CheckedManifest: Sendable {
    let files: ManifestInput
    let desired: DesiredState
    let diagnostics: [Diagnostic]

    /// Loads a manifest; warnings go to stderr, errors end the command with exit 3 and all of them.
    static func load(_ files: ManifestInput, _ run: Run) throws(Failure) -> CheckedManifest {
        let loaded = ManifestLoader.load(documents: files.documents)
        guard let desired = loaded.desired else {
            // A list that was cut ends with an error that says so, and is none of them.
            let isCut = loaded.diagnostics.contains { $0.code == DiagnosticCode.tooMany.rawValue }
            let errors = loaded.diagnostics.count { $0.severity == .error } - (isCut ? 1 : 0)
            let count = isCut ? "more than \(errors)" : String(errors)
            throw Failure(
                code: .manifestInvalid,
                message:
                    "the manifest has \(count) error\(count == "1" ? "" : "s"); nothing was sent to Azure",
                diagnostics: loaded.diagnostics,
                sources: loaded.sources
            )
        }
        if !loaded.diagnostics.isEmpty {
            let style = run.console.errors.style
            run.note(DiagnosticText.render(loaded.diagnostics, sources: loaded.sources, style: style))
        }
        return CheckedManifest(files: files, desired: desired, diagnostics: loaded.diagnostics)
    }
}
