/// The kinds of ARM resource that idsync names.
package enum ResourceKind: String, Sendable, Hashable, CaseIterable {
    case userAssignedIdentity
    case virtualMachine
    case virtualMachineScaleSet

    /// The resource provider namespace as ARM spells it.
    package var namespace: String {
        self == .userAssignedIdentity ? "Microsoft.ManagedIdentity" : "Microsoft.Compute"
    }

    /// The resource type below the namespace as ARM spells it.
    package var typeName: String {
        switch self {
        case .userAssignedIdentity: "userAssignedIdentities"
        case .virtualMachine: "virtualMachines"
        case .virtualMachineScaleSet: "virtualMachineScaleSets"
        }
    }

    /// The first part of an address, as in `vm/NAME`.
    package var addressPrefix: String {
        switch self {
        case .userAssignedIdentity: "identity"
        case .virtualMachine: "vm"
        case .virtualMachineScaleSet: "vmss"
        }
    }
}

/// A parsed ARM resource id; equality, hash and order ignore case, the spelling is preserved.
package struct ResourceID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The subscription GUID as given.
    package let subscription: String
    /// The resource group as given.
    package let resourceGroup: String
    /// Which kind of resource the id names.
    package let kind: ResourceKind
    /// The resource name as given.
    package let name: String
    /// The folded id: the one key that desired and live state are matched by.
    package let key: String

    /// Makes an id from its parts.
    package init(subscription: String, resourceGroup: String, kind: ResourceKind, name: String) {
        self.subscription = subscription
        self.resourceGroup = resourceGroup
        self.kind = kind
        self.name = name
        key = Folding.fold(Self.text(subscription, resourceGroup, kind, name))
    }

    /// Parses a full ARM id, ignoring the case of its fixed segments.
    ///
    /// - Throws: `ResourceIDError`, whose message says what is wrong and how a right id looks.
    package init(parsing text: String) throws(ResourceIDError) {
        let parts = try ResourceIDError.segments(of: text)
        guard
            let kind = ResourceKind.allCases.first(where: {
                Folding.fold($0.namespace) == Folding.fold(parts[5])
                    && Folding.fold($0.typeName) == Folding.fold(parts[6])
            })
        else {
            throw ResourceIDError("'\(parts[5])/\(parts[6])' is not a resource type that idsync manages")
        }
        self.init(subscription: parts[1], resourceGroup: parts[3], kind: kind, name: parts[7])
    }

    /// The id in ARM's canonical spelling of the fixed segments.
    package var description: String { Self.text(subscription, resourceGroup, kind, name) }

    /// `/subscriptions/{s}/resourceGroups/{g}`, the scope that holds the resource.
    package var groupScope: String { "/subscriptions/\(subscription)/resourceGroups/\(resourceGroup)" }

    /// Equal when the folded ids are equal.
    package static func == (left: ResourceID, right: ResourceID) -> Bool { left.key == right.key }

    /// Hashes the folded id.
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }

    /// Orders by the folded id.
    package static func < (left: ResourceID, right: ResourceID) -> Bool { left.key < right.key }

    private static func text(_ subscription: String, _ group: String, _ kind: ResourceKind, _ name: String)
        -> String
    {
        "/subscriptions/\(subscription)/resourceGroups/\(group)"
            + "/providers/\(kind.namespace)/\(kind.typeName)/\(name)"
    }
}

/// Why a text is not a resource id that idsync can use.
package struct ResourceIDError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, without the text itself.
    package let description: String

    /// Makes an error with its message.
    package init(_ description: String) { self.description = description }

    /// Splits an id into its eight segments after checking the fixed ones.
    fileprivate static func segments(of text: String) throws(ResourceIDError) -> [String] {
        // By bytes: a plan parses tens of thousands of ids, and characters cost ten times as much.
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        if !isPlain, text.contains(where: \.isWhitespace) {
            throw ResourceIDError("a resource id contains no blanks")
        }
        guard text.hasPrefix("/") else { throw ResourceIDError("a resource id starts with '/'") }
        if text.count > 1, text.hasSuffix("/") {
            throw ResourceIDError("a resource id does not end with '/'")
        }
        let parts = text.utf8.dropFirst()
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard parts.count == 8 else {
            throw ResourceIDError(
                "expected /subscriptions/{guid}/resourceGroups/{group}/providers/{namespace}/{type}/{name}, "
                    + "found \(parts.count) segments instead of 8"
            )
        }
        for (index, name) in [(0, "subscriptions"), (2, "resourceGroups"), (4, "providers")]
        where Folding.fold(parts[index]) != Folding.fold(name) {
            throw ResourceIDError("expected '\(name)', found '\(parts[index])'")
        }
        if let empty = [1, 3, 7].first(where: { parts[$0].isEmpty }) {
            throw ResourceIDError("segment \(empty + 1) of the resource id is empty")
        }
        return parts
    }
}
