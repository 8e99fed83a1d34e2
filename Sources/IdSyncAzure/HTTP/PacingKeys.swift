import IdSyncCore

extension BucketKey {
    /// The buckets that one request draws a token from.
    ///
    /// ```
    /// any request                       ARM reads | writes | deletes of the subscription
    /// VM, scale set                     update | get | list, of the subscription and of the resource
    /// …/locations/L/operations/ID       operation status, of the subscription and of the operation
    /// identity, federated credential    write | get | list | delete, of tenant, subscription and identity or scope
    /// ```
    package static func keys(method: HTTPMethod, path: String) -> [BucketKey] {
        let parts = Folding.fold(path).split(separator: "/").map(String.init)
        let inSubscription = parts.first == "subscriptions" && parts.count > 1
        let subscription = inSubscription ? parts[1] : "tenant"
        let arm: PacingLimit =
            switch method {
            case .get: .armReads
            case .put, .patch, .post: .armWrites
            case .delete: .armDeletes
            }
        var keys = [BucketKey(arm, subscription)]
        // The innermost provider counts: a role assignment on an identity is a request to Microsoft.Authorization.
        guard let provider = parts.lastIndex(of: "providers"), provider + 2 < parts.count else { return keys }
        let target = Target(
            subscription: subscription,
            resource: parts.prefix(provider + 4).joined(separator: "/"),
            path: parts.joined(separator: "/"),
            depth: parts.count - provider - 3
        )
        switch (parts[provider + 1], parts[provider + 2]) {
        case ("microsoft.compute", "locations") where parts.contains("operations"):
            keys += [
                BucketKey(.operationSubscription, subscription), BucketKey(.operationResource, target.path),
            ]
        case ("microsoft.compute", "virtualmachines"): keys += machine(method, target, Self.virtualMachine)
        case ("microsoft.compute", "locations") where parts.last == "virtualmachines":
            keys.append(BucketKey(.vmListSubscription, subscription))
        case ("microsoft.compute", "virtualmachinescalesets"): keys += machine(method, target, Self.scaleSet)
        case ("microsoft.managedidentity", "userassignedidentities"): keys += identity(method, target)
        default: break
        }
        return keys
    }

    private struct Target {
        let subscription: String
        let resource: String
        let path: String
        /// Segments after the resource type: 0 is a list, 1 a resource, more is a child of it.
        let depth: Int
    }

    private typealias MachineLimits = (
        update: (PacingLimit, PacingLimit), get: (PacingLimit, PacingLimit), list: PacingLimit
    )

    private static var virtualMachine: MachineLimits {
        (
            (.vmUpdateSubscription, .vmUpdateResource), (.vmGetSubscription, .vmGetResource),
            .vmListSubscription
        )
    }

    private static var scaleSet: MachineLimits {
        (
            (.scaleSetUpdateSubscription, .scaleSetUpdateResource),
            (.scaleSetGetSubscription, .scaleSetGetResource), .scaleSetListSubscription
        )
    }

    private static func machine(_ method: HTTPMethod, _ target: Target, _ limits: MachineLimits)
        -> [BucketKey]
    {
        switch method {
        case .get where target.depth == 0: [BucketKey(limits.list, target.subscription)]
        case .get:
            [BucketKey(limits.get.0, target.subscription), BucketKey(limits.get.1, target.resource)]
        case .put, .patch, .post:
            [BucketKey(limits.update.0, target.subscription), BucketKey(limits.update.1, target.resource)]
        // Compute publishes no figure for deletes, which idsync never sends to it.
        case .delete: []
        }
    }

    private static func identity(_ method: HTTPMethod, _ target: Target) -> [BucketKey] {
        // An even depth is a collection: the identities of a scope, or the credentials of an identity.
        switch method {
        case .get where target.depth.isMultiple(of: 2):
            [
                BucketKey(.identityListTenant, "tenant"),
                BucketKey(.identityListSubscription, target.subscription),
                BucketKey(.identityListScope, target.path),
            ]
        case .get:
            [
                BucketKey(.identityGetTenant, "tenant"),
                BucketKey(.identityGetSubscription, target.subscription),
                BucketKey(.identityGetResource, target.resource),
            ]
        case .put, .patch, .post:
            [
                BucketKey(.identityWriteTenant, "tenant"),
                BucketKey(.identityWriteSubscription, target.subscription),
                BucketKey(.identityWriteResource, target.resource),
            ]
        case .delete:
            [
                BucketKey(.identityDeleteTenant, "tenant"),
                BucketKey(.identityDeleteSubscription, target.subscription),
                BucketKey(.identityDeleteResource, target.resource),
            ]
        }
    }
}
