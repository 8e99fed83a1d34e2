/// The PATCH requests of one VM change.
package enum MachineRequests {
    /// One request, or several when more than 100 identities change or some are re-attached; each is encoded on what the one before leaves.
    ///
    /// Only the first carries the ETag that was read: each answer brings the next one (F66).
    package static func requests(
        _ delta: MachineDelta,
        to id: ResourceID,
        on live: LiveMachine,
        apiVersions: APIVersions
    ) -> [PlannedRequest] {
        var block = live.block
        var requests: [PlannedRequest] = []
        let chunks = delta.steps.flatMap { IdentityBody.chunks($0, shape: apiVersions.shape) }
        for chunk in chunks {
            requests.append(
                PlannedRequest(
                    method: "PATCH",
                    path: id.description,
                    apiVersion: apiVersions.compute,
                    ifMatch: requests.isEmpty && apiVersions.hasETag ? live.etag : nil,
                    body: IdentityBody.encode(chunk, on: block, shape: apiVersions.shape)
                )
            )
            block = chunk.applied(to: block)
        }
        return requests
    }
}

extension MachineRules {
    /// What stays on the machine after a delta, with why.
    package func kept(on block: IdentityBlock, after delta: MachineDelta) -> [KeptIdentity] {
        let leaving = Set(delta.leaving.map(\.key))
        let wanted = Set(desired.userAssigned.map(\.id.key))
        var kept: [KeptIdentity] = []
        if block.type.hasSystem, delta.system != false {
            kept.append(KeptIdentity(kind: .system, id: nil, why: "system"))
        }
        for identity in block.attached where !leaving.contains(identity.key) {
            kept.append(KeptIdentity(kind: .user, id: identity.display, why: why(identity, wanted)))
        }
        return kept
    }

    private func why(_ identity: AttachedIdentity, _ wanted: Set<String>) -> String {
        if wanted.contains(identity.key) { return "declared" }
        guard let id = identity.id else { return "unmanaged" }
        if protected.contains(where: { $0.matches(id) }) { return "protected" }
        if let writer = KnownWriter.name(of: id) { return writer }
        if desired.exclusive, desired.ignore.contains(where: { $0.matches(id) }) { return "ignored" }
        return "unmanaged"
    }
}
