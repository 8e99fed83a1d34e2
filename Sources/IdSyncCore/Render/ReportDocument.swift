package import Foundation

/// What an apply did, for machines: `idsync.report/1`.
package struct ReportDocument: Sendable, Equatable {
    /// The version of the document format that this program writes.
    package static let format = "idsync.report/1"

    /// The version of idsync that applied.
    package let toolVersion: String
    /// The digest of the plan that was carried out; nil when the run ended before there was one.
    package let planDigest: String?
    /// One row per change of the plan, in plan order.
    package let rows: [ReportRow]
    /// The declared identities as they are afterwards, sorted by id.
    package let identities: [LiveIdentity]
    /// The targets that a gate kept out of the plan.
    package let blocked: [BlockedItem]
    /// What there is to say about the run as a whole.
    package let diagnostics: [Diagnostic]
    /// The exit code of the run (DESIGN section 6).
    package let exitCode: Int
    /// The signal that interrupted the run (2 or 15), if any.
    package let signal: Int32?

    /// Makes a document from a report.
    package init(
        report: Report,
        planDigest: String?,
        toolVersion: String,
        blocked: [BlockedItem] = [],
        diagnostics: [Diagnostic] = [],
        exitCode: Int
    ) {
        self.toolVersion = toolVersion
        self.planDigest = planDigest
        rows = report.outcomes.map(ReportRow.init)
        identities = report.identities.sorted { $0.id < $1.id }
        self.blocked = blocked
        self.diagnostics = diagnostics
        self.exitCode = exitCode
        signal = report.signal
    }

    /// Reads a saved report.
    ///
    /// - Throws: a `Diagnostic` of `SavedDocumentCode` for a file that is damaged or of another format.
    package init(parsing data: Data) throws(Diagnostic) {
        let value = try SavedDocument.parse(data, kind: "report")
        let report = JSONReader(value)
        toolVersion = try report["tool"]["version"].text()
        planDigest = try report.optional("planDigest")?.text()
        rows = try report["changes"].map(ReportRow.init(reading:))
        identities = try report["identities"].map(LiveIdentity.init(reading:))
        blocked = try report["blocked"].map(BlockedItem.init(reading:))
        diagnostics = try report["diagnostics"].map(Diagnostic.init(reading:))
        exitCode = try report["exitCode"].integer()
        signal = try report.optional("signal").map { reader throws(Diagnostic) in
            Int32(clamping: try reader.integer())
        }
    }

    /// The document; see `schemas/report.schema.json`.
    package var json: JSONValue {
        .members([
            "format": .string(Self.format),
            "tool": ["name": "idsync", "version": .string(toolVersion)],
            "planDigest": planDigest.map(JSONValue.string),
            "summary": summary,
            "changes": .array(rows.map(\.json)),
            "identities": .array(identities.map(\.json)),
            "blocked": .array(blocked.map(\.json)),
            "diagnostics": .array(diagnostics.map(\.json)),
            "exitCode": .integer(exitCode),
            "signal": signal.map { .integer(Int($0)) },
        ])
    }

    /// How many rows have a status.
    func count(_ status: ChangeStatus) -> Int { rows.count { $0.status == status } }

    /// Whether ARM accepted any write.
    var wroteAnything: Bool { rows.contains { $0.writes > 0 } }

    /// Whether ARM accepted any write, or may have.
    var mayHaveWritten: Bool { wroteAnything || rows.contains(where: \.isUncertain) }

    private var summary: JSONValue {
        var members: [String: JSONValue] = [
            "changes": .integer(rows.count), "azureModified": .bool(mayHaveWritten),
        ]
        for status in ChangeStatus.allCases { members[status.rawValue] = .integer(count(status)) }
        return .object(members)
    }
}

extension LiveIdentity {
    /// What the next pipeline step needs to know about an identity.
    fileprivate var json: JSONValue {
        .members([
            "name": .string(id.name), "id": .string(id.description),
            "clientId": clientID.map(JSONValue.string),
            "principalId": principalID.map(JSONValue.string),
            "tenantId": tenantID.map(JSONValue.string),
        ])
    }

    /// The document does not hold location and tags.
    fileprivate init(reading identity: JSONReader) throws(Diagnostic) {
        self.init(
            id: try identity["id"].resourceID(),
            location: "",
            clientID: try identity.optional("clientId")?.text(),
            principalID: try identity.optional("principalId")?.text(),
            tenantID: try identity.optional("tenantId")?.text()
        )
    }
}
