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

    /// Reads the files that the operands name; a directory means its manifest files.
    static func read(_ paths: [String]) throws(Failure) -> ManifestInput {
        var documents: [(name: String, bytes: Data)] = []
        var seen: Set<String> = []
        do throws(FileProblem) {
            for path in paths {
                for file in try expand(path) where seen.insert(file).inserted {
                    documents.append((file == "-" ? "<stdin>" : file, try Files.read(file)))
                }
            }
        } catch {
            throw Failure(code: .manifestInvalid, message: error.message)
        }
        return ManifestInput(documents: documents)
    }

    private static func expand(_ path: String) throws(FileProblem) -> [String] {
        guard path != "-", Files.isDirectory(path) else { return [path] }
        let names = ManifestLoader.manifestFileNames(among: try Files.names(in: path))
        guard !names.isEmpty else {
            throw FileProblem(message: "\(path): no manifest in this directory (*.yaml, *.yml, *.json)")
        }
        return names.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
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
