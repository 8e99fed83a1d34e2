import YAMLDocument

/// Collects changes while the planner decides, then numbers and sorts them once.
struct PlanDraft {
    let apiVersions: APIVersions
    let book: AddressBook
    private var rows: [Row] = []
    private var blocked: [BlockedItem] = []
    private var warnings: [PlanWarning] = []

    init(apiVersions: APIVersions, book: AddressBook) {
        self.apiVersions = apiVersions
        self.book = book
    }

    /// A change before it has a number.
    private struct Row {
        let id: ResourceID
        let origin: SourceLocation
        let stage: Stage
        let operation: Change.Operation
        var kept: [KeptIdentity] = []
        var removed: [RemovedIdentity] = []
        let requests: [PlannedRequest]
        var warnings: [PlanWarning] = []
    }

    mutating func block(_ id: ResourceID, _ refusals: [Refusal], origin: SourceLocation) {
        blocked += refusals.map {
            BlockedItem(
                address: book.address(of: id),
                gate: $0.gate,
                message: $0.message,
                evidence: $0.evidence,
                origin: origin,
                resourceID: id
            )
        }
    }

    mutating func add(_ operation: Change.Operation, to identity: DesiredIdentity) {
        let version = apiVersions.managedIdentity
        let request = { (method: String, body: JSONValue?) in
            PlannedRequest(
                method: method,
                path: identity.id.description,
                apiVersion: version,
                body: body
            )
        }
        let requests: [PlannedRequest]
        switch operation {
        case .createIdentity(let location, let tags):
            var body: [String: JSONValue] = ["location": .string(location)]
            if !tags.isEmpty { body["tags"] = .tags(tags) }
            requests = [request("PUT", .object(body))]
        case .updateIdentity(_, _, let tags):
            // The whole map: ARM may replace tags on PATCH (FACTS section 2.1).
            requests = [request("PATCH", ["tags": .tags(tags)])]
        case .deleteIdentity: requests = [request("DELETE", nil)]
        case .patchMachine: requests = []
        }
        let isDelete = if case .deleteIdentity = operation { true } else { false }
        rows.append(
            Row(
                id: identity.id,
                origin: identity.origin,
                stage: isDelete ? .deletions : .identities,
                operation: operation,
                requests: requests
            )
        )
    }

    mutating func add(
        _ verdict: MachineVerdict,
        rules: MachineRules,
        live: LiveMachine,
        identities: [ResourceID: Lookup<LiveIdentity>]
    ) {
        switch verdict {
        case .blocked(let refusals): block(live.id, refusals, origin: rules.desired.origin)
        case .go(let delta):
            let found = MachineWarnings.all(
                for: delta,
                on: live,
                identities: identities,
                spared: rules.spared(on: live),
                apiVersions: apiVersions,
                address: book.address(of: live.id),
                origin: rules.desired.origin
            )
            guard !delta.isEmpty else {
                warnings += found
                return
            }
            rows.append(
                Row(
                    id: rules.desired.id,
                    origin: rules.desired.origin,
                    stage: .machines,
                    operation: .patchMachine(
                        before: live.block,
                        after: delta.applied(to: live.block),
                        delta: delta
                    ),
                    kept: rules.kept(on: live.block, after: delta),
                    removed: rules.removed(by: delta),
                    requests: MachineRequests.requests(delta, on: live, apiVersions: apiVersions),
                    warnings: found
                )
            )
        }
    }

    /// Numbers the changes in the order of stage and id, links them, and applies the limits.
    func finish(limits: LimitsGate, live: LiveState) -> Plan {
        let ordered = rows.sorted { ($0.stage, $0.id.key) < ($1.stage, $1.id.key) }
        let links = Links(
            ordered.enumerated().map { ("c\($0.offset + 1)", $0.element.id, $0.element.operation) }
        )
        let changes = ordered.enumerated().map { index, row in
            Change(
                id: "c\(index + 1)",
                address: book.address(of: row.id),
                resourceID: row.id,
                origin: row.origin,
                stage: row.stage,
                dependsOn: links.dependencies(of: row.id, row.operation),
                operation: row.operation,
                kept: row.kept,
                removed: row.removed,
                requests: row.requests,
                warnings: row.warnings
            )
        }
        let everyWarning = warnings + changes.flatMap(\.warnings)
        return Plan(
            changes: changes,
            blocked: (blocked + limits.blocked(changes)).sorted {
                ($0.address, $0.gate.code, $0.message) < ($1.address, $1.gate.code, $1.message)
            },
            warnings: everyWarning.sorted {
                ($0.address ?? "", $0.code, $0.message) < ($1.address ?? "", $1.code, $1.message)
            },
            scopes: live.scopes,
            reads: live.reads
        )
    }

    /// Who waits for whom: an assignment for the creation, a deletion for every detachment (law 4).
    private struct Links {
        private var creates: [String: String] = [:]
        private var detaches: [String: [String]] = [:]

        init(_ numbered: [(id: String, resource: ResourceID, operation: Change.Operation)]) {
            for entry in numbered {
                switch entry.operation {
                case .createIdentity: creates[entry.resource.key] = entry.id
                case .patchMachine(_, _, let delta):
                    for identity in delta.leaving { detaches[identity.key, default: []].append(entry.id) }
                case .updateIdentity, .deleteIdentity: break
                }
            }
        }

        func dependencies(of resource: ResourceID, _ operation: Change.Operation) -> [String] {
            switch operation {
            case .createIdentity, .updateIdentity: []
            case .patchMachine(_, _, let delta):
                (delta.add.map(\.key) + delta.reattach.map(\.key)).compactMap { creates[$0] }
            case .deleteIdentity: detaches[resource.key, default: []]
            }
        }
    }
}

extension JSONValue {
    /// A tag map as ARM takes it.
    static func tags(_ tags: [String: String]) -> JSONValue { .object(tags.mapValues(JSONValue.string)) }
}
