import YAMLDocument

/// The rows of a plan text: one per address that has a change, a block or a warning, grouped into sections.
struct PlanRows {
    /// The sections in the order in which they are shown; the raw value is the first part of an address.
    enum Section: String, CaseIterable {
        case identities = "identity"
        case machines = "vm"
        case scaleSets = "vmss"
        case whole = ""

        var title: String {
            switch self {
            case .identities: "Identities"
            case .machines: "Virtual machines"
            case .scaleSets: "Virtual machine scale sets"
            case .whole: "Whole plan"
            }
        }
    }

    /// Everything that the plan says about one address.
    struct Row {
        let address: String
        let change: Change?
        var blocked: [BlockedItem] = []
        var warnings: [PlanWarning] = []

        /// What the blocks say, without whom they are about.
        var blockReasons: [[String]] { blocked.map { [$0.gate.rawValue, $0.message] + $0.evidence } }

        /// The manifest line: of the change, else of the first block or warning that has one.
        var origin: SourceLocation? {
            change?.origin ?? blocked.lazy.compactMap(\.origin).first
                ?? warnings.lazy.compactMap(\.origin).first
        }

        /// `name  group  subscription`, the last only where the address needs it to be unique.
        var title: String {
            let parts = address.split(separator: "/").map(String.init)
            guard parts.count > 1 else { return address }
            var title = Array(parts.dropFirst().reversed())
            if title.count == 1, let change { title.append(change.resourceID.resourceGroup) }
            return title.joined(separator: "  ")
        }
    }

    /// The rows of each section that has any: changes in plan order, then what has none.
    private(set) var sections: [Section: [Row]] = [:]

    var isEmpty: Bool { sections.isEmpty }

    init(_ plan: Plan) {
        var rows = plan.changes.map { Row(address: $0.address, change: $0, warnings: $0.warnings) }
        var index = Dictionary(
            rows.enumerated().map { ($0.element.address, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        func position(of address: String) -> Int {
            if let known = index[address] { return known }
            rows.append(Row(address: address, change: nil))
            index[address] = rows.count - 1
            return rows.count - 1
        }
        for item in plan.blocked { rows[position(of: item.address)].blocked.append(item) }
        for warning in plan.warnings {
            let place = position(of: warning.address ?? "plan")
            // The plan repeats the warnings of its changes.
            if !rows[place].warnings.contains(warning) { rows[place].warnings.append(warning) }
        }
        sections = Dictionary(grouping: rows) { row in
            let prefix = row.address.prefix { $0 != "/" }
            return row.address.contains("/") ? Section(rawValue: String(prefix)) ?? .whole : .whole
        }
    }
}
