import ARMEmulator
import IdSyncCore

/// Whether a clean second run ends where the manifest wants it, but for reasons that stay.
extension Checker {
    mutating func checkConvergence() {
        let stuck = Dictionary(
            wishes.machines.keys.map { ($0, reason(on: $0)) },
            uniquingKeysWith: { first, _ in first }
        ).compactMapValues(\.self)
        for (machine, wish) in wishes.machines where stuck[machine] == nil {
            checkMachine(machine, wish)
        }
        let kept = Set(wishes.absent.filter { reasonToKeep($0, stuck: stuck) != nil })
        for key in wishes.absent.subtracting(kept) where evidence.final.tags[key] != nil {
            violation("a clean run converges", "\(Self.short(key)) is still there")
        }
        for (key, wish) in wishes.present where !wish.isElsewhere && !isElsewhereNow(key) {
            if !hasTags(evidence.final.tags[key], wish.tags) {
                violation("a clean run converges", "\(Self.short(key)) is not as declared")
            }
        }
        for change in evidence.rest.changes where stuck[change.resourceID] == nil {
            guard !kept.contains(change.resourceID.key) else { continue }
            violation("the plan after a clean run is empty", "\(change.address) \(change.action)")
        }
        for outcome in evidence.clean.report?.outcomes ?? []
        where ![.applied, .alreadyDone].contains(outcome.status) {
            let id = outcome.change.resourceID
            guard stuck[id] == nil, !kept.contains(id.key) else { continue }
            violation(
                "a clean run succeeds",
                "\(outcome.change.address) \(outcome.status) \(outcome.error?.message ?? "")"
            )
        }
    }

    private mutating func checkMachine(_ machine: ResourceID, _ wish: Wishes.Machine) {
        let keys = evidence.final.carried[machine]
        if let unmet = unmetWish(on: machine, keys, nil) {
            violation("a clean run converges", "\(machine.name): \(unmet)")
        }
        for key in wish.have where keys?.contains(key) == false && evidence.final.tags[key] != nil {
            violation("a clean run converges", "\(machine.name) lacks \(Self.short(key))")
        }
        let outdated = evidence.final.outdated[machine]?.intersection(wish.have) ?? []
        if wish.reattaches, !scenario.isFullSet, let key = outdated.min() {
            violation("a clean run converges", "\(machine.name) has an earlier \(Self.short(key))")
        }
        if wish.removesDangling, let key = dangling(on: machine).subtracting(wish.have).min() {
            violation("a clean run converges", "\(machine.name) still has a dead \(Self.short(key))")
        }
    }

    /// What a machine carries that does not exist and may leave it.
    private func dangling(on machine: ResourceID) -> Set<String> {
        (evidence.final.carried[machine] ?? []).filter {
            $0.hasPrefix("/") && evidence.final.tags[$0] == nil && !wishes.protected.contains($0)
        }
    }

    /// Why a machine cannot be brought where the manifest wants it; nil when nothing is in the way.
    private func reason(on machine: ResourceID) -> String? {
        guard let keys = evidence.final.carried[machine], let wish = wishes.machines[machine] else {
            return "it does not exist"
        }
        let state = evidence.settled.states[machine] ?? "Succeeded"
        if state == "Deleting" { return "it is being deleted" }
        if state == "Updating", scenario.settings.concurrentWrites == .conflict {
            return "an operation hangs"
        }
        if scenario.machines.contains(where: { $0.id == machine && $0.foreignType != nil }) {
            return "its type is unknown"
        }
        if let key = wish.have.subtracting(keys).first(where: { evidence.final.tags[$0] == nil }) {
            return "\(Self.short(key)), which it wants, does not exist"
        }
        let outdated = evidence.final.outdated[machine]?.intersection(wish.have) ?? []
        let surplus = wish.isExclusive ? keys.subtracting(wish.have).subtracting(wish.ignored) : []
        let bound = [wishes.runner, wishes.encryption[machine]].compactMap(\.self)
        let held = wish.remove.intersection(wishes.untouchable.union(bound))
            .union(surplus.subtracting(wishes.protected).intersection(bound))
            .union(
                wish.removesDangling ? dangling(on: machine).subtracting(wish.have).intersection(bound) : []
            )
            .union(wish.reattaches ? outdated.intersection(wishes.untouchable.union(bound)) : [])
        if let key = held.intersection(keys).min() { return "\(Self.short(key)) may not leave it" }
        if scenario.isFullSet, keys.contains(where: { $0 != Self.system && evidence.final.tags[$0] == nil }) {
            return "a dangling identity spoils every request of this version"
        }
        return nil
    }

    /// Why an identity stays although the manifest says absent.
    private func reasonToKeep(_ key: String, stuck: [ResourceID: String]) -> String? {
        if wishes.untouchable.contains(key) { return "it is protected" }
        for (machine, keys) in evidence.final.carried where keys.contains(key) {
            if wishes.machines[machine] == nil { return "\(machine.name) uses it" }
            if stuck[machine] != nil { return "\(machine.name) cannot let it go" }
            if wishes.encryption[machine] == key { return "it encrypts the disks of \(machine.name)" }
        }
        return nil
    }

    /// Whether somebody created a declared identity anew: in the emulator other writers create in westus.
    private func isElsewhereNow(_ key: String) -> Bool {
        let creators = scenario.intruders.compactMap(\.writer.createIdentity)
        return (wishes.present[key]?.isElsewhere ?? false) && creators.contains { $0.key == key }
    }
}
