/// The subscriptions and resource groups that a plan is about, and how its rows name them.
struct Places {
    /// One subscription with what the plan read and wants to change in it.
    private struct Subscription {
        let id: String
        /// The resource groups by their folded names, in ARM's or the manifest's spelling.
        var groups: [String: String] = [:]
        /// Whether it was listed as a whole.
        var isListedWhole = false
    }

    /// Most groups that the head of a plan names.
    private static let groupLimit = 8

    private var subscriptions: [String: Subscription] = [:]
    private var shortNames: [String: String] = [:]

    init(_ plan: Plan) {
        for id in plan.changes.map(\.resourceID) { add(id.subscription, id.resourceGroup) }
        for id in plan.blocked.compactMap(\.resourceID) { add(id.subscription, id.resourceGroup) }
        for id in plan.warnings.compactMap(\.resourceID) { add(id.subscription, id.resourceGroup) }
        for scope in plan.scopes {
            let parts = scope.split(separator: "/").map(String.init)
            guard parts.count >= 2 else { continue }
            add(parts[1], parts.count >= 4 ? parts[3] : nil)
        }
        let prefixes = Dictionary(grouping: subscriptions.keys) { $0.prefix(8) }
        for (key, subscription) in subscriptions {
            let isUnique = prefixes[key.prefix(8), default: []].count == 1
            shortNames[key] = isUnique ? Self.short(subscription.id) : subscription.id
        }
    }

    private mutating func add(_ subscription: String, _ group: String?) {
        let key = Folding.fold(subscription)
        var entry = subscriptions[key] ?? Subscription(id: subscription)
        if let group {
            let folded = Folding.fold(group)
            entry.groups[folded] = entry.groups[folded] ?? group
        } else {
            entry.isListedWhole = true
        }
        subscriptions[key] = entry
    }

    /// The first part of a subscription id, which is enough to tell it from another.
    static func short(_ subscription: String) -> String {
        subscription.count > 8 ? subscription.prefix(8) + "…" : subscription
    }

    /// Where a resource is: its group, after its subscription when the plan has more than one.
    func place(of id: ResourceID) -> String {
        guard subscriptions.count > 1 else { return id.resourceGroup }
        let subscription = shortNames[Folding.fold(id.subscription)] ?? Self.short(id.subscription)
        return "\(subscription)/\(id.resourceGroup)"
    }

    /// One line per subscription: `subscription 80c696ff-…: TestRG, OtherRG`.
    var lines: [String] {
        subscriptions.values.sorted { $0.id < $1.id }.flatMap { subscription in
            let groups = subscription.groups.sorted { $0.key < $1.key }.map(\.value)
            let list = Layout.list(groups, limit: Self.groupLimit)
            let whole =
                subscription.isListedWhole ? (groups.isEmpty ? "listed whole" : " (listed whole)") : ""
            return Layout.hang("subscription ", TerminalText.safe("\(subscription.id): \(list)\(whole)"))
        }
    }
}
