import ARMEmulator
import IdSyncAzure
import IdSyncCore

/// Whether the report says what the server saw.
extension Checker {
    mutating func checkReport(of phase: Evidence.Phase) {
        guard let report = phase.report else { return }
        let changes = phase.plan.changes
        if report.outcomes.map(\.change.id) != changes.map(\.id) {
            violation("one outcome per change", "\(report.outcomes.count) of \(changes.count)")
        }
        let statuses = Dictionary(
            report.outcomes.map { ($0.change.id, $0.status) },
            uniquingKeysWith: { first, _ in first }
        )
        for outcome in report.outcomes {
            tally.statuses[outcome.status, default: 0] += 1
            checkCost(of: outcome, phase)
            let hasSucceeded = [.applied, .alreadyDone].contains(outcome.status)
            if hasSucceeded != (outcome.error == nil) {
                violation("an error goes with a failure", "\(outcome.change.address) \(outcome.status)")
            }
            let unmet = outcome.change.dependsOn.filter {
                statuses[$0] != .applied && statuses[$0] != .alreadyDone
            }
            if !unmet.isEmpty, outcome.status != .notStarted {
                violation("nothing starts before what it needs", outcome.change.address)
            }
            if hasSucceeded { checkWish(of: outcome, phase) }
        }
    }

    /// Whether the number of writes in the report is what the server accepted, as far as a client can know.
    private mutating func checkCost(of outcome: ChangeOutcome, _ phase: Evidence.Phase) {
        let id = outcome.change.resourceID
        let own = phase.applying.exchanges.filter { $0.target == id && $0.method != .get }
        let accepted = own.count(where: \.isAccepted)
        let isUnclear = own.contains(where: \.isUnclear)
        let facts =
            "\(outcome.change.address) \(outcome.status) says \(outcome.writes) writes, server \(accepted)"
        if outcome.writes == 0, !outcome.isUncertain, accepted > 0 {
            violation("no write goes unreported", facts)
        }
        // What is there after a lost answer counts as written, although somebody else may have done just that.
        let isInferred = isUnclear && outcome.status == .applied && outcome.writes == accepted + 1
        if outcome.writes > accepted, !isInferred { violation("no write is invented", facts) }
        if outcome.isUncertain, !isUnclear { violation("no doubt is invented", facts) }
        if [.alreadyDone, .notStarted].contains(outcome.status), accepted > 0 {
            violation("what was written is not called untouched", facts)
        }
        if outcome.attempts < own.count { violation("attempts are counted", "\(facts), \(outcome.attempts)") }
    }

    private mutating func checkWish(of outcome: ChangeOutcome, _ phase: Evidence.Phase) {
        let id = outcome.change.resourceID
        let own = phase.applying.exchanges.filter { $0.target == id }
        let sinceWrite = own.lastIndex { $0.method != .get }.map { own[$0...] } ?? own[...]
        switch outcome.change.operation {
        case .patchMachine(_, _, let delta):
            guard let unmet = unmetWish(on: id, own.last?.after, delta) else { return }
            violation("success means that the wish holds", "\(outcome.change.address): \(unmet)")
        case .createIdentity, .updateIdentity:
            if !sinceWrite.contains(where: { $0.exists && $0.method == .get && $0.isReal }) {
                violation("success means that it was seen to exist", outcome.change.address)
            }
        case .deleteIdentity:
            if sinceWrite.allSatisfy(\.exists) {
                violation("success means that it is gone", outcome.change.address)
            }
        }
    }

    /// What a machine lacks of a wish; nil when it holds.
    func unmetWish(on machine: ResourceID, _ keys: Set<String>?, _ delta: MachineDelta?) -> String? {
        guard let keys, let wish = wishes.machines[machine] else { return "the machine is gone" }
        if let system = wish.system, system != keys.contains(Self.system) { return "system is not \(system)" }
        if let missing = delta?.allAdded.subtracting(keys).min() { return "no \(Self.short(missing))" }
        let leaving = wish.remove.union(delta?.remove.map(\.key) ?? []).intersection(keys)
            .subtracting(revived(on: machine, wish))
        if let left = leaving.min() { return "still \(Self.short(left))" }
        guard wish.isExclusive else { return nil }
        let surplus = keys.filter {
            wishes.allowsRemoval(of: $0, from: machine) && !wishes.absent.contains($0)
        }
        return surplus.min().map { "\(Self.short($0)) beside an exclusive list" }
    }

    /// What was to leave as a dead reference alone, and that somebody brought to life.
    private func revived(on machine: ResourceID, _ wish: Wishes.Machine) -> Set<String> {
        guard wish.removesDangling else { return [] }
        return Set(scenario.intruders.compactMap(\.writer.createIdentity?.key)).filter {
            !wishes.allowsRemoval(of: $0, from: machine)
        }
    }

    /// What was called done stays done once every operation is over, and tags nobody named stay.
    mutating func checkSuccesses(of phase: Evidence.Phase) {
        for outcome in phase.report?.outcomes ?? [] where [.applied, .alreadyDone].contains(outcome.status) {
            let id = outcome.change.resourceID
            switch outcome.change.operation {
            case .patchMachine(_, _, let delta):
                let now = evidence.ended.carried[id]
                guard unmetWish(on: id, now, delta) == nil,
                    let unmet = unmetWish(on: id, evidence.settled.carried[id], delta)
                else { continue }
                violation("what was called done stays done", "\(outcome.change.address): \(unmet)")
            case .createIdentity, .updateIdentity:
                guard !isTouchedByOthers(id) else { continue }
                let wanted = wishes.present[id.key]?.tags ?? [:]
                if !hasTags(evidence.ended.tags[id.key], wanted) {
                    violation("success means that the tags are there", outcome.change.address)
                }
            case .deleteIdentity: break
            }
        }
        for identity in scenario.pool where !identity.tags.isEmpty && !isTouchedByOthers(identity.id) {
            guard identity.exists, let tags = evidence.final.tags[identity.id.key] else { continue }
            let named = Set(wishes.present[identity.id.key]?.tags.keys.map(Folding.fold) ?? [])
            for (name, value) in identity.tags
            where !named.contains(Folding.fold(name)) && tags[name] != value {
                violation("tags that nobody named stay", "\(identity.id.name) \(name)")
            }
        }
    }

    func hasTags(_ tags: [String: String]?, _ wanted: [String: String]) -> Bool {
        guard let tags else { return false }
        return wanted.allSatisfy { name, value in
            tags.contains { Folding.fold($0.key) == Folding.fold(name) && $0.value == value }
        }
    }

    func isTouchedByOthers(_ id: ResourceID) -> Bool {
        scenario.intruders.contains { $0.writer.createIdentity == id || $0.writer.deleteIdentity == id }
    }

    /// Once the run is to stop, no write begins; only what was on its way still arrives.
    mutating func checkStop() {
        guard let report = evidence.troubled.report else { return }
        let late = evidence.troubled.applying.exchanges.drop { !$0.isAfterStop }
        guard let first = late.first else { return }
        if report.signal != 2 { violation("the report names the signal", "\(report.signal ?? 0)") }
        let earlier = evidence.troubled.applying.exchanges.filter { $0.method != .get && !$0.isAfterStop }
        let begun = Set(earlier.compactMap(\.target))
        let (began, ended) = (first.at, evidence.troubled.applying.exchanges.last?.at ?? first.at)
        // A minute and a half for each change, which this clock adds up although they go on side by side; and it jumps
        // over the waits of a read that is retried before whoever watches the time gets a turn.
        let patience = max(.seconds(760), .seconds(150) * report.outcomes.count)
        if ended - began > patience { violation("a stop is soon", "\(ended - began)") }
        let targets = Set(late.filter { $0.method != .get }.compactMap(\.target)).subtracting(begun)
        // Every change under way may have passed its last look at the signal.
        let isAlone = report.outcomes.count == 1
        let onTheWay = isAlone && first.method == .get ? 0 : report.outcomes.count
        if targets.count > onTheWay {
            violation("no write begins after a stop", targets.map(\.name).sorted().joined(separator: ", "))
        }
    }
}
