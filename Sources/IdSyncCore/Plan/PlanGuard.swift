/// A plan that passed every gate; it can be executed once, and only the guard makes one.
package struct ApprovedPlan: ~Copyable, Sendable {
    /// The changes to carry out.
    package let changes: [Change]

    fileprivate init(_ changes: [Change]) { self.changes = changes }
}

/// Why a plan was not approved.
package struct GateRefusal: Error, Sendable, Equatable {
    /// What the gates said.
    package let blocked: [BlockedItem]

    /// Makes a refusal.
    package init(blocked: [BlockedItem]) { self.blocked = blocked }
}

/// Lets a plan through only whole: every gate is checked before the first write (P4).
package enum PlanGuard {
    /// Approves a plan.
    ///
    /// Blocked targets have no change in the plan, so skipping them leaves just the rest; a broken limit is about the
    /// plan as a whole and cannot be skipped.
    ///
    /// - Throws: `GateRefusal` when a target is blocked and blocked targets are not to be skipped.
    package static func approve(_ plan: Plan, skippingBlocked: Bool = false) throws(GateRefusal)
        -> ApprovedPlan
    {
        let refusing = skippingBlocked ? plan.blocked.filter { $0.gate == .limits } : plan.blocked
        guard refusing.isEmpty else { throw GateRefusal(blocked: refusing) }
        return ApprovedPlan(plan.changes)
    }
}
