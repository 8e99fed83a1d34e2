/// Renders the outcomes of a report, their columns aligned over the whole report.
struct OutcomeText {
    private let style: Style
    private let showsTimes: Bool
    private let total: Int
    private let nameWidth: Int
    private let achievementWidth: Int

    /// Columns of everything below the first line of an outcome.
    private static let indent = 6

    init(rows: [ReportRow], style: Style, showsTimes: Bool) {
        self.style = style
        self.showsTimes = showsTimes
        total = rows.count
        // One long name or list must not push every text to the right edge.
        nameWidth = min(40, rows.map(\.name.count).max() ?? 0)
        achievementWidth = min(48, rows.filter { $0.status == .applied }.map(\.achievement.count).max() ?? 0)
    }

    /// The lines for an outcome: `[4/5] ~ vm-1  + ID1  38 s`, then what else there is to say about it.
    func lines(for row: ReportRow, number: Int) -> [String] {
        let failure = row.status == .failed ? FailureText(row) : nil
        let (mark, text) = headline(of: row, failure)
        let (symbol, role) = row.mark
        let counter = "[\(Words.pad("", to: String(total).count - String(number).count))\(number)/\(total)]"
        let title = "\(symbol) \(Words.pad(row.name, to: nameWidth))"
        let head = "\(counter) \(title)  \(mark)"
        let painted = "\(counter) \(style.paint(title, role))  \(style.paint(mark, .refused))"
        return Layout.hang(head, TerminalText.safe(text)) { _ in painted }
            .map { $0.trimmingTrailingBlanks } + details(of: row, failure)
    }

    /// The word that cannot be overlooked, and the text after it.
    private func headline(of row: ReportRow, _ failure: FailureText?) -> (mark: String, text: String) {
        switch row.status {
        case .applied:
            guard showsTimes else { return ("", row.achievement) }
            let time = Elapsed.text(milliseconds: row.milliseconds)
            return ("", "\(Words.pad(row.achievement, to: achievementWidth))  \(time)")
        case .alreadyDone: return ("", "already done")
        case .failed: return ("FAILED  ", failure?.sentence ?? "")
        case .blocked: return ("BLOCKED  ", row.error.map { "\($0.code): \($0.message)" } ?? "")
        case .stale: return ("STALE  ", row.error?.message ?? "")
        case .notStarted: return ("", "not started" + (row.error.map { ": " + $0.message } ?? ""))
        }
    }

    private func details(of row: ReportRow, _ failure: FailureText?) -> [String] {
        var lines: [String] = []
        func add(_ label: String, _ text: String) {
            lines += Layout.labelled(label, TerminalText.safe(text), indent: Self.indent)
        }
        if let done = failure.flatMap({ achievement(of: row, without: $0.leftOut) }) { add("done", done) }
        if let text = halfWay(row) { add("note", text) }
        for note in failure?.notes ?? row.notes { add("note", note) }
        guard let error = row.error else { return lines }
        if let remedy = error.remedy {
            lines += RemedyText.lines(
                TerminalText.safeLines(failure?.withoutSentence(remedy) ?? remedy),
                indent: Self.indent,
                leavesOutRole: failure?.leftOut.contains(where: \.isPermission) == true
            )
        }
        if let facts = facts(of: row, error) { add(facts.label, facts.text) }
        if let message = failure?.message { add("message", FailureText.shortened(message)) }
        return lines
    }

    private func halfWay(_ row: ReportRow) -> String? {
        if row.status == .failed, row.writes > 0, row.notes.isEmpty {
            return "ARM accepted \(Words.count(row.writes, "request")) of it, so live may be half way"
        }
        return row.isUncertain ? "the answer was lost; whether ARM made the change is not known" : nil
    }

    /// What is in place although some identities were left out; nil when that cannot be told from their names.
    private func achievement(of row: ReportRow, without leftOut: [LeftOutIdentity]) -> String? {
        guard !leftOut.isEmpty else { return nil }
        let names = row.assigned.map { (try? ResourceID(parsing: $0))?.name ?? $0 }
        guard Set(names).count == names.count else { return nil }
        let gone = Set(leftOut.map(\.name))
        let assigned = zip(names, row.assigned).filter { !gone.contains($0.0) }.map(\.1)
        let text = MachineText.summary(
            assigned: assigned,
            unassigned: row.unassigned,
            on: row.resourceID
        )
        return text.isEmpty ? nil : text
    }

    /// What ARM's support asks for: `403 LinkedAuthorizationFailed, 2 tries, 9.0 s; request id …`.
    private func facts(of row: ReportRow, _ error: ReportError) -> (label: String, text: String)? {
        guard row.status == .failed else { return nil }
        // A failure behind a status of success is one of the operation, not of that answer.
        let status = row.httpStatus.flatMap { $0 >= 300 ? String($0) : nil }
        let answer = [status, error.isARMs ? error.code : nil].compactMap(\.self).joined(separator: " ")
        let tries = row.attempts > 0 ? Words.count(row.attempts, "try", "tries") : nil
        let time = showsTimes ? Elapsed.text(milliseconds: row.milliseconds) : nil
        let ids = [
            error.requestID.map { "request id \($0)" }, error.correlationID.map { "correlation id \($0)" },
        ].compactMap { $0?.replacing(" ", with: Layout.fixedBlank) }.joined(separator: ", ")
        guard !answer.isEmpty || tries != nil || !ids.isEmpty else { return nil }
        let first = answer.isEmpty ? error.code : answer
        let cost = [first, tries, time].compactMap(\.self).joined(separator: ", ")
        let text = [cost, ids].filter { !$0.isEmpty }.joined(separator: "; ")
        return (answer.isEmpty && ids.isEmpty ? "error" : "ARM", text)
    }
}

/// One finished change in a few words.
package enum OutcomeBrief {
    /// `~ web-01 applied, 33 s`; the report has the rest.
    package static func text(_ outcome: ChangeOutcome, showsTime: Bool, style: Style = .plain) -> String {
        let row = ReportRow(outcome)
        let (symbol, role) = row.mark
        let isBad = [.failed, .blocked, .stale].contains(outcome.status)
        let word: String =
            switch outcome.status {
            case .applied: "applied"
            case .alreadyDone: "already done"
            case .failed: "FAILED"
            case .blocked: "BLOCKED"
            case .stale: "STALE"
            case .notStarted: "not started"
            }
        let time = showsTime ? ", \(Elapsed.text(milliseconds: row.milliseconds))" : ""
        return style.paint("\(symbol) \(row.name)", role) + " "
            + (isBad ? style.paint(word, .refused) : word) + time
    }
}

extension ReportRow {
    /// The address without its kind, safe to print.
    var name: String {
        let rest = address.drop { $0 != "/" }.dropFirst()
        return TerminalText.safe(rest.isEmpty ? address : String(rest))
    }

    fileprivate var mark: (symbol: String, role: Style.Role) {
        switch action {
        case "create": ("+", .added)
        case "delete": ("-", .removed)
        default: ("~", .changed)
        }
    }

    /// What was reached, for a change that was applied.
    fileprivate var achievement: String {
        switch action {
        case "create": "created"
        case "update": "updated"
        case "delete": "deleted"
        default: MachineText.summary(assigned: assigned, unassigned: unassigned, on: resourceID)
        }
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: String {
        var text = self[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
