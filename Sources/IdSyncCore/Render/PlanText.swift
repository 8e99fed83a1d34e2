/// How much was read and declared: the figures of the plan text that the plan itself does not hold.
package struct PlanCounts: Sendable, Equatable {
    /// Identities found in Azure.
    package let identitiesRead: Int
    /// VMs and scale sets found in Azure.
    package let machinesRead: Int
    /// Identities that the manifest wants to exist.
    package let identitiesWanted: Int
    /// Assignments that the manifest asks for, system-assigned identities included.
    package let assignmentsWanted: Int

    /// Makes a set of counts.
    package init(identitiesRead: Int, machinesRead: Int, identitiesWanted: Int, assignmentsWanted: Int) {
        self.identitiesRead = identitiesRead
        self.machinesRead = machinesRead
        self.identitiesWanted = identitiesWanted
        self.assignmentsWanted = assignmentsWanted
    }

    /// Counts the states that a plan was computed from.
    package init(desired: DesiredState, live: LiveState) {
        self.init(
            identitiesRead: live.identities.values.count { $0.value != nil },
            machinesRead: live.machines.values.count { $0.value != nil },
            identitiesWanted: desired.identities.count { $0.presence == .present },
            assignmentsWanted: desired.machines.reduce(0) {
                $0 + $1.userAssigned.count + ($1.systemAssigned == true ? 1 : 0)
            }
        )
    }
}

/// A plan for people: one block of lines per resource, the counts last.
///
/// The last line is stable: it starts with `Plan: ` or `No changes.`; JSON is the contract for everything else.
package struct PlanText: Sendable {
    let document: PlanDocument
    let counts: PlanCounts?
    let style: Style
    let isVerbose: Bool

    /// Makes a rendering; `counts` is nil for a saved plan, which does not hold them.
    package init(
        _ document: PlanDocument,
        counts: PlanCounts? = nil,
        style: Style = .plain,
        isVerbose: Bool = false
    ) {
        self.document = document
        self.counts = counts
        self.style = style
        self.isVerbose = isVerbose
    }

    private var plan: Plan { document.plan }
    private var summary: PlanSummary { document.plan.summary }

    /// The text, ending in a line feed; its time is linear in the size of the plan.
    package func render() -> String {
        let rows = PlanRows(plan, sharesWarnings: !isVerbose)
        guard !rows.isEmpty else { return lastLine + "\n" }
        let places = Places(plan)
        var lines = [heading] + places.lines + [readLine]
        let text = ChangeText(style: style, isVerbose: isVerbose, places: places)
        for section in PlanRows.Section.allCases {
            guard let members = rows.sections[section] else { continue }
            lines += ["", style.paint(section.title, .heading)]
            var above: PlanRows.Row?
            for row in members {
                lines += text.lines(for: row, below: above)
                above = row
            }
        }
        lines += sharedWarnings(rows) + [""] + notes
        lines.append(style.paint("plan \(document.digest)", .faint))
        if let loss = LossText.line(plan.changes) {
            lines += Layout.wrap(loss, width: Layout.width).map { style.paint($0, .removed) }
        }
        lines.append(lastLine)
        return lines.joined(separator: "\n") + "\n"
    }

    private var heading: String {
        let name = style.paint("idsync \(document.toolVersion) plan", .heading)
        return "\(name)  \(TerminalText.safe(document.target.heading))"
    }

    private func sharedWarnings(_ rows: PlanRows) -> [String] {
        guard !rows.shared.isEmpty else { return [] }
        return ["", style.paint("Warnings", .heading)]
            + rows.shared.flatMap { shared in
                Layout.hang("! ", TerminalText.safe(shared.text)) { style.paint($0, .changed) }
            }
    }

    private var readLine: String {
        let requests = "\(Words.count(plan.reads, "read")), 0 writes"
        guard let counts else { return requests }
        let identities = Words.count(counts.identitiesRead, "identity", "identities")
        return "read \(identities), \(Words.count(counts.machinesRead, "VM")) (\(requests))"
    }

    private var notes: [String] {
        var lines: [String] = []
        if summary.kept > 0 {
            lines.append("\(Words.count(summary.kept, "identity", "identities")) on these VMs kept.")
        }
        if summary.unassign > 0 {
            // F34: the platform caches tokens for about a day and there is no way to flush them.
            lines.append(
                "Tokens already issued to detached identities stay valid for up to 24 h."
            )
        }
        return lines
    }

    private var lastLine: String {
        let warnings = Words.count(summary.warnings, "warning")
        guard summary.hasChanges || summary.blocked > 0 else {
            return "No changes." + inSync + (summary.warnings > 0 ? " \(warnings)." : "")
        }
        return "Plan: \(summary.create) to create, \(summary.update) to update, \(summary.delete) to delete, "
            + "\(summary.assign) to assign, \(summary.unassign) to unassign. "
            + "\(summary.blocked) blocked, \(warnings)."
    }

    private var inSync: String {
        let reads = Words.count(plan.reads, "read")
        guard let counts else { return " \(reads)." }
        let identities = Words.count(counts.identitiesWanted, "identity", "identities")
        return " \(identities), \(Words.count(counts.assignmentsWanted, "assignment")) in sync (\(reads))."
    }
}
