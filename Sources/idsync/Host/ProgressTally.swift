import IdSyncCore

/// What an apply says while it runs; pure, so the times come in.
struct ProgressTally: Sendable {
    /// How long without news before a line says that the run goes on.
    static let heartbeat = Duration.seconds(30)
    /// Most names of changes under way.
    private static let nameLimit = 3

    private let changes: [Change]
    private let style: Style
    private let showsTimes: Bool
    private let began: Duration
    private var ended: Set<String> = []
    /// The changes before this index have ended.
    private var cursor = 0
    private var done = 0
    private var lastEnd: Duration
    private var lastNews: Duration

    init(_ changes: [Change], style: Style, showsTimes: Bool, at now: Duration) {
        self.changes = changes
        self.style = style
        self.showsTimes = showsTimes
        began = now
        lastEnd = now
        lastNews = now
    }

    private var total: Int { changes.count }
    /// Whether every change has ended.
    var isOver: Bool { ended.count >= total }

    /// Counts an outcome: `3 of 5 done: ~ web-01 applied, 33 s`; nil for a change that was never begun.
    mutating func finished(_ outcome: ChangeOutcome, at now: Duration) -> String? {
        ended.insert(outcome.change.id)
        while cursor < total, ended.contains(changes[cursor].id) { cursor += 1 }
        guard outcome.status != .notStarted else { return nil }
        done += 1
        (lastEnd, lastNews) = (now, now)
        let brief = OutcomeBrief.text(outcome, showsTime: showsTimes, style: style)
        return "\(done) of \(total) done: \(brief)"
    }

    /// `still working after 1 min: web-01, web-02 (2 of 5 done)`; nil when something was said a moment ago.
    mutating func heartbeat(at now: Duration) -> String? {
        guard !isOver, now - lastNews >= Self.heartbeat else { return nil }
        lastNews = now
        return "still working after \(Elapsed.text(since: now - began)): \(underWay) "
            + "(\(done) of \(total) done)"
    }

    /// The line that stays at the bottom of a terminal: `[2/5] 33 s, about 2 min left: web-01, web-02`.
    func liveLine(at now: Duration) -> String {
        let left = left(at: now).map { ", about \(Elapsed.text(since: $0)) left" } ?? ""
        return "[\(done)/\(total)] \(Elapsed.text(since: now - began))\(left): \(underWay)"
    }

    /// The first of those that have not ended; the changes of a stage are begun in their order.
    private var underWay: String {
        guard cursor < total else { return "finishing" }
        let stage = changes[cursor].stage
        var names: [String] = []
        for change in changes[cursor...] where !ended.contains(change.id) {
            guard change.stage == stage else { break }
            guard names.count < Self.nameLimit else { return names.joined(separator: ", ") + ", …" }
            names.append(TerminalText.safe(change.resourceID.name))
        }
        return names.joined(separator: ", ")
    }

    /// How long the rest takes at the pace so far, counted down since the last end; nil while too few have ended to
    /// tell, and when the rest is overdue.
    private func left(at now: Duration) -> Duration? {
        guard done >= 5, done * 5 >= total, done < total else { return nil }
        let left = (lastEnd - began) / done * (total - done) - (now - lastEnd)
        return left >= .seconds(1) ? left : nil
    }
}
