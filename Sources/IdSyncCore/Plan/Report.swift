/// How one change ended; the raw value is the `status` of the report.
package enum ChangeStatus: String, Sendable, Equatable, CaseIterable {
    /// Written and verified by a GET.
    case applied
    /// Live already was as wanted; nothing was written.
    case alreadyDone = "already-done"
    /// Tried and not reached.
    case failed
    /// A gate refused it.
    case blocked
    /// Live moved so that what was approved no longer fits.
    case stale
    /// Never begun: an earlier change it depends on failed, or the run was interrupted.
    case notStarted = "not-started"
}

/// Why a change did not end as wanted, in ARM's words where ARM spoke.
package struct ReportError: Sendable, Equatable {
    /// ARM's error code, or a word of ours such as `stale`, `deadline`, `connectionLost`.
    package let code: String
    /// The message for people, scrubbed of secrets.
    package let message: String
    /// ARM's request id, when an answer carried one.
    package let requestID: String?
    /// The correlation id of the run.
    package let correlationID: String?
    /// What to do about it, such as the role to grant.
    package let remedy: String?
    /// Whether the cause is a missing permission or token, which decides the exit code.
    package let isPermission: Bool

    /// Makes an error.
    package init(
        code: String,
        message: String,
        requestID: String? = nil,
        correlationID: String? = nil,
        remedy: String? = nil,
        isPermission: Bool = false
    ) {
        self.code = code
        self.message = message
        self.requestID = requestID
        self.correlationID = correlationID
        self.remedy = remedy
        self.isPermission = isPermission
    }
}

/// How one change ended, with its cost.
package struct ChangeOutcome: Sendable, Equatable {
    /// The change.
    package let change: Change
    /// How it ended.
    package let status: ChangeStatus
    /// HTTP attempts of its write requests, retries included.
    package let attempts: Int
    /// How many of its write requests ARM accepted; with status `failed` a number above 0 means half done.
    package let writes: Int
    /// Whether the answer to a write was lost and no later look told whether ARM carried it out.
    package let isUncertain: Bool
    /// From its first request to its last answer.
    package let duration: Duration
    /// The status of the last write answer.
    package let httpStatus: Int?
    /// Why it did not end as wanted.
    package let error: ReportError?
    /// What else the user should know: an extra identity that a policy added, an identity that was dropped.
    package let notes: [String]

    /// Makes an outcome.
    package init(
        change: Change,
        status: ChangeStatus,
        attempts: Int = 0,
        writes: Int = 0,
        isUncertain: Bool = false,
        duration: Duration = .zero,
        httpStatus: Int? = nil,
        error: ReportError? = nil,
        notes: [String] = []
    ) {
        self.change = change
        self.status = status
        self.attempts = attempts
        self.writes = writes
        self.isUncertain = isUncertain
        self.duration = duration
        self.httpStatus = httpStatus
        self.error = error
        self.notes = notes
    }
}

/// What an apply did: one outcome per change of the plan, in plan order.
package struct Report: Sendable, Equatable {
    /// The outcomes.
    package let outcomes: [ChangeOutcome]
    /// The declared identities as they are afterwards, for the next pipeline step.
    package let identities: [LiveIdentity]
    /// The signal that interrupted the run (2 or 15), if any.
    package let signal: Int32?

    /// Makes a report.
    package init(outcomes: [ChangeOutcome], identities: [LiveIdentity] = [], signal: Int32? = nil) {
        self.outcomes = outcomes
        self.identities = identities
        self.signal = signal
    }

    /// Whether ARM accepted any write.
    package var wroteAnything: Bool { outcomes.contains { $0.writes > 0 } }

    /// Whether ARM accepted a write, or may have.
    package var mayHaveWritten: Bool { wroteAnything || outcomes.contains(where: \.isUncertain) }

    /// Whether every change ended as wanted.
    package var converged: Bool {
        signal == nil && outcomes.allSatisfy { $0.status == .applied || $0.status == .alreadyDone }
    }

    /// How many outcomes have a status.
    package func count(_ status: ChangeStatus) -> Int { outcomes.count { $0.status == status } }
}
