/// Gives every resource of a manifest its short, unique address.
package struct AddressBook: Sendable {
    private let addresses: [ResourceID: String]

    /// Makes the book for these resources: `vm/NAME`, `vm/GROUP/NAME` where two would be equal, and the subscription
    /// before that where even those would be.
    package init(_ ids: [ResourceID]) {
        var level: [ResourceID: Int] = [:]
        for depth in 0...1 {
            let current = Dictionary(grouping: Set(ids)) {
                Folding.fold(Self.address($0, depth: level[$0, default: 0]))
            }
            for group in current.values where group.count > 1 {
                for id in group { level[id] = depth + 1 }
            }
        }
        addresses = Dictionary(
            Set(ids).map { ($0, Self.address($0, depth: level[$0, default: 0])) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The address of a resource; one that is not in the book gets its group with its name.
    package func address(of id: ResourceID) -> String {
        addresses[id] ?? Self.address(id, depth: 1)
    }

    private static func address(_ id: ResourceID, depth: Int) -> String {
        var parts = [id.kind.addressPrefix]
        if depth >= 2 { parts.append(id.subscription) }
        if depth >= 1 { parts.append(id.resourceGroup) }
        return (parts + [id.name]).joined(separator: "/")
    }
}
