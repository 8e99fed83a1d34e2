package import Foundation
package import YAMLDocument

/// A manifest after loading.
package struct ManifestLoad: Sendable {
    /// The desired state; nil when any diagnostic is an error.
    package let desired: DesiredState?
    /// Every mistake and warning, sorted by place.
    package let diagnostics: [Diagnostic]
    /// The texts that diagnostics point into, in the order given.
    package let sources: [SourceText]

    /// The diagnostics as text for people; empty when there are none.
    package var diagnosticText: String { DiagnosticText.render(diagnostics, sources: sources) }
}

/// From the bytes of manifest files to the desired state; pure, and reports all mistakes of all files at once.
package enum ManifestLoader {
    /// Loads a manifest of one or more files.
    ///
    /// - Parameters:
    ///   - documents: name and bytes of each file, in the order of the command line; the name is what messages show,
    ///     and its ending tells JSON from YAML (see `DocumentReader`).
    ///   - limits: how large one file may be.
    /// - Returns: the state when nothing is wrong, and what there is to say in any case.
    package static func load(
        documents: [(name: String, bytes: Data)],
        limits: DocumentLimits = DocumentLimits()
    ) -> ManifestLoad {
        let collector = DiagnosticCollector()
        if documents.isEmpty {
            collector.error(.noManifest, "there is no manifest file", at: nil)
        }
        let parsed = documents.map { DocumentReader.read($0.bytes, named: $0.name, limits: limits) }
        for problem in parsed.flatMap(\.problems) {
            collector.error(
                DiagnosticCode(problem.kind),
                problem.message,
                at: problem.location,
                notes: problem.notes
            )
        }
        let decoder = ManifestDecoder(collector)
        let files = parsed.map { document in
            document.root.map(decoder.decode) ?? ManifestFile(isIncomplete: true)
        }
        let manifest = ManifestMerger(collector).merge(files)
        let desired = ManifestResolver(manifest, collector).resolve()
        if !collector.hasErrors, manifest.identities.isEmpty, manifest.machines.isEmpty {
            collector.warning(
                .declaresNothing,
                "the manifest declares nothing",
                at: parsed.count == 1 ? parsed.first?.root?.location : nil,
                notes: ["add entries under 'identities' or 'virtualMachines'"]
            )
        }
        return ManifestLoad(
            desired: collector.hasErrors ? nil : desired,
            diagnostics: collector.diagnostics,
            sources: parsed.map(\.source)
        )
    }

    /// The names among a directory's entries that are manifest files, sorted.
    ///
    /// Those that end in `.yaml`, `.yml` or `.json` and do not start with a dot.
    package static func manifestFileNames(among entries: [String]) -> [String] {
        entries.filter { name in
            !name.hasPrefix(".") && [".yaml", ".yml", ".json"].contains { name.lowercased().hasSuffix($0) }
        }.sorted()
    }
}
