/// What an apply did, for people; the single outcome lines also serve as progress while it runs.
package struct ReportText: Sendable {
    let document: ReportDocument
    let style: Style

    /// Makes a rendering.
    package init(_ document: ReportDocument, style: Style = .plain) {
        self.document = document
        self.style = style
    }

    /// The text, ending in a line feed; the last line is stable and starts with `Applied: `.
    package func render() -> String {
        var lines = [style.paint("idsync \(document.toolVersion) apply", .heading)]
        if let digest = document.planDigest { lines[0] += "  plan \(TerminalText.safe(digest))" }
        let line = OutcomeLine(names: document.rows.map(\.name), total: document.rows.count, style: style)
        for (index, row) in document.rows.enumerated() { lines += line.lines(for: row, number: index + 1) }
        lines += blockedLines + createdLines + closing
        lines.append(lastLine)
        return lines.joined(separator: "\n") + "\n"
    }

    private var blockedLines: [String] {
        document.blocked.map { item in
            let mark = style.paint("BLOCKED \(item.gate.rawValue)", .refused)
            return "! \(TerminalText.safe(item.address))  \(mark)  \(TerminalText.safe(item.message))"
        }
    }

    /// The ids that a new identity got, which the plan could not show.
    private var createdLines: [String] {
        let created = Set(
            document.rows.filter { $0.action == "create" && $0.status == .applied }.map(\.resourceID)
        )
        return document.identities.filter { created.contains($0.id) }.map { identity in
            let ids = [
                identity.clientID.map { "client id \($0)" },
                identity.principalID.map { "principal id \($0)" },
            ]
            return TerminalText.safe(
                "identity \(identity.id.name): " + ids.compactMap(\.self).joined(separator: ", ")
            )
        }
    }

    private var closing: [String] {
        var lines: [String] = []
        if let signal = document.signal {
            let name = signal == 2 ? "SIGINT" : signal == 15 ? "SIGTERM" : "signal \(signal)"
            lines.append("interrupted by \(name)")
        }
        if document.count(.stale) > 0 {
            lines.append("next: plan again and approve the new plan; what is stale was not touched")
        } else if document.count(.failed) + document.count(.notStarted) > 0 {
            lines.append(
                document.blocked.isEmpty || document.mayHaveWritten
                    ? "next: solve what failed and run the same command again; finished changes are recognised and skipped"
                    : "next: solve what is blocked, or leave it out with --skip-blocked"
            )
        }
        return lines
    }

    /// Whether Azure is as it was before: what decides whether a run may simply be repeated elsewhere.
    private var modification: String {
        if document.wroteAnything { return "Azure was modified." }
        return document.mayHaveWritten ? "Azure may have been modified." : "Azure was not modified."
    }

    private var lastLine: String {
        let optional = { (status: ChangeStatus, word: String) -> String in
            let count = document.count(status)
            return count == 0 ? "" : ", \(count) \(word)"
        }
        return "Applied: \(document.count(.applied)) of \(document.rows.count)"
            + optional(.alreadyDone, "already done")
            + ". \(document.count(.failed)) failed" + optional(.stale, "stale")
            + optional(.blocked, "blocked")
            + ", \(document.count(.notStarted)) not started. "
            + modification
    }
}

/// Renders single outcomes, aligned with their neighbours.
package struct OutcomeLine: Sendable {
    private let width: Int
    private let total: Int
    private let style: Style

    /// Makes a renderer for a run of `changes`; use it for every change that finishes, in any order.
    package init(changes: [Change], style: Style = .plain) {
        self.init(names: changes.map { ReportRow.name(of: $0.address) }, total: changes.count, style: style)
    }

    init(names: [String], total: Int, style: Style) {
        // Names are mostly short; one long name must not push every text to the right edge.
        width = min(28, names.map(\.count).max() ?? 0)
        self.total = total
        self.style = style
    }

    /// The lines for an outcome: `[4/5] ~ vm-1  + ID1  38.0 s`, then what else there is to say about it.
    ///
    /// `number` counts from 1: the place in the plan, or how many are finished.
    package func lines(for outcome: ChangeOutcome, number: Int) -> [String] {
        lines(for: ReportRow(outcome), number: number)
    }

    func lines(for row: ReportRow, number: Int) -> [String] {
        let (symbol, role) = Self.mark(of: row)
        let counter = "[\(Words.pad("", to: String(total).count - String(number).count))\(number)/\(total)]"
        let name = Words.pad(row.name, to: width)
        return ["\(counter) \(style.paint("\(symbol) \(name)", role))  \(text(of: row))"] + remarks(on: row)
    }

    private func text(of row: ReportRow) -> String {
        switch row.status {
        case .applied: return Words.pad(row.achievement, to: 24) + "  " + Self.time(row.milliseconds)
        case .alreadyDone: return "already done"
        case .failed:
            let tries = "(\(Words.count(row.attempts, "try", "tries")), \(Self.time(row.milliseconds)))"
            let status = row.httpStatus.map { " \($0)" } ?? ""
            return style.paint("FAILED\(status)", .refused) + row.cause + " " + tries
        case .blocked: return style.paint("BLOCKED", .refused) + row.cause
        case .stale: return style.paint("STALE", .refused) + (row.error.map { " " + $0.safeMessage } ?? "")
        case .notStarted: return "not started" + (row.error.map { ": " + $0.safeMessage } ?? "")
        }
    }

    private func remarks(on row: ReportRow) -> [String] {
        var remarks: [String] = []
        if row.status == .failed, row.writes > 0, row.notes.isEmpty {
            remarks.append(
                "note: ARM accepted \(Words.count(row.writes, "request")) of it; live may be half way"
            )
        } else if row.isUncertain {
            remarks.append("note: the answer was lost; whether ARM made the change is not known")
        }
        remarks += row.notes.map { "note: \($0)" }
        if let error = row.error {
            let ids = [
                error.requestID.map { "request id \($0)" },
                error.correlationID.map { "correlation id \($0)" },
            ]
            let list = ids.compactMap(\.self).joined(separator: ", ")
            if !list.isEmpty { remarks.append(list) }
            if let remedy = error.remedy {
                let lines = remedy.split(separator: "\n").map(String.init)
                remarks += lines.enumerated().map {
                    $0.offset == 0 ? "next: \($0.element)" : "  \($0.element)"
                }
            }
        }
        return remarks.map { "      \(TerminalText.safe($0))" }
    }

    private static func mark(of row: ReportRow) -> (symbol: String, role: Style.Role) {
        switch row.action {
        case "create": ("+", .added)
        case "delete": ("-", .removed)
        default: ("~", .changed)
        }
    }

    /// `0.6 s`, `61 s`, `2 min 5 s`.
    static func time(_ milliseconds: Int) -> String {
        let tenths = (milliseconds + 50) / 100
        if tenths < 600 { return "\(tenths / 10).\(tenths % 10) s" }
        let seconds = (milliseconds + 500) / 1000
        return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }
}

extension ReportRow {
    /// The address without its kind, safe to print.
    var name: String { Self.name(of: address) }

    static func name(of address: String) -> String {
        let rest = address.drop { $0 != "/" }.dropFirst()
        return TerminalText.safe(rest.isEmpty ? address : String(rest))
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

    /// ` Code, message`; empty when there is no error.
    fileprivate var cause: String {
        error.map { " \(TerminalText.safe($0.code)), \($0.safeMessage)" } ?? ""
    }
}

extension ReportError {
    fileprivate var safeMessage: String { TerminalText.safe(message) }
}
