/// The lines about the identities of one VM or scale set.
struct MachineText {
    let style: Style
    let machine: ResourceID

    func lines(before: IdentityBlock, after: IdentityBlock, delta: MachineDelta, kept: [KeptIdentity])
        -> [String]
    {
        var lines: [String] = []
        if delta.system == true { lines.append(step("+ system-assigned", .added)) }
        lines += delta.add.map { step("+ \(name($0.description))", .added) }
        if delta.system == false {
            let line = "- system-assigned  (its principal and role assignments are lost for good)"
            lines.append(step(line, .removed))
        }
        lines += delta.remove.map { step("- \(name($0.display))", .removed) }
        lines += delta.reattach.map { step("~ \(name($0.display))  detach, then attach again", .changed) }
        return lines + keptLines(kept) + [typeLine(before.type, after.type)]
    }

    /// What changes, in one line: `+ ID1, - ID2`, cut after a few.
    static func summary(assigned: [String], unassigned: [String], on machine: ResourceID?) -> String {
        let text = MachineText.name
        let steps =
            assigned.map { "+ \(text($0, machine))" } + unassigned.map { "- \(text($0, machine))" }
        let shown = steps.prefix(4).joined(separator: ", ")
        return steps.count > 4 ? "\(shown), and \(steps.count - 4) more" : shown
    }

    private func step(_ text: String, _ role: Style.Role) -> String { "    " + style.paint(text, role) }

    private func keptLines(_ kept: [KeptIdentity]) -> [String] {
        let names = kept.map { name($0.id ?? "system") }
        let width = min(40, names.map(\.count).max() ?? 0)
        return zip(names, kept).map { "    = \(Words.pad($0, to: width))  \(Self.reason($1.why))" }
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

    private func typeLine(_ before: IdentityType, _ after: IdentityType) -> String {
        let (old, new) = (TerminalText.safe(before.wireText), TerminalText.safe(after.wireText))
        return old == new ? "    type  \(old) (unchanged)" : "    type  \(old) -> \(new)"
    }

    private func name(_ text: String) -> String { Self.name(text, machine) }

    /// The short name of an identity; its group, or subscription and group, where they are not the machine's.
    private static func name(_ text: String, _ machine: ResourceID?) -> String {
        guard text != "system" else { return "system-assigned" }
        guard let id = try? ResourceID(parsing: text) else { return "'\(TerminalText.safe(text))'" }
        let place: String
        if Folding.fold(id.subscription) != Folding.fold(machine?.subscription ?? "") {
            place = " (\(id.subscription)/\(id.resourceGroup))"
        } else if Folding.fold(id.resourceGroup) != Folding.fold(machine?.resourceGroup ?? "") {
            place = " (\(id.resourceGroup))"
        } else {
            place = ""
        }
        return TerminalText.safe(id.name + place)
    }
}
