import Foundation
import IdSyncAzure
import IdSyncCore

/// What a path addresses.
enum Route: Sendable, Equatable {
    case subscriptions
    case subscription(String)
    case group(subscription: String, name: String)
    /// A list in a subscription or, with a group, in the group.
    case list(ResourceKind, subscription: String, group: String?)
    /// The VMs of a subscription in one location.
    case locationList(subscription: String, location: String)
    case resource(ResourceID)
    case operation(subscription: String, location: String, id: String)

    /// Parses a path; fixed segments match without case, empty ones are skipped as ARM does (`//subscriptions`).
    ///
    /// - Throws: `ARMFailure` 404 when nothing is there.
    init(path: String) throws(ARMFailure) {
        let parts = path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        let folded = parts.map(Folding.fold)
        guard folded.first == "subscriptions", let found = Self.match(parts, folded) else {
            throw .noRoute(path)
        }
        self = found
    }

    private static func match(_ parts: [String], _ folded: [String]) -> Route? {
        switch folded.count {
        case 1: return .subscriptions
        case 2: return .subscription(parts[1])
        case 4 where folded[2] == "resourcegroups": return .group(subscription: parts[1], name: parts[3])
        case 5 where folded[2] == "providers":
            return kind(folded[3], folded[4]).map { .list($0, subscription: parts[1], group: nil) }
        case 7 where folded[2] == "providers":
            guard folded[3] == "microsoft.compute", folded[4] == "locations", folded[6] == "virtualmachines"
            else { return nil }
            return .locationList(subscription: parts[1], location: parts[5])
        case 7 where folded[2] == "resourcegroups" && folded[4] == "providers":
            return kind(folded[5], folded[6]).map { .list($0, subscription: parts[1], group: parts[3]) }
        case 8: return eight(parts, folded)
        default: return nil
        }
    }

    private static func eight(_ parts: [String], _ folded: [String]) -> Route? {
        if folded[2] == "providers" {
            guard folded[3] == "microsoft.compute", folded[4] == "locations", folded[6] == "operations"
            else { return nil }
            return .operation(subscription: parts[1], location: parts[5], id: parts[7])
        }
        guard folded[2] == "resourcegroups", folded[4] == "providers", let kind = kind(folded[5], folded[6])
        else { return nil }
        return .resource(
            ResourceID(subscription: parts[1], resourceGroup: parts[3], kind: kind, name: parts[7])
        )
    }

    private static func kind(_ namespace: String, _ type: String) -> ResourceKind? {
        ResourceKind.allCases.first {
            Folding.fold($0.namespace) == namespace && Folding.fold($0.typeName) == type
        }
    }

    /// The kind that the api-version belongs to, or nil for ARM's own resources.
    var kind: ResourceKind? {
        switch self {
        case .subscriptions, .subscription, .group: nil
        case .list(let kind, _, _): kind
        case .locationList, .operation: .virtualMachine
        case .resource(let id): id.kind
        }
    }

    /// The subscription that the path names.
    var subscriptionID: String? {
        switch self {
        case .subscriptions: nil
        case .subscription(let id), .group(let id, _), .list(_, let id, _), .locationList(let id, _),
            .operation(let id, _, _):
            id
        case .resource(let id): id.subscription
        }
    }

    /// Whether the resource takes the method.
    func allows(_ method: HTTPMethod) -> Bool {
        if case .resource = self { return method != .post }
        return method == .get
    }
}
