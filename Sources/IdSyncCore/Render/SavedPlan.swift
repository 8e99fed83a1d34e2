package import Foundation

/// The codes of errors in saved documents.
package enum SavedDocumentCode {
    /// Not JSON, or cut off.
    package static let syntax = "IDS4001"
    /// Another kind of document, or a format that this version does not read.
    package static let format = "IDS4002"
    /// The digest is missing or does not fit the contents.
    package static let digest = "IDS4003"
    /// A member is missing or of the wrong kind.
    package static let shape = "IDS4004"
}

/// A plan that was read back from its file and found whole.
package struct SavedPlan: Sendable, Equatable {
    /// The plan with its target, manifest files and options.
    package let document: PlanDocument
    /// The digest that the file carries and that fits its contents.
    package let digest: String

    /// The changes that were approved.
    package var changes: [Change] { document.plan.changes }
    /// Where the plan was made, and is to be applied.
    package var target: PlanTarget { document.target }
    /// The manifest files that it was made from.
    package var manifest: ManifestDigest { document.manifest }
    /// The limits that flags set when it was made.
    package var options: PlanOptions { document.options }

    /// Reads a saved plan.
    ///
    /// - Throws: a `Diagnostic` of `SavedDocumentCode` for a file that is cut off, damaged, altered after it was
    ///   written, or of another format.
    package init(parsing data: Data) throws(Diagnostic) {
        let value = try SavedDocument.parse(data, kind: "plan")
        guard let digest = value["digest"]?.string else {
            throw Self.altered("it carries no digest")
        }
        let actual = PlanDigest.digest(of: value)
        guard digest == actual else {
            throw Self.altered("its contents have the digest \(actual), it says \(TerminalText.safe(digest))")
        }
        document = try PlanDocument(reading: JSONReader(value))
        self.digest = digest
    }

    private static func altered(_ why: String) -> Diagnostic {
        Diagnostic(
            .error,
            code: SavedDocumentCode.digest,
            "the saved plan was damaged or altered after it was written: \(why)",
            notes: ["make a new plan with 'idsync plan'"]
        )
    }
}

/// What saved plans and saved reports have in common: JSON with a `format` of a known major version.
package enum SavedDocument {
    /// The format major that this version reads and writes, of plans and of reports.
    static let major = "1"

    static func parse(_ data: Data, kind: String) throws(Diagnostic) -> JSONValue {
        guard let value = try? JSONValue(parsing: data) else {
            throw Diagnostic(
                .error,
                code: SavedDocumentCode.syntax,
                "the saved \(kind) is not complete JSON: it was cut off or damaged",
                notes: ["make a new \(kind)"]
            )
        }
        try check(value["format"]?.string, kind: kind)
        return value
    }

    /// Which kind of document the data holds, `plan` or `report`; nil for anything else.
    package static func kind(of data: Data) -> String? {
        let format = (try? JSONValue(parsing: data))?["format"]?.string ?? ""
        return ["plan", "report"].first { format.hasPrefix("idsync.\($0)/") }
    }

    /// A newer minor version only adds members; a newer major version may mean something else by the same ones.
    private static func check(_ format: String?, kind: String) throws(Diagnostic) {
        let prefix = "idsync.\(kind)/"
        guard let format, format.hasPrefix(prefix) else {
            throw Diagnostic(
                .error,
                code: SavedDocumentCode.format,
                "this is not a saved \(kind): its format is "
                    + (format.map { "'\(TerminalText.safe($0))'" } ?? "missing")
            )
        }
        let version = format.dropFirst(prefix.count)
        guard version.prefix(while: { $0 != "." }) == major else {
            throw Diagnostic(
                .error,
                code: SavedDocumentCode.format,
                "the saved \(kind) has format '\(TerminalText.safe(format))', this version of idsync reads '\(prefix)\(major)'",
                notes: ["use the version of idsync that wrote it, or make a new \(kind)"]
            )
        }
    }
}
