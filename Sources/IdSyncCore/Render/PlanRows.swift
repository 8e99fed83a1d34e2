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

        /// The resource that the row is about; nil for the plan as a whole.
        var resourceID: ResourceID? {
            change?.resourceID ?? blocked.lazy.compactMap(\.resourceID).first
                ?? warnings.lazy.compactMap(\.resourceID).first
        }

        var section: Section {
            let prefix = address.prefix { $0 != "/" }
            return address.contains("/") ? Section(rawValue: String(prefix)) ?? .whole : .whole
        }
    }

    /// The rows of each section that has any: changes in plan order, then what has none.
    private(set) var sections: [Section: [Row]] = [:]
    /// Warnings that many machines share, taken out of their rows.
    private(set) var shared: [SharedWarning] = []

    var isEmpty: Bool { sections.isEmpty && shared.isEmpty }

    /// Makes the rows; `sharesWarnings` gathers equal warnings of many machines.
    init(_ plan: Plan, sharesWarnings: Bool) {
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
        if sharesWarnings {
            (rows, shared) = SharedWarning.gather(from: rows)
            rows.removeAll { $0.change == nil && $0.blocked.isEmpty && $0.warnings.isEmpty }
        }
        sections = Dictionary(grouping: rows, by: \.section)
    }
}

/// One warning that several machines share.
struct SharedWarning: Equatable {
    /// How many machines make it worth a line of its own.
    static let threshold = 3

    let section: PlanRows.Section
    let code: String
    let message: String
    /// The machines, in the order of their rows.
    let names: [String]

    /// `20 VMs: no identity is left …: web-003, web-006 and 18 more [IDS3001]`.
    var text: String {
        let kind = section == .scaleSets ? "scale set" : "VM"
        return "\(Words.count(names.count, kind)): \(message): \(Layout.list(names, limit: 6)) [\(code)]"
    }

    private struct Key: Hashable {
        let section: String
        let code: String
        let message: String
    }

    /// Takes the warnings that at least `threshold` machines share out of their rows.
    static func gather(from rows: [PlanRows.Row]) -> (rows: [PlanRows.Row], shared: [SharedWarning]) {
        func key(_ warning: PlanWarning, _ row: PlanRows.Row) -> Key? {
            guard row.section == .machines || row.section == .scaleSets else { return nil }
            return Key(section: row.section.rawValue, code: warning.code, message: warning.message)
        }
        var carriers: [Key: [String]] = [:]
        var order: [Key] = []
        for row in rows {
            for key in row.warnings.compactMap({ key($0, row) }) {
                if carriers[key] == nil { order.append(key) }
                carriers[key, default: []].append(row.resourceID?.name ?? row.address)
            }
        }
        let common = order.filter { carriers[$0, default: []].count >= threshold }
        guard !common.isEmpty else { return (rows, []) }
        let isCommon = Set(common)
        let left = rows.map { row in
            var copy = row
            copy.warnings = row.warnings.filter { warning in
                key(warning, row).map { !isCommon.contains($0) } ?? true
            }
            return copy
        }
        let shared = common.map { key in
            SharedWarning(
                section: PlanRows.Section(rawValue: key.section) ?? .machines,
                code: key.code,
                message: key.message,
                names: carriers[key, default: []]
            )
        }
        return (left, shared)
    }
}
