/// What the writes of one change cost.
struct WriteTally: Sendable {
    /// Requests that ARM accepted.
    private(set) var writes = 0
    /// HTTP attempts, retries included.
    private(set) var attempts = 0
    /// The last status of a write.
    private(set) var httpStatus: Int?
    /// Whether ARM may have accepted the last request although nobody got the answer.
    private var doubt = Doubt.none
    /// Whether that was so of an earlier request, and no look has told.
    private var hasOldDoubt = false

    private enum Doubt { case none, settles, stays }

    /// Whether ARM may have accepted a request without anybody knowing.
    var isUncertain: Bool { doubt != .none || hasOldDoubt }

    /// Whether this change wrote to Azure, or may have.
    var mayHaveWritten: Bool { writes > 0 || isUncertain }

    /// A look after the last request: an ETag that has not moved proves that it was not carried out.
    ///
    /// A request that a gateway or the network still holds may arrive after the look, so that doubt stays.
    mutating func looked(etag: String?, since sent: String?) {
        guard doubt != .none else { return }
        if doubt == .stays || sent == nil || etag != sent { hasOldDoubt = true }
        doubt = .none
    }

    /// A look has shown what was asked for: a request whose answer was lost was carried out.
    mutating func arrived() {
        if isUncertain { writes = max(writes, 1) }
        doubt = .none
        hasOldDoubt = false
    }

    /// Adds one request with all its attempts; any of them may have arrived although its answer did not (F67).
    mutating func note(_ outcome: Result<ARMAnswer, ARMFailure>, _ log: AttemptLog) {
        if doubt != .none { hasOldDoubt = true }
        doubt = .none
        switch outcome {
        case .success(let answer):
            attempts += answer.attempts
            httpStatus = answer.status
            if answer.isFromARM { writes += 1 } else { doubt = .stays }
        case .failure(let failure):
            attempts += max(log.attempts, failure.attempts)
            httpStatus = failure.armError?.status ?? httpStatus
            if log.leavesDoubt { doubt = log.mayStillArrive ? .stays : .settles }
        }
    }
}
