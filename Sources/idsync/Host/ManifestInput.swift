import Foundation
import IdSyncCore

/// The manifest files that a command line means, read and digested.
struct ManifestInput: Sendable {
    let documents: [(name: String, bytes: Data)]

    /// Whether the manifest came from standard input and cannot be read again.
    var isFromStandardInput: Bool { documents.contains { $0.name == "<stdin>" } }

    /// The digests for the plan document.
    var digest: ManifestDigest {
        ManifestDigest(files: documents.map { ManifestDigest.File(path: $0.name, contents: $0.bytes) })
    }

    /// Reads the files that the operands name; a directory means its own manifest files, not those further down.
    ///
    /// Every path that is of no use is in the failure.
    static func read(_ paths: [String]) throws(Failure) -> ManifestInput {
        var documents: [(name: String, bytes: Data)] = []
        var seen: Set<String> = []
        var problems: [Diagnostic] = []
        func report(_ code: DiagnosticCode, _ message: String, notes: [String] = []) {
            problems.append(Diagnostic(.error, code: code.rawValue, message, notes: notes))
        }
        for path in paths {
            do throws(FileProblem) {
                guard path != "-", Files.isDirectory(path) else {
                    guard seen.insert(path).inserted else { continue }
                    documents.append((path == "-" ? "<stdin>" : path, try Files.read(path)))
                    continue
                }
                let found = try manifests(in: path)
                if found.isEmpty {
                    report(
                        .noManifest,
                        "\(path): no manifest in this directory (*.yaml, *.yml, *.json)",
                        notes: directoryNotes(path)
                    )
                }
                documents += found.filter { seen.insert($0.name).inserted }
            } catch {
                report(.unreadableFile, error.message)
            }
        }
        guard problems.isEmpty else { throw failure(problems) }
        return ManifestInput(documents: documents)
    }

    private static func failure(_ problems: [Diagnostic]) -> Failure {
        let message =
            problems.count == 1 ? problems[0].message : "\(problems.count) of the paths hold no manifest"
        return Failure(code: .manifestInvalid, message: message, diagnostics: problems)
    }

    /// The manifest files of a directory, with their bytes.
    private static func manifests(in directory: String) throws(FileProblem) -> [(name: String, bytes: Data)] {
        var found: [(name: String, bytes: Data)] = []
        for name in ManifestLoader.manifestFileNames(among: try Files.names(in: directory)) {
            let path = Files.join(directory, name)
            let bytes = try Files.read(path)
            if !isOtherDocument(bytes) { found.append((path, bytes)) }
        }
        return found
    }

    /// Where the manifests may be instead, when a directory has none of its own.
    private static func directoryNotes(_ directory: String) -> [String] {
        let below = ((try? Files.names(in: directory)) ?? []).sorted().filter { !$0.hasPrefix(".") }
            .map { Files.join(directory, $0) }
            .filter { path in
                Files.isDirectory(path)
                    && !ManifestLoader.manifestFileNames(among: (try? Files.names(in: path)) ?? []).isEmpty
            }
        guard let first = below.first else { return [] }
        let more = below.count == 1 ? "" : " and \(below.count - 1) more"
        return ["subdirectories are not searched; \(first)\(more) may be meant"]
    }

    /// Whether a file of a directory is a plan, a report or an emulator state: no manifest, though it ends in `.json`.
    private static func isOtherDocument(_ bytes: Data) -> Bool {
        guard let value = try? JSONValue(parsing: bytes) else { return false }
        return value["format"]?.string?.hasPrefix("idsync.") == true
    }

    /// The manifest when no path is given: `$IDSYNC_MANIFEST`, else the usual names in the current directory.
    static func defaultPath(_ variables: [String: String]) -> String? {
        if let path = variables["IDSYNC_MANIFEST"], !path.isEmpty { return path }
        let names = ["idsync", "manifest"].flatMap { stem in ["yaml", "yml", "json"].map { "\(stem).\($0)" } }
        return names.first(where: Files.exists)
    }

    /// The operands, or the default manifest.
    static func paths(_ run: Run) throws(Failure) -> [String] {
        if !run.invocation.operands.isEmpty { return run.invocation.operands }
        guard let path = defaultPath(run.variables) else {
            throw Failure(
                code: .usage,
                message: "no manifest given, and none of $IDSYNC_MANIFEST, idsync.yaml|yml|json, "
                    + "manifest.yaml|yml|json is here"
            )
        }
        return [path]
    }
}
