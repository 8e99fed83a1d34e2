import Foundation
import IdSyncAzure
import IdSyncCore

extension Evidence {
    /// The whole story of a run, for whoever has to understand a failing seed.
    var trace: String {
        var lines = [scenario.description]
        lines += troubled.lines("first")
        lines.append("ended: \(Self.text(ended))")
        lines.append("settled: \(Self.text(settled))")
        lines += clean.lines("clean")
        lines.append("final: \(Self.text(final))")
        lines += rest.changes.map { "left to do: \($0.address) \($0.action)" }
        return lines.joined(separator: "\n")
    }

    private static func text(_ world: World) -> String {
        let machines = world.carried.sorted { $0.key < $1.key }.map { id, keys in
            "\(id.name) \(keys.map(Checker.short).sorted()) outdated "
                + "\((world.outdated[id] ?? []).map(Checker.short).sorted()) \(world.states[id] ?? "")"
        }
        let identities = world.tags.sorted { $0.key < $1.key }.map { "\(Checker.short($0.key)) \($0.value)" }
        return (machines + identities).joined(separator: "; ")
    }
}

extension Evidence.Phase {
    fileprivate func lines(_ name: String) -> [String] {
        var lines = ["\(name) plan:"]
        lines += planning.lines
        lines += plan.changes.map {
            "  \($0.id) \($0.address) \($0.action) after \($0.dependsOn) \(Self.text($0))"
        }
        lines += plan.blocked.map { "  blocked \($0.address): \($0.gate) \($0.message)" }
        lines.append("\(name) apply:")
        lines += applying.lines
        lines += (report?.outcomes ?? []).map { outcome in
            "  \(outcome.change.id) \(outcome.change.address): \(outcome.status), \(outcome.writes) writes, "
                + "\(outcome.error.map { "\($0.code): \($0.message)" } ?? "") \(outcome.notes)"
        }
        return lines
    }

    private static func text(_ change: Change) -> String {
        guard let delta = change.delta else { return "" }
        let system = delta.system.map { "system \($0)" } ?? ""
        return "\(system) +\(delta.add.map(\.name)) -\(delta.remove.map { Checker.short($0.key) }) "
            + "~\(delta.reattach.map { Checker.short($0.key) })"
    }
}

extension Witness.Record {
    fileprivate var lines: [String] {
        var lines: [String] = []
        for (index, exchange) in exchanges.enumerated() {
            lines += intrusions.filter { $0.at == index }.map { "      somebody else: \($0.writer.brief)" }
            lines.append("  \(index): \(exchange.text)")
        }
        return lines
            + intrusions.filter { $0.at == exchanges.count }.map { "      somebody else: \($0.writer.brief)" }
    }
}

extension Exchange {
    fileprivate var text: String {
        var text =
            "\(method.rawValue) \(path.split(separator: "/").suffix(2).joined(separator: "/")) -> \(status)"
        if !isReal { text += " (not real)" }
        if isAccepted { text += " accepted" }
        if isAfterStop { text += " after stop" }
        if let ifMatch { text += " If-Match \(ifMatch)" }
        if let body, method == .patch { text += " \(String(decoding: body, as: UTF8.self))" }
        if let before, method != .get { text += " \(before.map(Checker.short).sorted()) ->" }
        if let after { text += " \(after.map(Checker.short).sorted())" }
        if target?.kind == .userAssignedIdentity { text += " \(existed) -> \(exists)" }
        return text
    }
}
