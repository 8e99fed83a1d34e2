/// One outcome as the report document holds it: what both its JSON and its text are made from.
package struct ReportRow: Sendable, Equatable {
    /// `c1`, `c2`, … as in the plan.
    package let id: String
    /// The address, such as `vm/NAME`.
    package let address: String
    /// `create`, `update`, `delete` or `assign`.
    package let action: String
    /// The resource.
    package let resourceID: ResourceID
    /// What the VM was to gain; see `Change.assigned`.
    package let assigned: [String]
    /// What the VM was to lose; see `Change.unassigned`.
    package let unassigned: [String]
    /// How it ended.
    package let status: ChangeStatus
    /// HTTP attempts of its write requests.
    package let attempts: Int
    /// Write requests that ARM accepted.
    package let writes: Int
    /// Whether ARM may have accepted another one, whose answer was lost.
    package let isUncertain: Bool
    /// How long it took, in whole milliseconds.
    package let milliseconds: Int
    /// The status of the last write answer.
    package let httpStatus: Int?
    /// Why it did not end as wanted.
    package let error: ReportError?
    /// What else the user should know.
    package let notes: [String]
}

extension ReportRow {
    /// Makes a row from an outcome.
    package init(_ outcome: ChangeOutcome) {
        let (seconds, attoseconds) = outcome.duration.components
        self.init(
            id: outcome.change.id,
            address: outcome.change.address,
            action: outcome.change.action,
            resourceID: outcome.change.resourceID,
            assigned: outcome.change.assigned,
            unassigned: outcome.change.unassigned,
            status: outcome.status,
            attempts: outcome.attempts,
            writes: outcome.writes,
            isUncertain: outcome.isUncertain,
            milliseconds: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000),
            httpStatus: outcome.httpStatus,
            error: outcome.error,
            notes: outcome.notes
        )
    }

    var json: JSONValue {
        .members([
            "id": .string(id), "address": .string(address), "action": .string(action),
            "resourceId": .string(resourceID.description),
            "assign": .texts(assigned), "unassign": .texts(unassigned),
            "status": .string(status.rawValue),
            "attempts": .integer(attempts), "writes": .integer(writes),
            "uncertain": isUncertain ? .bool(true) : nil,
            "durationMs": .integer(milliseconds),
            "httpStatus": httpStatus.map(JSONValue.integer),
            "error": error?.json,
            "notes": .texts(notes),
        ])
    }

    init(reading row: JSONReader) throws(Diagnostic) {
        self.init(
            id: try row["id"].text(),
            address: try row["address"].text(),
            action: try row["action"].text(),
            resourceID: try row["resourceId"].resourceID(),
            assigned: try row["assign"].texts(),
            unassigned: try row["unassign"].texts(),
            status: try row["status"].choice(ChangeStatus.self),
            attempts: try row["attempts"].integer(),
            writes: try row["writes"].integer(),
            isUncertain: row.optional("uncertain") != nil,
            milliseconds: try row["durationMs"].integer(),
            httpStatus: try row.optional("httpStatus")?.integer(),
            error: try row.optional("error").map(ReportError.init(reading:)),
            notes: try row["notes"].texts()
        )
    }
}

extension ReportError {
    fileprivate var json: JSONValue {
        .members([
            "code": .string(code), "message": .string(message),
            "requestId": requestID.map(JSONValue.string),
            "correlationId": correlationID.map(JSONValue.string),
            "remedy": remedy.map(JSONValue.string),
        ])
    }

    fileprivate init(reading error: JSONReader) throws(Diagnostic) {
        self.init(
            code: try error["code"].text(),
            message: try error["message"].text(),
            requestID: try error.optional("requestId")?.text(),
            correlationID: try error.optional("correlationId")?.text(),
            remedy: try error.optional("remedy")?.text()
        )
    }
}
