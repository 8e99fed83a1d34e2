/// What ARM said about one thing that was asked for.
package enum Lookup<Value: Sendable & Equatable>: Sendable, Equatable {
    case found(Value)
    /// ARM said that it does not exist; the text is ARM's code (`ResourceNotFound`, `ResourceGroupNotFound`).
    case absent(String)
    case unreadable(ReadFailure)

    /// The value when it was found.
    package var value: Value? {
        if case .found(let value) = self { value } else { nil }
    }
}

/// Why something could not be read.
package struct ReadFailure: Sendable, Equatable {
    /// What kind of failure, which decides the exit code.
    package enum Kind: String, Sendable, Equatable {
        /// 401, or no token could be had.
        case authentication
        /// 403.
        case permission
        /// The answer was not what ARM sends: garbage, half a body, HTML, nothing.
        case malformed
        /// The server could not be reached, or kept failing.
        case unavailable
        /// ARM rejected the request.
        case rejected
    }

    /// What kind of failure.
    package let kind: Kind
    /// The message for people: method, path, status, ARM code, request id.
    package let message: String

    /// Makes a failure.
    package init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }
}

/// A user-assigned identity as it is.
package struct LiveIdentity: Sendable, Equatable {
    /// The identity.
    package let id: ResourceID
    /// Its location as ARM spells it.
    package let location: String
    /// Its tags; empty when ARM sends none.
    package let tags: [String: String]
    /// Its client id, when ARM sends one.
    package let clientID: String?
    /// Its principal (object) id, when ARM sends one.
    package let principalID: String?
    /// Its tenant, when ARM sends one.
    package let tenantID: String?

    /// Makes a live identity.
    package init(
        id: ResourceID,
        location: String,
        tags: [String: String] = [:],
        clientID: String? = nil,
        principalID: String? = nil,
        tenantID: String? = nil
    ) {
        self.id = id
        self.location = location
        self.tags = tags
        self.clientID = clientID
        self.principalID = principalID
        self.tenantID = tenantID
    }
}

extension AttachedIdentity {
    /// Whether this is an identity of the same id that was deleted before the existing one was made (F26): the
    /// machine reports other ids, or none where the identity has some.
    ///
    /// Source: aad-pod-identity known issues (FACTS section 1.11).
    package func isEarlier(than existing: LiveIdentity) -> Bool {
        if clientID == nil, principalID == nil { return existing.clientID != nil }
        return [(clientID, existing.clientID), (principalID, existing.principalID)].contains {
            onMachine,
            now in
            guard let onMachine, let now else { return false }
            return Folding.fold(onMachine) != Folding.fold(now)
        }
    }
}

/// The slice of a VM (or scale set) that idsync keeps.
package struct LiveMachine: Sendable, Equatable {
    /// The VM or scale set.
    package let id: ResourceID
    /// Its identity block.
    package private(set) var block: IdentityBlock
    /// Its ETag with the quotes inside, when the version has it and the answer carried it.
    package private(set) var etag: String?
    /// `Succeeded`, `Updating`, `Deleting`, … ; nil when absent (F42: never assume it is there).
    package let provisioningState: String?
    /// The resource that owns this VM, when another service does (F50).
    package let managedBy: String?
    /// Its tenant, which ARM shows beside a system-assigned identity only.
    package let tenantID: String?
    /// The folded key of the identity used for disk encryption, which must not be detached.
    package private(set) var encryptionIdentityKey: String?
    /// Whether somebody looked for that identity with an api-version that would show it.
    ///
    /// False after an answer without the member: what that means depends on the version (see `MachineRules`).
    package private(set) var isEncryptionSeen: Bool
    /// Why nothing may be taken off: a part of the answer that decides about that could not be understood or read.
    package private(set) var doubt: ReadFailure?

    /// Makes a live machine.
    package init(
        id: ResourceID,
        block: IdentityBlock,
        etag: String? = nil,
        provisioningState: String? = "Succeeded",
        managedBy: String? = nil,
        tenantID: String? = nil,
        encryptionIdentityKey: String? = nil,
        isEncryptionSeen: Bool = true,
        doubt: ReadFailure? = nil
    ) {
        self.id = id
        self.block = block
        self.etag = etag
        self.provisioningState = provisioningState
        self.managedBy = managedBy
        self.tenantID = tenantID
        self.encryptionIdentityKey = encryptionIdentityKey
        self.isEncryptionSeen = isEncryptionSeen
        self.doubt = doubt
    }

    /// Whether an operation still runs on it, which takes back what it shows if it fails.
    package var isOperating: Bool { !ProvisioningState(provisioningState).isTerminal }

    /// The same machine with an ETag where it had none.
    package func with(etag: String?) -> LiveMachine {
        var copy = self
        copy.etag = copy.etag ?? etag
        return copy
    }

    /// The same machine with another block.
    package func with(block: IdentityBlock) -> LiveMachine {
        var copy = self
        copy.block = block
        return copy
    }

    /// The machine after one more look that shows the disk-encryption identity: as that look saw it, because it is
    /// the newer one, or as it was, with why nothing may be taken off.
    package func after(_ look: Lookup<LiveMachine>) -> LiveMachine {
        var machine = self
        switch look {
        case .found(let other): machine = other
        case .unreadable(let failure):
            machine.doubt = ReadFailure(
                kind: failure.kind,
                message: "its disk-encryption identity could not be read: \(failure.message)"
            )
        case .absent(let code):
            machine.doubt = ReadFailure(kind: .rejected, message: "it is gone since it was read (\(code))")
        }
        machine.isEncryptionSeen = true
        return machine
    }
}

/// The live state that a plan is computed from.
package struct LiveState: Sendable, Equatable {
    /// Every identity that was asked for, by id.
    package let identities: [ResourceID: Lookup<LiveIdentity>]
    /// Every declared VM or scale set, and every other one read that carries an identity to be deleted.
    package let machines: [ResourceID: Lookup<LiveMachine>]
    /// The scopes that were listed or read, sorted: `/subscriptions/…[/resourceGroups/…]`.
    package let scopes: [String]
    /// Why the search for users of identities to be deleted is incomplete; nil when it is complete or not needed.
    package let whereUsedGap: ReadFailure?
    /// How many requests were sent.
    package let reads: Int

    /// Makes a live state.
    package init(
        identities: [ResourceID: Lookup<LiveIdentity>] = [:],
        machines: [ResourceID: Lookup<LiveMachine>] = [:],
        scopes: [String] = [],
        whereUsedGap: ReadFailure? = nil,
        reads: Int = 0
    ) {
        self.identities = identities
        self.machines = machines
        self.scopes = scopes
        self.whereUsedGap = whereUsedGap
        self.reads = reads
    }

    /// Why nothing at all could be read, for one and the same reason; nil when any answer was usable.
    package var wholeFailure: ReadFailure? {
        var failures: [ReadFailure] = []
        for lookup in identities.values {
            guard case .unreadable(let failure) = lookup else { return nil }
            failures.append(failure)
        }
        for lookup in machines.values {
            guard case .unreadable(let failure) = lookup else { return nil }
            failures.append(failure)
        }
        let kinds = Set(failures.map(\.kind))
        return kinds.count == 1 ? failures.min { $0.message < $1.message } : nil
    }
}
