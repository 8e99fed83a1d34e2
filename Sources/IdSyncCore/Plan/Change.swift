package import YAMLDocument

/// The order of changes; a change runs only when every earlier stage is over (law 4).
///
/// Numbers leave 2 for federated credentials and role assignments.
package enum Stage: Int, Sendable, Comparable {
    case identities = 1
    case machines = 3
    case deletions = 4

    /// Orders by number.
    package static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
}

/// One change of one resource.
package struct Change: Sendable, Equatable {
    /// What is done; each case carries just what it needs.
    package enum Operation: Sendable, Equatable {
        case createIdentity(location: String, tags: [String: String])
        /// New tags over old ones; tags that the manifest does not name are in both.
        case updateIdentity(location: String, from: [String: String], to: [String: String])
        case deleteIdentity(DoomedIdentity)
        case patchMachine(before: IdentityBlock, after: IdentityBlock, delta: MachineDelta)
    }

    /// `c1`, `c2`, … in plan order.
    package let id: String
    /// `identity/NAME`, `vm/NAME`, with the group before the name where two would be equal.
    package let address: String
    /// The resource that changes.
    package let resourceID: ResourceID
    /// The manifest line that asked for it.
    package let origin: SourceLocation?
    /// When it runs.
    package let stage: Stage
    /// The ids of changes that must have succeeded before.
    package let dependsOn: [String]
    /// What is done.
    package let operation: Operation
    /// What stays on a touched VM, with why.
    package let kept: [KeptIdentity]
    /// What leaves a VM, with why.
    package let removed: [RemovedIdentity]
    /// The exact requests, in order; one unless more than 100 identities change.
    package let requests: [PlannedRequest]
    /// What the user should know before approving.
    package let warnings: [PlanWarning]

    /// Makes a change.
    package init(
        id: String,
        address: String,
        resourceID: ResourceID,
        origin: SourceLocation?,
        stage: Stage,
        dependsOn: [String] = [],
        operation: Operation,
        kept: [KeptIdentity] = [],
        removed: [RemovedIdentity] = [],
        requests: [PlannedRequest],
        warnings: [PlanWarning] = []
    ) {
        self.id = id
        self.address = address
        self.resourceID = resourceID
        self.origin = origin
        self.stage = stage
        self.dependsOn = dependsOn
        self.operation = operation
        self.kept = kept
        self.removed = removed
        self.requests = requests
        self.warnings = warnings
    }

    /// The word for `action` in the plan document.
    package var action: String {
        switch operation {
        case .createIdentity: "create"
        case .updateIdentity: "update"
        case .deleteIdentity: "delete"
        case .patchMachine: "assign"
        }
    }

    /// The delta of a VM change; nil for an identity change.
    package var delta: MachineDelta? {
        if case .patchMachine(_, _, let delta) = operation { delta } else { nil }
    }
}

/// One ARM request as the plan shows it; the executor sends it after a fresh GET.
package struct PlannedRequest: Sendable, Equatable {
    /// `PUT`, `PATCH` or `DELETE`.
    package let method: String
    /// The resource path without query, not percent-encoded.
    package let path: String
    /// The api-version.
    package let apiVersion: String
    /// The ETag that was read, with its quotes; the executor replaces it by a fresh one.
    package let ifMatch: String?
    /// The body; nil for DELETE.
    package let body: JSONValue?

    /// Makes a request.
    package init(method: String, path: String, apiVersion: String, ifMatch: String? = nil, body: JSONValue?) {
        self.method = method
        self.path = path
        self.apiVersion = apiVersion
        self.ifMatch = ifMatch
        self.body = body
    }
}

/// Something to know about a plan that does not stop it.
package struct PlanWarning: Sendable, Equatable {
    /// A stable code; see `PlanCode`.
    package let code: String
    /// One sentence.
    package let message: String
    /// The address that it is about, when there is one.
    package let address: String?
    /// The manifest line, when there is one.
    package let origin: SourceLocation?
    /// The resource that it is about, when there is one.
    package let resourceID: ResourceID?

    /// Makes a warning.
    package init(
        code: String,
        message: String,
        address: String? = nil,
        origin: SourceLocation? = nil,
        resourceID: ResourceID? = nil
    ) {
        self.code = code
        self.message = message
        self.address = address
        self.origin = origin
        self.resourceID = resourceID
    }
}

/// A target that may not be touched, and why.
package struct BlockedItem: Sendable, Equatable {
    /// The address that is blocked, or `limits` for the plan as a whole.
    package let address: String
    /// Which gate refused.
    package let gate: Gate
    /// What is wrong and what to do, one sentence each.
    package let message: String
    /// Resource ids, codes or figures that prove it.
    package let evidence: [String]
    /// The manifest line that asked for it.
    package let origin: SourceLocation?
    /// The resource that is blocked; nil for the plan as a whole.
    package let resourceID: ResourceID?

    /// Makes an item.
    package init(
        address: String,
        gate: Gate,
        message: String,
        evidence: [String] = [],
        origin: SourceLocation? = nil,
        resourceID: ResourceID? = nil
    ) {
        self.address = address
        self.gate = gate
        self.message = message
        self.evidence = evidence
        self.origin = origin
        self.resourceID = resourceID
    }
}

/// The gates that can block a target; the raw value is the `gate` of the plan document.
package enum Gate: String, Sendable, Equatable, CaseIterable {
    case missingTarget = "missing-target"
    case missingIdentity = "missing-identity"
    case missingGroup = "missing-group"
    case unreadable
    case permission
    case authentication
    case unknownType = "unknown-type"
    case deleting
    case inconsistent
    case protected
    case encryption = "encryption-identity"
    case locationChange = "location-change"
    case inUse = "dangling-reference"
    case whereUsed = "where-used"
    case detach
    case selfIdentity = "self"
    case limits
    case missingSubscription = "missing-subscription"
    case crossTenant = "cross-tenant"

    /// The stable code of the gate, `IDS20NN` in the order of declaration.
    package var code: String {
        let index = (Self.allCases.firstIndex(of: self) ?? 0) + 1
        return "IDS20" + (index < 10 ? "0" : "") + String(index)
    }
}

/// The codes of plan warnings.
package enum PlanCode {
    /// Tokens requested without a client id will come from another identity, or not at all (F24).
    package static let defaultIdentity = "IDS3001"
    /// The VM carries an identity that no longer exists (F25).
    package static let dangling = "IDS3002"
    /// The identity was deleted and made anew; the VM holds the old one (F26).
    package static let recreated = "IDS3003"
    /// Another service owns the VM and may revert the change (F50).
    package static let managedBy = "IDS3004"
    /// The VM's last operation did not succeed or is still running (F43).
    package static let provisioningState = "IDS3005"
    /// The VM carries an identity key that is not a resource id; it is kept.
    package static let opaqueKey = "IDS3006"
    /// A write that shrinks `type` or replaces a list goes out without an ETag guard (F14, F21).
    package static let unguarded = "IDS3007"
    /// An identity is detached and attached again, which is a short outage for it (F26).
    package static let reattach = "IDS3008"
}
