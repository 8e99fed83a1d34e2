/// The question before a plan is applied.
package enum ApprovalText {
    /// The question, such as `Apply 5 changes to subscription 80c696ff-… (1 delete, 5 unassigns)?`.
    package static func question(_ plan: Plan, target: PlanTarget) -> String {
        let summary = plan.summary
        let losses = [
            summary.delete > 0 ? Words.count(summary.delete, "delete") : nil,
            summary.unassign > 0 ? Words.count(summary.unassign, "unassign") : nil,
        ].compactMap(\.self).joined(separator: ", ")
        return "Apply \(Words.count(plan.changes.count, "change")) to \(place(plan, target))"
            + (losses.isEmpty ? "" : " (\(losses))") + "?"
    }

    private static func place(_ plan: Plan, _ target: PlanTarget) -> String {
        if let emulator = target.emulator { return "the emulator \(TerminalText.safe(emulator))" }
        var seen: Set<String> = []
        let ids = plan.changes.map(\.resourceID.subscription).filter {
            seen.insert(Folding.fold($0)).inserted
        }
        let list = Layout.list(ids.sorted(), limit: 4)
        return TerminalText.safe("\(ids.count == 1 ? "subscription" : "the subscriptions") \(list)")
    }
}
