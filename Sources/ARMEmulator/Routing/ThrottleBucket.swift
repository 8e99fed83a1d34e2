import IdSyncAzure
import IdSyncCore

/// One token bucket of a limit, with the scope that it counts.
struct ThrottleBucket: Sendable, Equatable {
    /// Who keeps the limit; it decides the answer.
    enum Provider: Sendable, Equatable { case arm, compute, managedIdentity }

    let provider: Provider
    /// The name as header fields have it.
    let name: String
    /// What it counts: a subscription, a resource, an operation, or the tenant.
    let scope: String
    let capacity: Double
    let perSecond: Double

    /// The key of its level.
    var key: String { "\(provider)|\(name)|\(scope)" }

    /// The buckets that a request takes from.
    static func buckets(of route: Route, _ method: HTTPMethod) -> [ThrottleBucket] {
        let subscription = Folding.fold(route.subscriptionID ?? "tenant")
        return [arm(method, subscription)] + provider(route, method, subscription)
    }

    /// Per subscription and principal: reads 250 and 25/s, writes and deletes 200 and 10/s.
    private static func arm(_ method: HTTPMethod, _ subscription: String) -> ThrottleBucket {
        let (name, capacity, rate): (String, Double, Double) =
            switch method {
            case .get: ("reads", 250, 25)
            case .delete: ("deletes", 200, 10)
            case .put, .patch, .post: ("writes", 200, 10)
            }
        return ThrottleBucket(
            provider: .arm,
            name: name,
            scope: subscription,
            capacity: capacity,
            perSecond: rate
        )
    }

    private static func provider(_ route: Route, _ method: HTTPMethod, _ subscription: String)
        -> [ThrottleBucket]
    {
        switch route {
        case .subscriptions, .subscription, .group: return []
        case .operation(_, _, let id):
            return compute("GetOperation", (45, 15), (15_000, 5_000), Folding.fold(id), subscription)
        case .locationList: return [machineList(.virtualMachine, subscription)]
        case .list(.userAssignedIdentity, _, let group):
            return managedIdentity("List", (15, 5, 0.25), Folding.fold(group ?? ""), subscription)
        case .list(let kind, _, _): return [machineList(kind, subscription)]
        case .resource(let id) where id.kind == .userAssignedIdentity:
            switch method {
            case .get: return managedIdentity("Get", (30, 10, 0.5), id.key, subscription)
            case .delete: return managedIdentity("Delete", (10, 2, 0.25), id.key, subscription)
            case .put, .patch, .post:
                return managedIdentity("CreateUpdate", (10, 2, 0.25), id.key, subscription)
            }
        case .resource(let id): return machine(id, method, subscription)
        }
    }

    private static func machine(_ id: ResourceID, _ method: HTTPMethod, _ subscription: String)
        -> [ThrottleBucket]
    {
        let isVM = id.kind == .virtualMachine
        guard method != .get else {
            return isVM
                ? compute("LowCostGet", (36, 12), (24_000, 8_000), id.key, subscription)
                : compute("GetVMScaleSet", (36, 12), (2_400, 800), id.key, subscription)
        }
        let name =
            switch method {
            case .put: isVM ? "PutVM" : "CreateVMScaleSet"
            case .delete: isVM ? "DeleteVM" : "DeleteVMScaleSet"
            default: isVM ? "UpdateVM" : "VMScaleSetActions"
            }
        return compute(name, (12, 4), (1_500, 500), id.key, subscription)
    }

    private static func machineList(_ kind: ResourceKind, _ subscription: String) -> ThrottleBucket {
        let isVM = kind == .virtualMachine
        return ThrottleBucket(
            provider: .compute,
            name: isVM ? "HighCostGetSubscriptionMaximum" : "HighCostGetVMScaleSetSubscriptionMaximum",
            scope: subscription,
            capacity: isVM ? 900 : 1_080,
            perSecond: isVM ? 300.0 / 60 : 360.0 / 60
        )
    }

    /// A subscription bucket and a resource bucket, each capacity and refill per minute.
    private static func compute(
        _ name: String,
        _ resource: (capacity: Double, perMinute: Double),
        _ whole: (capacity: Double, perMinute: Double),
        _ key: String,
        _ subscription: String
    ) -> [ThrottleBucket] {
        [
            ThrottleBucket(
                provider: .compute,
                name: name + "SubscriptionMaximum",
                scope: subscription,
                capacity: whole.capacity,
                perSecond: whole.perMinute / 60
            ),
            ThrottleBucket(
                provider: .compute,
                name: name + "Resource",
                scope: key,
                capacity: resource.capacity,
                perSecond: resource.perMinute / 60
            ),
        ]
    }

    /// Rates per second for tenant, subscription and resource; a bucket holds one second, at least one token.
    private static func managedIdentity(
        _ name: String,
        _ rates: (tenant: Double, subscription: Double, resource: Double),
        _ key: String,
        _ subscription: String
    ) -> [ThrottleBucket] {
        let scopes = [
            ("tenant", rates.tenant), (subscription, rates.subscription),
            ("\(subscription)/\(key)", rates.resource),
        ]
        return scopes.map { scope, rate in
            ThrottleBucket(
                provider: .managedIdentity,
                name: name,
                scope: scope,
                capacity: max(1, rate),
                perSecond: rate
            )
        }
    }

    /// What has issued too many requests, in the words of the identity provider (onefuzz issue 249).
    private var subject: String {
        if scope == "tenant" { return "tenant" }
        return scope.contains("/") ? "resource \(scope.drop { $0 != "/" })" : "subscription \(scope)"
    }

    /// The 429 of whoever keeps the limit.
    func failure(seconds: Int) -> ARMFailure {
        var failure =
            switch provider {
            case .arm:
                ARMFailure(
                    429,
                    "TooManyRequests",
                    "The number of \(name) for subscription '\(scope)' exceeded the limit. "
                        + "Please try again after '\(seconds)' seconds.",
                    isGateway: true
                )
            case .compute:
                ARMFailure(
                    429,
                    "OperationNotAllowed",
                    "The server rejected the request because too many requests have been received for this "
                        + "subscription."
                )
            case .managedIdentity:
                // The text of aso-identity-throttled-429.
                ARMFailure(
                    429,
                    "429",
                    "Request is temporarily throttled because \(subject) has issued too many requests. "
                        + "Retry after \(seconds) seconds."
                )
            }
        if provider == .compute {
            let group = "{\"operationGroup\":\"\(name)\"}"
            failure.details = [
                ["code": "TooManyRequests", "target": .string(name), "message": .string(group)]
            ]
        }
        failure.retryAfter = seconds
        return failure
    }
}
