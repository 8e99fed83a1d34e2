package import YAMLDocument

/// The warnings about one machine and what a delta does to it.
package enum MachineWarnings {
    /// Everything worth knowing before approving; pure in its inputs.
    package static func all(
        for delta: MachineDelta,
        on live: LiveMachine,
        identities: [ResourceID: Lookup<LiveIdentity>],
        spared: [AttachedIdentity] = [],
        apiVersions: APIVersions,
        address: String,
        origin: SourceLocation
    ) -> [PlanWarning] {
        let make = { (code: String, message: String) in
            PlanWarning(
                code: code,
                message: message,
                address: address,
                origin: origin,
                resourceID: live.id
            )
        }
        let leftAlone = spared.map { identity in
            make(
                PlanCode.recreated,
                "carries an earlier \(identity.id?.name ?? identity.spelling) that was deleted and made anew; it is "
                    + "protected, so `reattach` leaves it alone and the VM cannot use the new one"
            )
        }
        var warnings =
            leftAlone + carried(by: live, but: delta.leaving + spared, identities: identities, make)
        guard !delta.isEmpty else { return warnings }
        if let text = defaultChange(delta, on: live.block) {
            warnings.append(make(PlanCode.defaultIdentity, text))
        }
        if let owner = live.managedBy {
            warnings.append(
                make(
                    PlanCode.managedBy,
                    "managed by \(owner), which may take off identities that it did not set"
                )
            )
        }
        if let state = live.provisioningState, Folding.fold(state) != "succeeded" {
            warnings.append(
                make(
                    PlanCode.provisioningState,
                    "its provisioning state is \(state): the request may wait, or be refused"
                )
            )
        }
        for identity in delta.reattach {
            warnings.append(
                make(
                    PlanCode.reattach,
                    "\(identity.id?.name ?? identity.spelling) is detached and attached again: for a short while the "
                        + "VM gets no token of it"
                )
            )
        }
        let isWholesale = delta.isWholesale(on: live.block, apiVersions.shape)
        if isWholesale, !apiVersions.hasETag || live.etag == nil {
            let why = apiVersions.hasETag ? "ARM sent no ETag" : "compute \(apiVersions.compute) has no ETag"
            warnings.append(
                make(
                    PlanCode.unguarded,
                    "\(why): a change by someone else in the same second could be lost; idsync reads right before and "
                        + "verifies right after"
                )
            )
        }
        return warnings
    }

    private static func carried(
        by live: LiveMachine,
        but others: [AttachedIdentity],
        identities: [ResourceID: Lookup<LiveIdentity>],
        _ make: (String, String) -> PlanWarning
    ) -> [PlanWarning] {
        let leaving = Set(others.map(\.key))
        return live.block.attached.filter { !leaving.contains($0.key) }.compactMap { identity in
            guard let id = identity.id else {
                return make(
                    PlanCode.opaqueKey,
                    "carries '\(identity.spelling)', which is not a resource id; it is kept as it is"
                )
            }
            switch identities[id] {
            case .absent:
                return make(
                    PlanCode.dangling,
                    "carries \(id.name) (\(id.resourceGroup)), which no longer exists and can make ARM refuse "
                        + "other changes; `remove: [dangling]` takes it off"
                )
            case .found(let existing) where identity.clientID != nil && identity.isEarlier(than: existing):
                return make(
                    PlanCode.recreated,
                    "carries an earlier \(id.name) (\(id.resourceGroup)) that was deleted and created again; the "
                        + "VM cannot use the new one until it is attached again, which `reattach: true` does"
                )
            default: return nil
            }
        }
    }

    /// What apps on the machine will notice: only a change that takes away what works today is worth a warning (F24).
    private static func defaultChange(_ delta: MachineDelta, on block: IdentityBlock) -> String? {
        let left = delta.applied(to: block)
        // Identities that an answer did not list may exist all the same; then nothing can be said.
        guard !block.hidesUserAssigned, !left.hidesUserAssigned else { return nil }
        switch (block.defaultTokenIdentity, left.defaultTokenIdentity) {
        case (.noIdentity, _): return nil
        case (_, .noIdentity): return "no identity is left: every token request on this VM will fail"
        case (.ambiguous, _): return nil
        case (let before, let after) where before == after: return nil
        case (_, .ambiguous(let count)):
            return
                "apps that name no client id get no token any more: \(count) identities, none is the default"
        case (let before, let after):
            return "apps that name no client id get tokens of \(after) instead of \(before)"
        }
    }
}
