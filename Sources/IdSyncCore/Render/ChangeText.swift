import YAMLDocument

/// The lines of one row of a plan text.
struct ChangeText {
    /// The column at which manifest lines stand, unless the row is longer.
    private static let originColumn = 66

    let style: Style
    let isVerbose: Bool
    let places: Places

    /// The lines; blocks that the row above has explained in the same words are not explained again.
    func lines(for row: PlanRows.Row, below above: PlanRows.Row? = nil) -> [String] {
        var lines = [header(of: row)]
        if let change = row.change { lines += details(of: change) }
        if !row.blocked.isEmpty, row.blockReasons == above?.blockReasons {
            lines[0] += style.paint("  as above", .faint)
        } else {
            for item in row.blocked { lines += blockedLines(item) }
        }
        for warning in row.warnings {
            let text = "\(TerminalText.safe(warning.message)) [\(warning.code)]"
            lines += Layout.labelled("warning", text) { style.paint($0, .changed) }
        }
        if isVerbose, let change = row.change {
            for request in change.requests { lines += requestLines(request) }
        }
        return lines
    }

    private func header(of row: PlanRows.Row) -> String {
        let (symbol, verb, role) = Self.marks(of: row)
        let title = "\(symbol) \(verb)\(title(of: row))"
        let badge =
            row.blocked.isEmpty
            ? "" : "  BLOCKED " + row.blocked.map(\.gate.rawValue).uniqued().joined(separator: ", ")
        let painted = style.paint(title, role) + style.paint(badge, .refused)
        guard let origin = row.origin else { return painted }
        let width = title.count + badge.count
        let gap = String(repeating: " ", count: max(2, Self.originColumn - width))
        return painted + gap + style.paint("\(TerminalText.safe(origin.file)):\(origin.line)", .faint)
    }

    /// `name  group`; an address without a resource is one of the plan as a whole.
    private func title(of row: PlanRows.Row) -> String {
        guard let id = row.resourceID else { return TerminalText.safe(row.address) }
        return TerminalText.safe("\(id.name)  \(places.place(of: id))")
    }

    private static func marks(of row: PlanRows.Row) -> (symbol: String, verb: String, role: Style.Role) {
        guard let change = row.change else {
            return row.blocked.isEmpty ? ("!", "", .changed) : ("!", "", .refused)
        }
        switch change.operation {
        case .createIdentity: return ("+", "create  ", .added)
        case .updateIdentity: return ("~", "update  ", .changed)
        case .deleteIdentity: return ("-", "delete  ", .removed)
        case .patchMachine: return ("~", "", .changed)
        }
    }

    private func details(of change: Change) -> [String] {
        switch change.operation {
        case .createIdentity(let location, let tags):
            var lines = ["    location     \(TerminalText.safe(location))"]
            if !tags.isEmpty {
                let list = tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                lines.append("    tags         \(TerminalText.safe(list.joined(separator: ", ")))")
            }
            return lines + ["    principalId  (known after apply)"]
        case .updateIdentity(_, let old, let new): return tagLines(from: old, to: new)
        case .deleteIdentity:
            return ["    its principal, role assignments and federated credentials go with it"]
        case .patchMachine(let before, let after, let delta):
            return MachineText(style: style, machine: change.resourceID)
                .lines(of: change, before: before, after: after, delta: delta)
                + (change.requests.count > 1
                    ? Layout.labelled("requests", "\(change.requests.count), one after the other") : [])
        }
    }

    private func tagLines(from old: [String: String], to new: [String: String]) -> [String] {
        let differences = TagDifference.all(from: old, to: new)
        let names = differences.map { TerminalText.safe("tags.\($0.name)") }
        let width = min(40, names.map(\.count).max() ?? 0)
        var lines = zip(names, differences).map { name, difference in
            "    \(Words.pad(name, to: width))  \(TerminalText.safe(difference.values))"
        }
        let kept = new.keys.filter { old[$0] == new[$0] }.sorted()
        if !kept.isEmpty {
            let list = TerminalText.safe(kept.joined(separator: ", "))
            lines.append("    = \(Words.count(kept.count, "tag")) kept: \(list)")
        }
        return lines
    }

    /// What is wrong, whom it is about, and what to do.
    private func blockedLines(_ item: BlockedItem) -> [String] {
        var lines = Layout.labelled("blocked", TerminalText.safe(item.message)) { style.paint($0, .refused) }
        for text in evidence(of: item) { lines += Layout.labelled("", TerminalText.safe(text)) }
        if let next = item.gate.nextStep { lines += Layout.labelled("next", next) }
        return lines
    }

    /// Whom a block is about beyond its message, which names everything but the users of an identity; with `-v` all.
    private func evidence(of item: BlockedItem) -> [String] {
        if isVerbose { return item.evidence }
        guard item.gate == .inUse else { return [] }
        return item.evidence.map { text in
            guard let id = try? ResourceID(parsing: text) else { return text }
            return "\(id.name)  \(places.place(of: id))"
        }
    }

    private func requestLines(_ request: PlannedRequest) -> [String] {
        var lines = ["    \(request.method) \(request.path)?api-version=\(request.apiVersion)"]
        if let etag = request.ifMatch { lines.append("      If-Match: \(etag)") }
        if let body = request.body {
            lines.append("      " + String(decoding: body.canonicalData(), as: UTF8.self))
        }
        return lines.map { style.paint(TerminalText.safe($0), .faint) }
    }
}

extension Gate {
    /// What to do about a block, where its message does not say so itself.
    var nextStep: String? {
        switch self {
        case .permission:
            "give the identity that idsync runs as the role Reader there"
        case .authentication: "check the credentials that idsync runs with"
        case .unreadable: "plan again; if it stays, look at what the message names"
        case .unknownType: "change it by hand, or use a version of idsync that knows this type"
        case .protected: "take it out of 'protected', or do not ask for its removal"
        case .encryption: "give the disks another identity first"
        case .selfIdentity: "run idsync as another identity"
        case .crossTenant: "assign an identity of the machine's tenant"
        case .whereUsed: "grant Reader on the subscriptions that the manifest names"
        case .detach: "solve what blocks those machines first"
        case .missingTarget: "create it first, or take its entry out of the manifest"
        case .limits: "raise it if that is meant; --skip-blocked does not lift limits"
        case .inconsistent, .missingIdentity, .missingGroup, .deleting, .locationChange, .inUse,
            .missingSubscription:
            nil
        }
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetitions, in order.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
