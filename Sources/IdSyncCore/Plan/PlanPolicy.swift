/// What a plan may do beyond what the manifest says: limits from flags and who is asking.
package struct PlanPolicy: Sendable, Equatable {
    /// How much may be removed.
    package let limits: Limits
    /// The identity that the run itself uses, as far as its token tells (F22).
    package let caller: CallerIdentity?

    /// Makes a policy.
    package init(limits: Limits = Limits(), caller: CallerIdentity? = nil) {
        self.limits = limits
        self.caller = caller
    }
}

/// Who the run is, by the claims of its token.
package struct CallerIdentity: Sendable, Equatable {
    /// The claim `oid`: the principal id of a managed identity.
    package let objectID: String?
    /// The claim `appid` or `azp`: the client id.
    package let clientID: String?
    /// The claim `xms_mirid`: the resource id of a managed identity, or of the VM whose system identity it is.
    package let resourceID: String?

    /// Makes a caller.
    package init(
        objectID: String? = nil,
        clientID: String? = nil,
        resourceID: String? = nil
    ) {
        self.objectID = objectID
        self.clientID = clientID
        self.resourceID = resourceID
    }

    /// Whether a user-assigned identity is the caller, by any of its three names.
    package func isIdentity(key: String, clientID: String?, principalID: String?) -> Bool {
        Self.same(resourceID, key) || Self.same(self.clientID, clientID) || Self.same(objectID, principalID)
    }

    /// Whether these ids tell for certain that a user-assigned identity is or is not the caller.
    ///
    /// A caller whose token names its resource is known by that alone.
    package func isComparable(_ clientID: String?, _ principalID: String?) -> Bool {
        let has = { (text: String?) in text?.isEmpty == false }
        if has(resourceID) || !has(self.clientID) && !has(objectID) { return true }
        return has(self.clientID) && has(clientID) || has(objectID) && has(principalID)
    }

    /// Whether the system-assigned identity with this principal is the caller.
    package func isSystemIdentity(of machine: LiveMachine) -> Bool {
        Self.same(objectID, machine.block.principalID) || Self.same(resourceID, machine.id.key)
    }

    private static func same(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right, !left.isEmpty else { return false }
        return Folding.fold(left) == Folding.fold(right)
    }
}
