import Foundation
import IdSyncCore

/// Reads a set of resources of one kind by lists or single GETs, whichever needs fewer requests.
///
/// Nobody knows how long a list is before it ends, so it goes like renting skis: a list is followed as long as
/// the pages fetched are fewer than the single GETs that would finish the job, then the GETs finish it. That is at
/// most twice the best possible, one GET for one resource, and only list pages when a group is mostly declared.
struct ResourceReader<Wire: WireResource>: Sendable {
    let reader: LiveStateReader
    let kind: ResourceKind

    /// From this many groups on, one list of the subscription is tried first.
    private static var manyGroups: Int { 4 }
    /// Where a group holds more than a page of wanted ones, lists of groups cost no more pages and run side by side.
    private static var usualPage: Int { 50 }

    init(_ reader: LiveStateReader, kind: ResourceKind) {
        self.reader = reader
        self.kind = kind
    }

    func read(_ ids: Set<ResourceID>) async -> Readings<Wire> {
        var result = Readings<Wire>()
        let bySubscription = Dictionary(grouping: ids) { Folding.fold($0.subscription) }
        let wide = bySubscription.values.filter { ids in
            let count = Missing(ids).groups
            return count >= Self.manyGroups && isWideCheaper(ids.count, groups: count)
        }
        let found = await boundedMap(Array(wide), limit: reader.parallelism) { ids in
            let scope = "/subscriptions/\(ids[0].subscription)"
            return await list(scope: scope, wanting: ids, costOfRest: \.groups)
        }
        for readings in found { result.merge(readings.settled) }
        let remaining = ids.subtracting(result.lookups.keys)
        let byGroup = groups(of: Array(remaining)).filter { $0.count > 1 }
        let listed = await boundedMap(byGroup, limit: reader.parallelism) { ids in
            await list(scope: ids[0].groupScope, wanting: ids, costOfRest: \.count)
        }
        for readings in listed { result.merge(readings.complete) }
        let single = remaining.subtracting(result.lookups.keys).sorted()
        let got = await boundedMap(single, limit: reader.parallelism) { await get($0) }
        for (id, lookup) in zip(single, got) {
            result.lookups[id] = lookup
            result.scopes.insert(id.groupScope)
        }
        result.reads += single.count
        return result
    }

    /// Whether one list of the subscription is tried before lists of the groups.
    ///
    /// Pages of identities of one scope may be asked for once in 4 s, those of different scopes 5 times a second (FACTS
    /// section 11).
    private func isWideCheaper(_ count: Int, groups: Int) -> Bool {
        kind == .userAssignedIdentity
            ? groups > 20 * (1 + count / 100) : count < groups * Self.usualPage
    }

    private func groups(of ids: [ResourceID]) -> [[ResourceID]] {
        Dictionary(grouping: ids) { Folding.fold($0.groupScope) }.values.map { $0.sorted() }
            .sorted { $0[0] < $1[0] }
    }

    /// The resources that a list has not shown yet, with a count of their groups that costs nothing to ask for.
    struct Missing: Sendable {
        private(set) var ids: Set<ResourceID>
        private var perGroup: [String: Int] = [:]

        init(_ ids: [ResourceID]) {
            self.ids = Set(ids)
            for id in self.ids { perGroup[Folding.fold(id.groupScope), default: 0] += 1 }
        }

        var count: Int { ids.count }
        var groups: Int { perGroup.count }
        var isEmpty: Bool { ids.isEmpty }

        /// Takes one off; false when it was not missing.
        mutating func remove(_ id: ResourceID) -> Bool {
            guard ids.remove(id) != nil else { return false }
            let group = Folding.fold(id.groupScope)
            let left = perGroup[group, default: 1] - 1
            perGroup[group] = left > 0 ? left : nil
            return true
        }
    }

    /// What one list gave.
    struct Listing: Sendable {
        /// Lookups of resources that the list showed.
        var settled = Readings<Wire>()
        /// The same, and the wanted ones that a list read to its end did not show as absent.
        var complete = Readings<Wire>()
    }

    /// Follows a list until all wanted ones were seen, or until finishing by narrower requests costs no more.
    private func list(
        scope: String,
        wanting wanted: [ResourceID],
        costOfRest: @Sendable (Missing) -> Int
    ) async -> Listing {
        var pages = ListPages<Wire>(reader: reader, scope: scope, kind: kind)
        var listing = Listing()
        var missing = Missing(wanted)
        var hasNameless = false
        var pool = AttachedPool()
        while !missing.isEmpty {
            if pages.count > 0, pages.count >= costOfRest(missing) { break }
            let page: [LossyItem<Wire>]?
            do throws(ARMFailure) {
                page = try await pages.next(fetchingAhead: pages.count + 1 < costOfRest(missing) / 2)
            } catch {
                note(error, scope: scope, missing: missing.ids, in: &listing)
                break
            }
            guard let page else {
                // An element that does not say which it is may be any of those that are missing: ask for each.
                guard !hasNameless else { break }
                listing.complete.lookups = Dictionary(
                    uniqueKeysWithValues: missing.ids.map { ($0, .absent("ResourceNotFound")) }
                )
                break
            }
            for item in page {
                guard let (id, lookup) = Self.lookup(item) else {
                    hasNameless = true
                    continue
                }
                if missing.remove(id) { listing.settled.lookups[id] = lookup.map { $0.sharing(&pool) } }
            }
        }
        listing.settled.reads = pages.count
        if !listing.settled.lookups.isEmpty || !listing.complete.lookups.isEmpty {
            listing.settled.scopes = [scope]
        }
        listing.complete.merge(listing.settled)
        return listing
    }

    /// Settles what a failed list leaves open.
    ///
    /// A list that may not be read leaves the rest to narrower requests, which may be allowed. A missing group settles
    /// everything below it, and so does any other failure: asking a server that fails, throttles or talks nonsense
    /// once more for each resource would only make it worse.
    private func note(
        _ failure: ARMFailure,
        scope: String,
        missing: Set<ResourceID>,
        in listing: inout Listing
    ) {
        guard let error = failure.armError, error.status == 403 || error.status == 404 else {
            for id in missing { listing.settled.lookups[id] = .unreadable(failure.readFailure) }
            return
        }
        guard error.code == "ResourceGroupNotFound" else { return }
        for id in missing where Folding.fold(id.groupScope) == Folding.fold(scope) {
            listing.complete.lookups[id] = .absent("ResourceGroupNotFound")
        }
    }

    private static func lookup(_ item: LossyItem<Wire>) -> (ResourceID, Lookup<Wire>)? {
        switch item.result {
        case .success(let wire): return (wire.id, .found(wire))
        case .failure(let damage):
            guard let id = damage.id.flatMap({ try? ResourceID(parsing: $0) }) else { return nil }
            return (id, .unreadable(ReadFailure(kind: .malformed, message: damage.message)))
        }
    }

    /// One GET; 404 is an answer, everything else that is not the resource is a failure with its reason.
    private func get(_ id: ResourceID) async -> Lookup<Wire> {
        await SingleRead(client: reader.client, apiVersions: reader.apiVersions).get(id, as: Wire.self).lookup
    }
}
