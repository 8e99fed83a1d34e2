package import IdSyncCore

/// Reads what a plan needs, with as few requests as it can, and turns every failure into data.
///
/// Order: identities, then machines, because only identities to be deleted that exist make the search for their
/// users necessary, then identities that machines carry without a client id, which is how a dangling one shows (F25),
/// then what a machine hides and a removal depends on.
package struct LiveStateReader: Sendable {
    let client: ARMClient
    let apiVersions: APIVersions
    let parallelism: Int

    /// Makes a reader; `parallelism` bounds the requests in flight.
    package init(client: ARMClient, apiVersions: APIVersions, parallelism: Int) {
        self.client = client
        self.apiVersions = apiVersions
        self.parallelism = parallelism
    }

    /// Reads the live state for a manifest; what could not be read says so in its place.
    package func read(for desired: DesiredState) async -> LiveState {
        let named = Set(desired.identities.map(\.id) + desired.machines.flatMap { $0.userAssigned.map(\.id) })
        var identities = await ResourceReader<WireIdentity>(self, kind: .userAssignedIdentity).read(named)
        let doomed = Set(
            desired.identities
                .filter { $0.presence == .absent && identities.lookups[$0.id]?.value != nil }
                .map(\.id.key)
        )
        var machines = await readMachines(desired, doomed: doomed)
        await read(suspects(in: machines, of: desired, known: identities.lookups), into: &identities)
        let leaving = { LeavingIdentities(of: desired, doomed: doomed, known: identities.lookups) }
        await showEncryption(on: &machines, leaving())
        await read(leaving().unidentified(on: machines), into: &identities)
        return LiveState(
            identities: identities.lookups.mapValues { $0.map(\.identity) },
            machines: machines.lookups.mapValues { $0.map(\.machine) },
            scopes: identities.scopes.union(machines.scopes).sorted(),
            whereUsedGap: machines.gap,
            reads: identities.reads + machines.reads
        )
    }

    private func read(_ ids: Set<ResourceID>, into identities: inout Readings<WireIdentity>) async {
        guard !ids.isEmpty else { return }
        identities.merge(await ResourceReader<WireIdentity>(self, kind: .userAssignedIdentity).read(ids))
    }

    /// Asks for the disk-encryption identity of machines that may lose one, where the manifest's api-version hides it.
    private func showEncryption(on machines: inout Readings<WireMachine>, _ leaving: LeavingIdentities) async
    {
        let hidden = leaving.withHiddenEncryption(on: machines)
        let single = SingleRead(client: client, apiVersions: apiVersions)
        let seen = await boundedMap(hidden, limit: parallelism) { await single.showEncryption(of: $0) }
        for machine in seen { machines.lookups[machine.id] = .found(WireMachine(machine)) }
        machines.reads += hidden.count
    }

    private func readMachines(_ desired: DesiredState, doomed: Set<String>) async -> Readings<WireMachine> {
        let declared = Dictionary(grouping: desired.machines.map(\.id), by: \.kind)
        var result = Readings<WireMachine>()
        if !doomed.isEmpty {
            let search = UserSearch(reader: self, doomed: doomed, declared: Set(desired.machines.map(\.id)))
            result = await search.run(subscriptions: desired.subscriptions)
        }
        for kind in [ResourceKind.virtualMachine, .virtualMachineScaleSet] {
            let missing = Set(declared[kind, default: []]).subtracting(result.lookups.keys)
            result.merge(await ResourceReader<WireMachine>(self, kind: kind).read(missing))
        }
        return result
    }

    /// Identities on declared machines that may not exist any more and that nobody has read yet: those that a settled
    /// machine shows without a client id, and all of a machine that asks for dead ones to be cleaned up.
    private func suspects(
        in machines: Readings<WireMachine>,
        of desired: DesiredState,
        known: [ResourceID: Lookup<WireIdentity>]
    ) -> Set<ResourceID> {
        var suspects: Set<ResourceID> = []
        for entry in desired.machines {
            guard let machine = machines.lookups[entry.id]?.value?.machine else { continue }
            let showsIDs = apiVersions.shape == .dictionary && !machine.isOperating
            for attached in machine.block.attached
            where entry.removeDangling || (showsIDs && attached.clientID == nil) {
                if let id = attached.id, known[id] == nil { suspects.insert(id) }
            }
        }
        return suspects
    }
}

/// What reading gave: a lookup per id, the scopes touched, the requests spent.
struct Readings<Wire: Sendable & Equatable>: Sendable {
    var lookups: [ResourceID: Lookup<Wire>] = [:]
    var scopes: Set<String> = []
    var reads = 0
    /// Why a search over whole subscriptions is incomplete.
    var gap: ReadFailure?

    mutating func merge(_ other: Readings) {
        lookups.merge(other.lookups) { _, new in new }
        scopes.formUnion(other.scopes)
        reads += other.reads
        gap = gap ?? other.gap
    }
}

extension Lookup {
    /// The same lookup with its value turned into another.
    func map<Other>(_ transform: (Value) -> Other) -> Lookup<Other> {
        switch self {
        case .found(let value): .found(transform(value))
        case .absent(let code): .absent(code)
        case .unreadable(let failure): .unreadable(failure)
        }
    }
}
