/// The published request limits, one case per token bucket.
///
/// Source: FACTS section 11. ARM counts per subscription and principal; Compute per subscription and per resource, in
/// tokens per minute; Managed Identity per tenant, subscription and resource, in requests per second.
package enum PacingLimit: String, Sendable, Hashable, CaseIterable {
    case armReads, armWrites, armDeletes
    case vmUpdateSubscription, vmUpdateResource
    case vmGetSubscription, vmGetResource
    case vmListSubscription
    case operationSubscription, operationResource
    case scaleSetUpdateSubscription, scaleSetUpdateResource
    case scaleSetGetSubscription, scaleSetGetResource
    case scaleSetListSubscription
    case identityWriteTenant, identityWriteSubscription, identityWriteResource
    case identityGetTenant, identityGetSubscription, identityGetResource
    case identityListTenant, identityListSubscription, identityListScope
    case identityDeleteTenant, identityDeleteSubscription, identityDeleteResource

    /// How many tokens come back per second, and how many the bucket holds.
    package var bucket: (perSecond: Double, capacity: Double) {
        switch self {
        case .armReads: (25, 250)
        case .armWrites, .armDeletes: (10, 200)
        case .vmUpdateSubscription, .scaleSetUpdateSubscription: (500.0 / 60, 1_500)
        case .vmUpdateResource, .scaleSetUpdateResource: (4.0 / 60, 12)
        case .vmGetSubscription: (8_000.0 / 60, 24_000)
        case .scaleSetGetSubscription: (800.0 / 60, 2_400)
        case .vmGetResource, .scaleSetGetResource: (12.0 / 60, 36)
        case .vmListSubscription: (300.0 / 60, 900)
        case .scaleSetListSubscription: (360.0 / 60, 1_080)
        case .operationSubscription: (5_000.0 / 60, 15_000)
        case .operationResource: (15.0 / 60, 45)
        case .identityWriteTenant, .identityDeleteTenant: Self.perSecond(10)
        case .identityGetTenant: Self.perSecond(30)
        case .identityListTenant: Self.perSecond(15)
        case .identityWriteSubscription, .identityDeleteSubscription: Self.perSecond(2)
        case .identityGetSubscription: Self.perSecond(10)
        case .identityListSubscription: Self.perSecond(5)
        case .identityGetResource: Self.perSecond(0.5)
        case .identityWriteResource, .identityDeleteResource, .identityListScope: Self.perSecond(0.25)
        }
    }

    /// How far a bucket reaches, which decides what a 429 that names no bucket freezes.
    package enum Reach: Sendable { case principal, provider, resource }

    /// How far this bucket reaches.
    package var reach: Reach {
        switch self {
        case .armReads, .armWrites, .armDeletes: .principal
        case .vmUpdateResource, .vmGetResource, .operationResource, .scaleSetUpdateResource,
            .scaleSetGetResource,
            .identityWriteResource, .identityGetResource, .identityDeleteResource, .identityListScope:
            .resource
        default: .provider
        }
    }

    /// The names that `x-ms-ratelimit-remaining-resource` and a 429 give to this bucket, without `Microsoft.Compute/`.
    ///
    /// Source: the recordings (`UpdateVMSubscriptionMaximum;1499`). The counters over 3 and 30 minutes of older answers
    /// are other buckets and are left alone.
    package var headerNames: [String] {
        switch self {
        case .vmUpdateSubscription: ["UpdateVMSubscriptionMaximum", "PutVMSubscriptionMaximum"]
        case .vmUpdateResource: ["UpdateVMResource", "PutVMResource"]
        case .vmGetSubscription: ["LowCostGetSubscriptionMaximum"]
        case .vmGetResource: ["LowCostGetResource"]
        case .vmListSubscription: ["HighCostGetSubscriptionMaximum"]
        case .operationSubscription: ["GetOperationSubscriptionMaximum"]
        case .operationResource: ["GetOperationResource"]
        case .scaleSetUpdateSubscription:
            ["VMScaleSetActionsSubscriptionMaximum", "CreateVMScaleSetSubscriptionMaximum"]
        case .scaleSetUpdateResource: ["VMScaleSetActionsResource", "CreateVMScaleSetResource"]
        case .scaleSetGetSubscription: ["GetVMScaleSetSubscriptionMaximum"]
        case .scaleSetGetResource: ["GetVMScaleSetResource"]
        case .scaleSetListSubscription: ["HighCostGetVMScaleSetSubscriptionMaximum"]
        case .armReads: ["subscription-reads", "subscription-global-reads", "tenant-reads"]
        case .armWrites: ["subscription-writes", "subscription-global-writes", "tenant-writes"]
        case .armDeletes: ["subscription-deletes", "subscription-global-deletes"]
        default: []
        }
    }

    /// A limit per second holds one second's worth, and at least one request: the page promises no more.
    private static func perSecond(_ rate: Double) -> (perSecond: Double, capacity: Double) {
        (rate, max(1, rate))
    }
}

/// One token bucket: a limit and what it is counted for.
package struct BucketKey: Sendable, Hashable {
    /// Which limit.
    package let limit: PacingLimit
    /// The subscription, the resource or the scope, folded.
    package let scope: String

    /// Makes a key.
    package init(_ limit: PacingLimit, _ scope: String) {
        self.limit = limit
        self.scope = scope
    }
}
