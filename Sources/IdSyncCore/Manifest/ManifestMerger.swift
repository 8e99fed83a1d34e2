import YAMLDocument

/// Joins what several files say: lists are joined, a section that may stand once is taken from the first that has it.
struct ManifestMerger {
    private let collector: DiagnosticCollector

    init(_ collector: DiagnosticCollector) { self.collector = collector }

    /// Joins the files, in the order of the command line; a section that two of them give differently is reported.
    func merge(_ files: [ManifestFile]) -> ManifestFile {
        reportDifferences(files)
        var merged = ManifestFile()
        for file in files {
            merged.cloud = merged.cloud.or(file.cloud)
            merged.apiVersions = merged.apiVersions.or(file.apiVersions)
            merged.defaults = merged.defaults.or(file.defaults)
            merged.limits = merged.limits.or(file.limits)
            merged.protected += file.protected
            merged.identities += file.identities
            merged.machines += file.machines
            merged.isIncomplete = merged.isIncomplete || file.isIncomplete
        }
        return merged
    }

    private func reportDifferences(_ files: [ManifestFile]) {
        var first: [String: ManifestFile.Section] = [:]
        for section in files.flatMap(\.sections) {
            guard let other = first[section.name] else {
                first[section.name] = section
                continue
            }
            guard !NodeText.isSame(section.node, other.node) else { continue }
            collector.error(
                .sectionDiffers,
                "'\(section.name)' is given in two files with different values",
                at: section.location,
                notes: [
                    "the other one is at \(other.location)", "keep it in one file; it applies to all of them",
                ]
            )
        }
    }
}

extension Field {
    /// This field, or the other one when this is absent.
    fileprivate func or(_ other: Field<Value>) -> Field<Value> {
        if case .absent = self { other } else { self }
    }
}
