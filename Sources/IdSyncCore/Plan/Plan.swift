/// What `idsync` would do: a value, sorted, free of time and chance.
package struct Plan: Sendable, Equatable {
    /// The changes in the order of stage and resource id.
    package let changes: [Change]
    /// The targets that may not be touched.
    package let blocked: [BlockedItem]
    /// Warnings of the whole plan, those of its changes included.
    package let warnings: [PlanWarning]
    /// The scopes that were read.
    package let scopes: [String]
    /// How many requests the reading took.
    package let reads: Int

    /// Makes a plan.
    package init(
        changes: [Change],
        blocked: [BlockedItem] = [],
        warnings: [PlanWarning] = [],
        scopes: [String] = [],
        reads: Int = 0
    ) {
        self.changes = changes
        self.blocked = blocked
        self.warnings = warnings
        self.scopes = scopes
        self.reads = reads
    }

    /// The counts of the plan.
    package var summary: PlanSummary { PlanSummary(self) }
}

/// The counts that the last line of a plan and the plan document show.
package struct PlanSummary: Sendable, Equatable {
    /// Identities to create.
    package private(set) var create = 0
    /// Identities whose tags change.
    package private(set) var update = 0
    /// Identities to delete.
    package private(set) var delete = 0
    /// Identities put on VMs, system-assigned ones included.
    package private(set) var assign = 0
    /// Identities taken off VMs, system-assigned ones included.
    package private(set) var unassign = 0
    /// PATCH requests on VMs.
    package private(set) var vmPatches = 0
    /// Identities on touched VMs that stay.
    package private(set) var kept = 0
    /// Blocked targets.
    package let blocked: Int
    /// Warnings.
    package let warnings: Int
    /// All write requests.
    package private(set) var writes = 0

    /// Whether anything would change.
    package var hasChanges: Bool { writes > 0 }
    /// Whether anything would be taken away.
    package var destructive: Bool { delete > 0 || unassign > 0 }

    /// Counts a plan.
    package init(_ plan: Plan) {
        blocked = plan.blocked.count
        warnings = plan.warnings.count
        for change in plan.changes {
            writes += change.requests.count
            kept += change.kept.count
            switch change.operation {
            case .createIdentity: create += 1
            case .updateIdentity: update += 1
            case .deleteIdentity: delete += 1
            case .patchMachine(_, _, let delta):
                vmPatches += change.requests.count
                assign += delta.add.count + delta.reattach.count + (delta.system == true ? 1 : 0)
                unassign += delta.leaving.count + (delta.system == false ? 1 : 0)
            }
        }
    }
}
