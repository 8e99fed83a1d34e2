/// What the process exit code says; whether Azure was written is part of the meaning (DESIGN section 6).
enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case internalError = 1
    case changesPending = 2
    case manifestInvalid = 3
    case notAuthorized = 4
    case refused = 5
    case stale = 6
    case partial = 7
    case failed = 9
    case usage = 64
    case interrupted = 130
    case terminated = 143

    /// The meaning in one line, for `help exit-codes`.
    var meaning: String {
        switch self {
        case .done: "done: planned, or converged"
        case .internalError: "internal or unclassified error"
        case .changesPending: "changes pending (only with --detailed-exitcode)"
        case .manifestInvalid: "manifest invalid"
        case .notAuthorized: "authentication or permission"
        case .refused: "refused by a gate, or not approved"
        case .stale: "stale: live state or manifest no longer matches the approved plan"
        case .partial: "partial: at least one write succeeded, not all"
        case .failed: "failed before any write succeeded"
        case .usage: "usage error"
        case .interrupted: "interrupted by SIGINT; the report is still written"
        case .terminated: "interrupted by SIGTERM; the report is still written"
        }
    }

    /// Whether Azure was written when this code is seen.
    var written: String {
        switch self {
        case .done: "as reported"
        case .internalError: "none known"
        case .partial: "YES"
        case .interrupted, .terminated: "see report"
        default: "no"
        }
    }

    /// The code for a run that a signal ended.
    init(signal: Int32) { self = signal == 15 ? .terminated : .interrupted }
}
