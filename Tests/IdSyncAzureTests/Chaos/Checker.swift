import ARMEmulator
import IdSyncAzure
import IdSyncCore

/// What a run did, added up over runs: shows that the sweep is no empty exercise.
struct ChaosTally: Sendable {
    var runs = 0
    var refused = 0
    var requests = 0
    var writes = 0
    var intrusions = 0
    /// Statuses of outcomes.
    var statuses: [ChangeStatus: Int] = [:]
    /// What was lost, or came back, because somebody wrote between our GET and our PATCH and no ETag exists.
    var raceLosses = 0
    var raceRevivals = 0
    /// Identities deleted while somebody attached them behind the where-used search.
    var raceDeletes = 0
    var mostRequests = 0
    var longest = Duration.zero

    static func + (left: ChaosTally, right: ChaosTally) -> ChaosTally {
        var sum = left
        sum.runs += right.runs
        sum.refused += right.refused
        sum.requests += right.requests
        sum.writes += right.writes
        sum.intrusions += right.intrusions
        sum.statuses.merge(right.statuses, uniquingKeysWith: +)
        sum.raceLosses += right.raceLosses
        sum.raceRevivals += right.raceRevivals
        sum.raceDeletes += right.raceDeletes
        sum.mostRequests = max(left.mostRequests, right.mostRequests)
        sum.longest = max(left.longest, right.longest)
        return sum
    }
}

/// Judges a run by what the server saw and what the manifest says; it uses none of the planner's rules.
struct Checker {
    let evidence: Evidence
    var violations: [String] = []
    var tally = ChaosTally()

    var scenario: Scenario { evidence.scenario }
    var wishes: Wishes { evidence.scenario.wishes }

    init(_ evidence: Evidence) { self.evidence = evidence }

    /// Everything that is wrong with a run, and what it did.
    static func check(_ evidence: Evidence) -> Checker {
        var checker = Checker(evidence)
        checker.tally.runs = 1
        checker.tally.longest = evidence.duration
        checker.checkWrites(of: evidence.troubled)
        checker.checkReport(of: evidence.troubled)
        checker.checkSuccesses(of: evidence.troubled)
        checker.checkStop()
        checker.checkWrites(of: evidence.clean)
        checker.checkReport(of: evidence.clean)
        checker.checkConvergence()
        return checker
    }

    mutating func violation(_ rule: String, _ text: String) { violations.append("\(rule): \(text)") }

    /// The word that stands for the system-assigned identity among the keys of user-assigned ones.
    static let system = "system"

    static func short(_ key: String) -> String { key.split(separator: "/").last.map(String.init) ?? key }

    // MARK: writes

    /// What idsync knows of a machine from the last answer about it.
    struct Known {
        let keys: Set<String>
        let etag: String?
    }

    mutating func checkWrites(of phase: Evidence.Phase) {
        let all = phase.planning.exchanges + phase.applying.exchanges
        tally.requests += all.count
        tally.intrusions += phase.planning.intrusions.count + phase.applying.intrusions.count
        tally.mostRequests = max(tally.mostRequests, phase.applying.exchanges.count)
        if let write = phase.planning.exchanges.first(where: { $0.method != .get }) {
            violation("planning writes", "\(write.method.rawValue) \(write.path)")
        }
        if phase.report == nil { tally.refused += phase.plan.blocked.isEmpty ? 0 : 1 }
        if phase.report == nil, let write = phase.applying.exchanges.first(where: { $0.method != .get }) {
            violation("a refused plan writes", "\(write.method.rawValue) \(write.path)")
        }
        checkEnd(of: phase)
        var known: [ResourceID: Known] = [:]
        for (index, exchange) in phase.applying.exchanges.enumerated() {
            guard let target = exchange.target else { continue }
            tally.writes += exchange.isAccepted ? 1 : 0
            if exchange.method == .get {
                guard exchange.isReal, exchange.status == 200 else { continue }
                known[target] = Known(keys: exchange.after ?? [], etag: exchange.etag)
            } else if target.kind == .userAssignedIdentity {
                checkIdentityWrite(exchange, target, at: index, phase)
            } else {
                checkMachineWrite(exchange, target, known: known[target], phase)
                // A look is good for one attempt: the next may come a minute later.
                if !scenario.hasETags { known[target] = nil }
            }
        }
    }

    /// Every retry, race and wait is bounded.
    private mutating func checkEnd(of phase: Evidence.Phase) {
        let polls = phase.applying.exchanges.count { $0.path.contains("/operations/") }
        let others = phase.applying.exchanges.count - polls
        let writes = phase.applying.exchanges.count(where: \.isAccepted)
        if others > 150 + 150 * phase.plan.changes.count { violation("no end", "\(others) requests") }
        if polls > 300 * (writes + 1) { violation("no end", "\(polls) polls of \(writes) operations") }
    }

    private mutating func checkMachineWrite(
        _ exchange: Exchange,
        _ machine: ResourceID,
        known: Known?,
        _ phase: Evidence.Phase
    ) {
        guard exchange.method == .patch else {
            violation("only PATCH touches a machine", "\(exchange.method.rawValue) \(machine.name)")
            return
        }
        guard wishes.machines[machine] != nil else {
            violation("only declared machines are touched", machine.name)
            return
        }
        if scenario.machines.contains(where: { $0.id == machine && $0.foreignType != nil }) {
            violation("an unknown type is left alone", machine.name)
        }
        if scenario.hasETags {
            if known?.etag == nil || exchange.ifMatch != known?.etag {
                violation(
                    "If-Match carries the last ETag",
                    "\(machine.name): \(exchange.ifMatch ?? "none") instead of \(known?.etag ?? "none")"
                )
            }
        }
        let delta = phase.plan.changes.first { $0.resourceID == machine }?.delta
        let (before, after) = (exchange.before ?? [], exchange.after ?? [])
        for key in before.subtracting(after) { checkLoss(of: key, exchange, machine, known, delta, phase) }
        for key in after.subtracting(before) { checkGain(of: key, machine, known, delta) }
    }

    private mutating func checkLoss(
        of key: String,
        _ exchange: Exchange,
        _ machine: ResourceID,
        _ known: Known?,
        _ delta: MachineDelta?,
        _ phase: Evidence.Phase
    ) {
        let isSystem = key == Self.system
        let isAllowed =
            isSystem
            ? wishes.machines[machine]?.system == false
            : wishes.allowsRemoval(of: key, from: machine) || isRepaired(key, exchange, machine, phase)
        let isPlanned =
            isSystem ? delta?.system == false : delta?.leaving.contains { $0.key == key } ?? false
        if isAllowed, isPlanned { return }
        // Without ETags the very moment between GET and PATCH is nobody's: what came in it can be lost, if the request
        // says the whole of something that it touches.
        let saysWhole = scenario.isFullSet || shrinksType(exchange)
        if !scenario.hasETags, saysWhole, let known, !known.keys.contains(key) {
            tally.raceLosses += 1
            return
        }
        violation(
            isAllowed
                ? "nothing beyond the approved plan is removed" : "an unnamed identity is never removed",
            "\(Self.short(key)) left \(machine.name)"
        )
    }

    /// Whether the manifest has asked for a repair that takes an identity off: one that is gone, or one that comes back.
    private func isRepaired(
        _ key: String,
        _ exchange: Exchange,
        _ machine: ResourceID,
        _ phase: Evidence.Phase
    ) -> Bool {
        guard let wish = wishes.machines[machine], wishes.mayLeave(key, machine) else { return false }
        if wish.have.contains(key) { return wish.reattaches }
        guard wish.removesDangling else { return false }
        // Whoever creates it between the look at it and the PATCH is too late: the two are different resources.
        let looks = phase.applying.exchanges.filter {
            $0.target?.key == key && $0.method == .get && $0.isReal && $0.at <= exchange.at
        }
        return exchange.dangling.contains(key) || looks.last?.exists == false
    }

    private mutating func checkGain(
        of key: String,
        _ machine: ResourceID,
        _ known: Known?,
        _ delta: MachineDelta?
    ) {
        let wish = wishes.machines[machine]
        let isSystem = key == Self.system
        let isAllowed = isSystem ? wish?.system == true : wish?.have.contains(key) ?? false
        let isPlanned = isSystem ? delta?.system == true : delta?.allAdded.contains(key) ?? false
        if isAllowed, isPlanned { return }
        let saysWhole = scenario.isFullSet || isSystem
        if !scenario.hasETags, saysWhole, let known, known.keys.contains(key) {
            tally.raceRevivals += 1
            return
        }
        violation("only planned identities are added", "\(Self.short(key)) came to \(machine.name)")
    }

    private func shrinksType(_ exchange: Exchange) -> Bool {
        guard let before = exchange.before, let after = exchange.after else { return false }
        let flags = { (keys: Set<String>) in
            (system: keys.contains(Self.system), user: keys.contains { $0 != Self.system })
        }
        return flags(before).system && !flags(after).system || flags(before).user && !flags(after).user
    }

    // MARK: identities

    private mutating func checkIdentityWrite(
        _ exchange: Exchange,
        _ id: ResourceID,
        at index: Int,
        _ phase: Evidence.Phase
    ) {
        let change = phase.plan.changes.first { $0.resourceID == id }
        let earlier = phase.applying.exchanges[..<index].filter {
            $0.target == id && $0.method == .get && $0.isReal
        }
        switch (exchange.method, change?.operation) {
        case (.put, .createIdentity):
            if earlier.last?.status == 200 {
                violation("PUT only creates", "\(id.name) was there and idsync had seen it")
            }
        case (.patch, .updateIdentity): break
        case (.delete, .deleteIdentity):
            guard exchange.existed, !exchange.exists else { return }
            checkDelete(exchange, id, at: index, phase)
        default:
            violation("only planned writes are sent", "\(exchange.method.rawValue) \(id.name)")
        }
    }

    private mutating func checkDelete(
        _ exchange: Exchange,
        _ id: ResourceID,
        at index: Int,
        _ phase: Evidence.Phase
    ) {
        if !wishes.absent.contains(id.key) || wishes.untouchable.contains(id.key) {
            violation("only absent identities are deleted", id.name)
        }
        // Whoever attaches it after the last look at all machines has begun is too late for anybody to see.
        let search = phase.applying.exchanges[..<index].firstIndex(where: \.isSearch) ?? index
        for machine in exchange.carriers {
            let isLate = phase.applying.intrusions.contains { at, writer in
                at > search && writer.machine == machine
                    && writer.add.contains { Folding.fold($0) == id.key }
            }
            if isLate {
                tally.raceDeletes += 1
            } else {
                violation("an identity in use is not deleted", "\(id.name) was on \(machine.name)")
            }
        }
    }
}

extension MachineDelta {
    /// The keys of everything that may come to the machine.
    var allAdded: Set<String> { Set(add.map(\.key) + reattach.map(\.key)) }
}
