import YAMLDocument

@testable import IdSyncCore

/// Plans about what leaves, about more than one subscription, and about many machines.
extension Sample {
    /// One machine that identities leave for every reason there is.
    static var leavings: Plan {
        let policy = identity("Built-In-Identity-westus", group: "Built-In-Identity-RG")
        let leaving = ["stray", "retired", "old", "gone"].map { identity($0) }
        let renewed = identity("renewed")
        let attached = (leaving + [policy, renewed]).map { AttachedIdentity(spelling: $0.description) }
        func removed(_ id: ResourceID, _ why: RemovedIdentity.Why, _ writer: String? = nil) -> RemovedIdentity
        {
            RemovedIdentity(kind: .user, id: id.description, why: why, writer: writer)
        }
        return plan([
            patch(
                1,
                id(.virtualMachine, "app-01"),
                block(system: true, leaving + [policy, renewed]),
                MachineDelta(system: false, remove: Array(attached[0...4]), reattach: [attached[5]]),
                removed: [
                    RemovedIdentity(kind: .system, id: nil, why: .system), removed(leaving[0], .surplus),
                    removed(leaving[1], .doomed), removed(leaving[2], .named), removed(leaving[3], .dangling),
                    removed(policy, .named, "azure-policy"), removed(renewed, .reattached),
                ]
            )
        ])
    }

    /// The same group name in two subscriptions, with a change, a block and a warning in each.
    static var twoSubscriptions: Plan {
        let ids = [subscription, "4f6e79c4-0000-4000-8000-000000000001"].map {
            ResourceID(subscription: $0, resourceGroup: "TestRG", kind: .virtualMachine, name: "web-01")
        }
        let changes = ids.map { id in
            let change = patch(1, id, .empty, MachineDelta(system: true))
            return Change(
                id: "c1",
                address: "vm/\(id.subscription)/TestRG/web-01",
                resourceID: id,
                origin: place(12),
                stage: .machines,
                operation: change.operation,
                requests: change.requests
            )
        }
        let missing = ResourceID(
            subscription: ids[1].subscription,
            resourceGroup: "OtherRG",
            kind: .virtualMachine,
            name: "web-1"
        )
        return Plan(
            changes: changes,
            blocked: [
                BlockedItem(
                    address: "vm/web-1",
                    gate: .missingTarget,
                    message: "it does not exist (ResourceNotFound); idsync does not create VMs",
                    origin: place(20),
                    resourceID: missing
                )
            ],
            scopes: ["/subscriptions/\(subscription)", "\(ids[0].groupScope)", "\(ids[1].groupScope)"],
            reads: 4
        )
    }

    /// Twenty machines with the same warning, and one with its own.
    static var manyWarnings: Plan {
        let text = "apps that name no client id get no token any more: 2 identities, none is the default"
        let changes = (1...20).map { number in
            let name = "web-\(String(number + 1000).dropFirst())"
            let id = id(.virtualMachine, name)
            return patch(
                number,
                id,
                block([identity("first")]),
                MachineDelta(add: [identity("second")]),
                warnings: [warning(PlanCode.defaultIdentity, text, "vm/\(name)")]
            )
        }
        return plan(
            changes,
            warnings: [warning(PlanCode.dangling, "carries ID5 (TestRG), which no longer exists", "vm/vm-9")]
        )
    }
}
