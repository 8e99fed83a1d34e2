import IdSyncCore

/// Who carries an identity in the last moment before it is deleted.
///
/// The plan looked before the first write; an apply may take an hour, and ARM deletes an identity that is in use
/// without a word (F27).
struct LateUsers: Sendable {
    private var users: [String: [ResourceID]] = [:]
    private var gap: ReadFailure?

    init() {}

    /// Looks through the scopes once more for the identities of these changes.
    static func search(for changes: [Change], _ context: ExecutionContext) async -> LateUsers {
        guard !changes.isEmpty, context.stop.reason == nil else { return LateUsers() }
        let reader = LiveStateReader(
            client: context.client,
            apiVersions: context.apiVersions,
            parallelism: context.parallelism
        )
        let doomed = Set(changes.map(\.resourceID.key))
        let found = await UserSearch(reader: reader, doomed: doomed, declared: [])
            .run(subscriptions: context.subscriptions)
        var result = LateUsers()
        result.gap = found.gap
        for (id, lookup) in found.lookups {
            for identity in lookup.value?.machine.block.attached ?? [] where doomed.contains(identity.key) {
                result.users[identity.key, default: []].append(id)
            }
        }
        return result
    }

    /// Why an identity is not deleted after all; nil when nobody uses it.
    func refusal(of change: Change) -> Ending? {
        if let machines = users[change.resourceID.key] {
            let names = machines.sorted().map(\.description).joined(separator: ", ")
            return .stale("it was attached again meanwhile, to \(names); plan again")
        }
        guard let gap else { return nil }
        return Ending(
            status: .blocked,
            error: ReportError(
                code: Gate.whereUsed.rawValue,
                message: "idsync cannot see any more who uses it: \(gap.message)",
                isPermission: gap.kind == .permission || gap.kind == .authentication
            )
        )
    }
}
