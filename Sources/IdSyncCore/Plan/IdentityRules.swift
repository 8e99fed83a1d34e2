/// What happens to one declared identity.
package enum IdentityVerdict: Sendable, Equatable {
    case converged
    case change(Change.Operation)
    case blocked([Refusal])
}

/// Decides about declared identities; pure.
package enum IdentityRules {
    /// The verdict for one identity, users aside (see `Planner` for the order detach, then delete).
    package static func verdict(
        for desired: DesiredIdentity,
        live: Lookup<LiveIdentity>?,
        protected: [GlobPattern],
        caller: CallerIdentity?
    ) -> IdentityVerdict {
        switch (
            live ?? .unreadable(ReadFailure(kind: .malformed, message: "it was not read")), desired.presence
        ) {
        case (.unreadable(let failure), _): return .blocked([Refusal(reading: failure)])
        case (.absent("SubscriptionNotFound"), _):
            return .blocked([Refusal(missingSubscription: desired.id)])
        case (.absent, .absent): return .converged
        case (.absent("ResourceGroupNotFound"), .present):
            return .blocked([
                Refusal(
                    .missingGroup,
                    "resource group '\(desired.id.resourceGroup)' does not exist; create it first"
                )
            ])
        case (.absent, .present):
            return .change(.createIdentity(location: desired.location ?? "", tags: desired.tags ?? [:]))
        case (.found(let identity), .present): return present(desired, identity)
        case (.found(let identity), .absent): return absent(identity, protected: protected, caller: caller)
        }
    }

    private static func present(_ desired: DesiredIdentity, _ live: LiveIdentity) -> IdentityVerdict {
        if let location = desired.location, Folding.location(location) != Folding.location(live.location) {
            return .blocked([
                Refusal(
                    .locationChange,
                    "it is in \(live.location), the manifest says \(location); the location of an identity cannot "
                        + "change, and re-creating it would lose its principal, role assignments and federated "
                        + "credentials; correct the manifest, or use a new name",
                    ["live \(live.location)", "manifest \(location)"]
                )
            ])
        }
        let merged = mergedTags(live.tags, desired.tags ?? [:])
        guard merged != live.tags else { return .converged }
        return .change(.updateIdentity(location: live.location, from: live.tags, to: merged))
    }

    private static func absent(_ live: LiveIdentity, protected: [GlobPattern], caller: CallerIdentity?)
        -> IdentityVerdict
    {
        if let pattern = protected.first(where: { $0.matches(live.id) }) {
            return .blocked([Refusal(.protected, "it is protected by '\(pattern)' and never deleted")])
        }
        if let caller,
            caller.isIdentity(key: live.id.key, clientID: live.clientID, principalID: live.principalID)
        {
            return .blocked([
                Refusal(.selfIdentity, "idsync itself runs as this identity; it will not delete it")
            ])
        }
        if let caller, !caller.isComparable(live.clientID, live.principalID) {
            let doubt = ReadFailure(kind: .malformed, message: "ARM shows no ids of it")
            return .blocked([Refusal(doubting: doubt, "whether idsync itself runs as it cannot be told")])
        }
        return .change(.deleteIdentity(DoomedIdentity(live)))
    }

    /// Live tags with the manifest's laid over them: names match without case and keep ARM's spelling, values
    /// are exact, tags that the manifest does not name stay (F71; FACTS section 7).
    package static func mergedTags(_ live: [String: String], _ desired: [String: String]) -> [String: String]
    {
        var merged = live
        let spelling = Dictionary(live.keys.map { (Folding.fold($0), $0) }, uniquingKeysWith: { min($0, $1) })
        for (name, value) in desired { merged[spelling[Folding.fold(name)] ?? name] = value }
        return merged
    }
}

extension Refusal {
    /// A refusal because the subscription does not exist, or the caller may not know of it.
    package init(missingSubscription id: ResourceID) {
        self.init(
            .missingSubscription,
            "subscription \(id.subscription) was not found; correct its id, or give the caller access to it"
        )
    }

    /// A refusal because something could not be read.
    package init(reading failure: ReadFailure) {
        let gate: Gate =
            switch failure.kind {
            case .authentication: .authentication
            case .permission: .permission
            case .malformed, .unavailable, .rejected: .unreadable
            }
        self.init(gate, "it could not be read: \(failure.message)")
    }
}
