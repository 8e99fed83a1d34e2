import YAMLDocument

/// Refuses a plan that takes away more than the limits allow; counts and shares are both checked.
struct LimitsGate {
    let limits: Limits
    let live: LiveState
    let desired: DesiredState

    func blocked(_ changes: [Change]) -> [BlockedItem] {
        let summary = Plan(changes: changes).summary
        let deletes = LimitedAmount(
            name: "deletes",
            what: "the plan deletes \(identities(summary.delete))",
            amount: summary.delete,
            total: liveIdentities,
            limit: limits.deletes,
            stated: desired.limits.deletes,
            standard: Limits().deletes
        )
        let unassigns = LimitedAmount(
            name: "unassigns",
            what: "the plan takes \(identities(summary.unassign)) off VMs",
            amount: summary.unassign,
            total: liveAssignments,
            limit: limits.unassigns,
            stated: desired.limits.unassigns,
            standard: Limits().unassigns
        )
        return deletes.blocked + unassigns.blocked
    }

    private var liveIdentities: Int {
        desired.identities.count { live.identities[$0.id]?.value != nil }
    }

    private var liveAssignments: Int {
        desired.machines.reduce(0) { sum, machine in
            guard let block = live.machines[machine.id]?.value?.block else { return sum }
            return sum + block.attached.count + (block.type.hasSystem ? 1 : 0)
        }
    }

    private func identities(_ number: Int) -> String {
        number == 1 ? "1 identity" : "\(number) identities"
    }
}

/// One kind of loss, how much of it a plan has, and the limit that it must keep to.
private struct LimitedAmount {
    /// The name in the manifest and in the flag.
    let name: String
    /// What the plan does, in words.
    let what: String
    let amount: Int
    /// What the share is of.
    let total: Int
    /// The limit that holds.
    let limit: Limits.Limit
    /// What the manifest says, with its place when it says anything.
    let stated: Limits.Limit
    /// What holds when nobody says anything.
    let standard: Limits.Limit

    var blocked: [BlockedItem] {
        var items: [BlockedItem] = []
        if let count = limit.count, amount > count {
            items.append(item("\(count)", source(count, \.count)))
        }
        // A share of nothing is 0 %: taking anything away then breaks every percentage.
        if let percent = limit.percent, amount * 100 > percent * total {
            items.append(item("\(percent)% of \(total)", source(percent, \.percent)))
        }
        return items
    }

    /// Who set a bound: the manifest, nobody, or the flag.
    private func source(_ bound: Int, _ part: KeyPath<Limits.Limit, Int?>) -> String {
        if let place = stated.origin, stated[keyPath: part] == bound {
            return "limits.\(name) in \(place.file):\(place.line) allows"
        }
        if stated.origin == nil, standard[keyPath: part] == bound { return "the default limit is" }
        return "--max-\(name) allows"
    }

    private func item(_ bound: String, _ source: String) -> BlockedItem {
        BlockedItem(
            address: "limits",
            gate: .limits,
            message: "\(what); \(source) \(bound)",
            evidence: ["\(name): \(amount)", "limit: \(bound)"],
            origin: limit.origin
        )
    }
}
