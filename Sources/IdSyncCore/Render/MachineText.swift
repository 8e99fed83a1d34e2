/// The lines about the identities of one VM or scale set.
struct MachineText {
    let style: Style
    let machine: ResourceID

    /// Widest name that the reasons of an object stand behind.
    private static let nameLimit = 56

    /// One identity: what happens to it, and why.
    private struct Step {
        let text: String
        let role: Style.Role?
        var reason = ""
    }

    func lines(of change: Change, before: IdentityBlock, after: IdentityBlock, delta: MachineDelta)
        -> [String]
    {
        let steps = added(by: delta) + removed(by: change) + kept(change.kept)
        let width = min(
            Self.nameLimit,
            steps.filter { !$0.reason.isEmpty }.map(\.text.count).max() ?? 0
        )
        let lines = steps.flatMap { step in
            guard !step.reason.isEmpty else { return ["    " + paint(step.text, step.role)] }
            return Layout.hang(step.text + "  ", step.reason, indent: 4, column: width + 2) {
                paint($0, step.role)
            }
        }
        return lines + Layout.labelled("type", typeText(before.type, after.type))
    }

    /// What changes, in one line: `+ ID1, - ID2`, cut after a few.
    static func summary(assigned: [String], unassigned: [String], on machine: ResourceID?) -> String {
        let text = MachineText.name
        let steps =
            assigned.map { "+ \(text($0, machine))" } + unassigned.map { "- \(text($0, machine))" }
        let shown = steps.prefix(4).joined(separator: ", ")
        return steps.count > 4 ? "\(shown), and \(steps.count - 4) more" : shown
    }

    private func paint(_ text: String, _ role: Style.Role?) -> String {
        role.map { style.paint(text, $0) } ?? text
    }

    private func added(by delta: MachineDelta) -> [Step] {
        (delta.system == true ? [Step(text: "+ system-assigned", role: .added)] : [])
            + delta.add.map { Step(text: "+ \(name($0.description))", role: .added) }
    }

    private func removed(by change: Change) -> [Step] {
        guard let delta = change.delta else { return [] }
        let reasons = Dictionary(
            change.removed.map { (Folding.fold($0.id ?? "system"), Self.reason($0)) },
            uniquingKeysWith: { first, _ in first }
        )
        func step(_ symbol: String, _ text: String, _ role: Style.Role) -> Step {
            Step(text: "\(symbol) \(name(text))", role: role, reason: reasons[Folding.fold(text)] ?? "")
        }
        return (delta.system == false ? [step("-", "system", .removed)] : [])
            + delta.remove.map { step("-", $0.display, .removed) }
            + delta.reattach.map { step("~", $0.display, .changed) }
    }

    private func kept(_ kept: [KeptIdentity]) -> [Step] {
        kept.map { Step(text: "= \(name($0.id ?? "system"))", role: nil, reason: Self.reason($0.why)) }
    }

    /// The words for why an identity leaves.
    private static func reason(_ removed: RemovedIdentity) -> String {
        let why =
            switch removed.why {
            case .named: "remove"
            case .surplus: "not in userAssigned (exclusive: true)"
            case .doomed: "deleted by this manifest"
            case .dangling: "no longer exists (remove: dangling)"
            case .system: "systemAssigned: false"
            case .reattached: "detach, then attach again (reattach: true)"
            }
        return why + (removed.writer.map { "; \(TerminalText.safe($0)) will attach it again" } ?? "")
    }

    /// The words for why an identity stays; a word that is none of ours names the service that attached it.
    private static func reason(_ why: String) -> String {
        switch why {
        case "system": "kept"
        case "declared": "kept, in manifest"
        case "unmanaged", "protected", "ignored": "kept, \(why)"
        default: "kept, unmanaged (\(TerminalText.safe(why)))"
        }
    }

    private func typeText(_ before: IdentityType, _ after: IdentityType) -> String {
        let (old, new) = (TerminalText.safe(before.wireText), TerminalText.safe(after.wireText))
        return old == new ? "\(old) (unchanged)" : "\(old) -> \(new)"
    }

    private func name(_ text: String) -> String { Self.name(text, machine) }

    /// The short name of an identity; its group, or subscription and group, where they are not the machine's.
    static func name(_ text: String, _ machine: ResourceID?) -> String {
        guard text != "system" else { return "system-assigned" }
        guard let id = try? ResourceID(parsing: text) else { return "'\(TerminalText.safe(text))'" }
        let place: String
        if Folding.fold(id.subscription) != Folding.fold(machine?.subscription ?? "") {
            place = " (\(Places.short(id.subscription))/\(id.resourceGroup))"
        } else if Folding.fold(id.resourceGroup) != Folding.fold(machine?.resourceGroup ?? "") {
            place = " (\(id.resourceGroup))"
        } else {
            place = ""
        }
        return TerminalText.safe(id.name + place)
    }
}
