import Foundation
import IdSyncCore

/// Looks through every VM and scale set of the manifest's subscriptions for users of identities to be deleted.
///
/// ARM lets an identity be deleted while it is attached and plants a dead reference (F27); Resource Graph lags, so
/// lists it is. Only declared machines and users are kept in memory.
struct UserSearch: Sendable {
    let reader: LiveStateReader
    let doomed: Set<String>
    let declared: Set<ResourceID>

    func run(subscriptions: [String]) async -> Readings<WireMachine> {
        let kinds = [ResourceKind.virtualMachine, .virtualMachineScaleSet]
        let lists = subscriptions.flatMap { subscription in kinds.map { (subscription, $0) } }
        let found = await boundedMap(lists, limit: reader.parallelism) { subscription, kind in
            await search(subscription: subscription, kind: kind)
        }
        return found.reduce(into: Readings<WireMachine>()) { $0.merge($1) }
    }

    private func search(subscription: String, kind: ResourceKind) async -> Readings<WireMachine> {
        let scope = "/subscriptions/\(subscription)"
        var pages = ListPages<WireMachine>(reader: reader, scope: scope, kind: kind)
        var result = Readings<WireMachine>()
        var pool = AttachedPool()
        do throws(ARMFailure) {
            while let page = try await pages.next(fetchingAhead: true) {
                for item in page { keep(item, in: &result, &pool) }
            }
            result.scopes = [scope]
        } catch {
            // 404 at once means that the provider or the subscription holds none of this kind.
            if pages.count > 1 || error.armError?.saysAbsent != true { result.gap = error.readFailure }
        }
        result.reads = pages.count
        return result
    }

    private func keep(
        _ item: LossyItem<WireMachine>,
        in result: inout Readings<WireMachine>,
        _ pool: inout AttachedPool
    ) {
        switch item.result {
        case .success(let wire):
            let isUser = wire.machine.block.attached.contains { doomed.contains($0.key) }
            if isUser || declared.contains(wire.id) { result.lookups[wire.id] = .found(wire.sharing(&pool)) }
        case .failure(let damage):
            // An unreadable machine may be a user: the search is not complete.
            result.gap = ReadFailure(
                kind: .malformed,
                message: "\(damage.id ?? "a machine without an id") could not be read: \(damage.message)"
            )
        }
    }
}
