/// Refuses a plan that takes away more than the limits allow; counts and shares are both checked.
struct LimitsGate {
    let limits: Limits
    let live: LiveState
    let desired: DesiredState

    func blocked(_ changes: [Change]) -> [BlockedItem] {
        let summary = Plan(changes: changes).summary
        let deletes = "the plan deletes \(count(summary.delete))"
        let unassigns = "the plan takes \(count(summary.unassign)) off VMs"
        return check("deletes", deletes, summary.delete, of: liveIdentities, limits.deletes)
            + check("unassigns", unassigns, summary.unassign, of: liveAssignments, limits.unassigns)
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

    private func count(_ number: Int) -> String { number == 1 ? "1 identity" : "\(number) identities" }

    private func check(_ name: String, _ what: String, _ amount: Int, of total: Int, _ limit: Limits.Limit)
        -> [BlockedItem]
    {
        var broken: [String] = []
        if let count = limit.count, amount > count { broken.append("\(count)") }
        // A share of nothing is 0 %: taking anything away then breaks every percentage.
        if let percent = limit.percent, amount * 100 > percent * total {
            broken.append("\(percent)% of \(total)")
        }
        return broken.map { bound in
            BlockedItem(
                address: "limits",
                gate: .limits,
                message:
                    "\(what), the limit is \(bound); if that is meant, raise limits.\(name) in the manifest",
                evidence: ["\(name): \(amount)", "limit: \(bound)"],
                origin: limit.origin
            )
        }
    }
}
