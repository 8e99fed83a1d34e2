import IdSyncCore

/// How a change ended, before it is put together with its cost.
struct Ending: Sendable {
    let status: ChangeStatus
    let error: ReportError?
    var notes: [String] = []
    /// The status of the refusal that the error is about, when later requests went well.
    var httpStatus: Int?

    static let applied = Ending(status: .applied, error: nil)
    static let alreadyDone = Ending(status: .alreadyDone, error: nil)

    static func failed(_ failure: ARMFailure, notes: [String] = []) -> Ending {
        Ending(status: .failed, error: ReportError(failure), notes: notes)
    }

    static func failed(code: String, _ message: String) -> Ending {
        Ending(status: .failed, error: ReportError(code: code, message: message))
    }

    static func blocked(_ refusals: [Refusal]) -> Ending {
        Ending(
            status: .blocked,
            error: ReportError(
                code: refusals.first?.gate.rawValue ?? "blocked",
                message: refusals.map(\.message).joined(separator: "; ")
            )
        )
    }

    static func stale(_ message: String) -> Ending {
        Ending(status: .stale, error: ReportError(code: "stale", message: message))
    }

    static func notStarted(_ message: String) -> Ending {
        Ending(status: .notStarted, error: ReportError(code: "not-started", message: message))
    }

    /// Live is as wanted, but only an operation says so that nobody has seen the end of.
    static let stillOperating = failed(
        code: "deadline",
        "the machine shows what was asked for, but its operation did not end in time; run the plan again"
    )

    /// The run was stopped and ARM did not answer in time.
    static let cutOff = failed(
        code: "interrupted",
        "the run was stopped before ARM said how this ended; run the plan again"
    )

    static func notStarted(_ reason: StopSignal.Reason) -> Ending {
        notStarted(reason.words)
    }
}

extension ReportError {
    /// What a failed call says in the report.
    init(_ failure: ARMFailure) {
        self.init(
            code: failure.code,
            message: failure.shortMessage,
            requestID: failure.requestID,
            correlationID: failure.correlationID,
            remedy: failure.remedy,
            isPermission: failure.errorClass == .permission || failure.errorClass == .authentication
        )
    }
}
