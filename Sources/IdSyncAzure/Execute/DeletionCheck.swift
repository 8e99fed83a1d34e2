import IdSyncCore

/// Looks once more, right before identities are deleted, which machines carry one.
///
/// ARM deletes an identity that is in use and leaves dead references behind (F27). The plan has looked, but that was
/// before every other change: meanwhile somebody may have attached it, to any machine.
struct DeletionCheck: Sendable {
    /// Machines by the folded id of the identity that they carry.
    private let users: [String: [ResourceID]]
    /// Why not every machine could be seen.
    private let gap: ReadFailure?

    /// Nothing is to be deleted.
    static let notNeeded = DeletionCheck(users: [:], gap: nil)

    private init(users: [String: [ResourceID]], gap: ReadFailure?) {
        self.users = users
        self.gap = gap
    }

    /// Lists the VMs and scale sets of every subscription that the manifest names.
    init(of doomed: [ResourceID], context: ExecutionContext) async {
        let named = doomed + Array(context.identities.keys) + Array(context.rules.keys)
        let keys = Set(doomed.map(\.key))
        let reader = LiveStateReader(
            client: context.client,
            apiVersions: context.apiVersions,
            parallelism: context.parallelism
        )
        let found = await UserSearch(reader: reader, doomed: keys, declared: []).run(
            subscriptions: Set(named.map { Folding.fold($0.subscription) }).sorted()
        )
        var users: [String: [ResourceID]] = [:]
        for (id, lookup) in found.lookups {
            for attached in lookup.value?.machine.block.attached ?? [] where keys.contains(attached.key) {
                users[attached.key, default: []].append(id)
            }
        }
        self.init(users: users.mapValues { $0.sorted() }, gap: found.gap)
    }

    /// How the deletion ends before it begins; nil when nothing is in its way.
    func objection(to id: ResourceID) -> Ending? {
        if let gap {
            return .failed(
                code: Gate.whereUsed.rawValue,
                "idsync could not look once more for machines that use it: \(gap.message)"
            )
        }
        guard let machines = users[id.key] else { return nil }
        return .stale(
            "\(machines.map(\.name).joined(separator: ", ")) carries it now, so deleting it would leave a dead "
                + "reference; plan again"
        )
    }
}
