/// How the run behind a report was started: what its advice depends on.
package struct ReportContext: Sendable, Equatable {
    /// The command that makes the plan anew, such as `idsync plan manifest.yaml`.
    package let planCommand: String
    /// Whether `--skip-blocked` was given.
    package let skipsBlocked: Bool
    /// Whether the in-process emulator played ARM, whose waits take no time.
    package let isEmulated: Bool

    /// Makes a context.
    package init(
        planCommand: String = "idsync plan",
        skipsBlocked: Bool = false,
        isEmulated: Bool = false
    ) {
        self.planCommand = planCommand
        self.skipsBlocked = skipsBlocked
        self.isEmulated = isEmulated
    }
}

/// What an apply did, for people.
package struct ReportText: Sendable {
    let document: ReportDocument
    let style: Style
    let context: ReportContext

    /// Makes a rendering.
    package init(
        _ document: ReportDocument,
        style: Style = .plain,
        context: ReportContext = ReportContext()
    ) {
        self.document = document
        self.style = style
        self.context = context
    }

    /// The text, ending in a line feed; the last line is stable and starts with `Applied: `.
    package func render() -> String {
        var lines = [style.paint("idsync \(document.toolVersion) apply", .heading)]
        if let digest = document.planDigest { lines[0] += "  plan \(TerminalText.safe(digest))" }
        let text = OutcomeText(rows: document.rows, style: style, showsTimes: !context.isEmulated)
        for (index, row) in document.rows.enumerated() { lines += text.lines(for: row, number: index + 1) }
        lines += blockedLines + createdLines + signalLines + nextLines
        lines.append(lastLine)
        return lines.joined(separator: "\n") + "\n"
    }

    private var blockedLines: [String] {
        document.blocked.flatMap { item in
            let mark = style.paint("BLOCKED \(item.gate.rawValue)", .refused)
            return ["! \(TerminalText.safe(item.address))  \(mark)"]
                + Layout.hang("", TerminalText.safe(item.message), indent: 6)
                + (item.gate.nextStep.map { Layout.labelled("next", $0, indent: 6) } ?? [])
        }
    }

    /// The ids that a new identity got, which the plan could not show.
    private var createdLines: [String] {
        let created = Set(
            document.rows.filter { $0.action == "create" && $0.status == .applied }.map(\.resourceID)
        )
        return document.identities.filter { created.contains($0.id) }.flatMap { identity in
            let ids = [
                identity.clientID.map { "client id \($0)" },
                identity.principalID.map { "principal id \($0)" },
            ].compactMap { $0?.replacing(" ", with: Layout.fixedBlank) }.joined(separator: ", ")
            return Layout.hang(
                TerminalText.safe("identity \(identity.id.name): "),
                TerminalText.safe(ids)
            )
        }
    }

    private var signalLines: [String] {
        guard let signal = document.signal else { return [] }
        let name = signal == 2 ? "SIGINT" : signal == 15 ? "SIGTERM" : "signal \(signal)"
        return ["interrupted by \(name)"]
    }

    private var nextLines: [String] {
        nextStep.map { Layout.hang("next: ", TerminalText.safe($0)) } ?? []
    }

    /// What to do now, by the cause; nil when there is nothing left to do.
    private var nextStep: String? {
        let open = document.rows.filter { $0.status != .applied && $0.status != .alreadyDone }
        if open.isEmpty, document.blocked.isEmpty || !document.rows.isEmpty || isSkipped { return nil }
        if document.signal != nil { return "run the same command again to finish" }
        if document.count(.stale) > 0 {
            return "\(context.planCommand), have it approved, apply again"
        }
        if open.allSatisfy({ $0.status == .notStarted }) {
            return document.blocked.isEmpty || isSkipped ? "run the same command again to finish" : wayOut
        }
        if document.count(.failed) == 0 { return "\(context.planCommand), which shows what blocks now" }
        return "solve what failed and run the same command again; what is done is not done twice"
    }

    /// Whether what is blocked was left out of the run and did not stop it.
    private var isSkipped: Bool {
        context.skipsBlocked && !document.blocked.contains { $0.gate == .limits }
    }

    private var wayOut: String {
        BlockedAdvice(
            blocked: document.blocked,
            hasChanges: !document.rows.isEmpty,
            skipsBlocked: context.skipsBlocked
        ).text
    }

    private var lastLine: String {
        let done = document.count(.alreadyDone)
        let blocked = document.count(.blocked) + document.blocked.count
        return "Applied: \(document.count(.applied)) of \(document.rows.count)"
            + (done == 0 ? "" : ", \(done) already done")
            + ". \(document.count(.failed)) failed, \(document.count(.stale)) stale, \(blocked) blocked, "
            + "\(document.count(.notStarted)) not started. \(modification)"
    }

    /// Whether Azure is as it was before: what decides whether a run may simply be repeated elsewhere.
    private var modification: String {
        if document.wroteAnything { return "Azure was modified." }
        return document.mayHaveWritten ? "Azure may have been modified." : "Azure was not modified."
    }
}

/// The way out of a plan that is blocked.
package struct BlockedAdvice: Sendable {
    private let isLimited: Bool
    private let isMoreThanLimits: Bool
    private let canSkip: Bool

    /// Makes advice; `hasChanges` is whether anything is left when what is blocked is skipped.
    package init(blocked: [BlockedItem], hasChanges: Bool, skipsBlocked: Bool) {
        isLimited = blocked.contains { $0.gate == .limits }
        isMoreThanLimits = blocked.contains { $0.gate != .limits } && !skipsBlocked
        canSkip = hasChanges && !skipsBlocked && !isLimited
    }

    /// What to do, in one clause.
    package var text: String {
        if canSkip { return "solve what is BLOCKED, or add --skip-blocked to go on without it" }
        if isMoreThanLimits { return "solve what is BLOCKED" }
        return "take less away at once, or raise the limit if that is meant"
    }
}
