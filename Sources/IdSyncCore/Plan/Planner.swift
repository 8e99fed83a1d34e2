/// `(desired, live, policy) -> plan`: pure, with no clock, no chance and no I/O (DESIGN section 3).
///
/// One row per ARM resource:
///
///     identity   live absent   live found                      machine   live found
///     present    create        converged | update | blocked    declared  converged | patch | blocked
///     absent     converged     detach everywhere, then delete  other     evidence against a delete
package struct Planner: Sendable {
    let desired: DesiredState
    let live: LiveState
    let policy: PlanPolicy
    let book: AddressBook
    /// The keys of identities that this plan creates.
    private let arriving: Set<String>
    /// The keys of identities that the manifest deletes and that are gone already.
    private let goneForGood: Set<String>

    /// Makes a planner for one pair of states.
    package init(desired: DesiredState, live: LiveState, policy: PlanPolicy) {
        self.desired = desired
        self.live = live
        self.policy = policy
        book = AddressBook(desired.identities.map(\.id) + desired.machines.map(\.id))
        goneForGood = Set(
            desired.identities.filter { identity in
                guard identity.presence == .absent, case .absent(let code) = live.identities[identity.id]
                else { return false }
                return code != "SubscriptionNotFound"
                    && !desired.protected.contains { $0.matches(identity.id) }
            }.map(\.id.key)
        )
        arriving = desired.arriving(given: live.identities)
    }

    /// The plan.
    package func plan() -> Plan {
        var draft = PlanDraft(apiVersions: desired.apiVersions, book: book)
        let verdicts = identityVerdicts()
        let unavailable = unavailableReferences(given: verdicts)
        let doomed = deletable(verdicts, unavailable: unavailable, into: &draft)
        for (identity, verdict) in zip(desired.identities, verdicts) {
            switch verdict {
            case .converged: break
            case .blocked(let refusals): draft.block(identity.id, refusals, origin: identity.origin)
            case .change(.deleteIdentity) where !doomed.contains(identity.id.key): break
            case .change(let operation): draft.add(operation, to: identity)
            }
        }
        for machine in desired.machines {
            let rules = rules(for: machine, doomed: doomed.union(gone(from: machine)))
            planMachine(machine, rules: rules, unavailable: unavailable, into: &draft)
        }
        return draft.finish(
            limits: LimitsGate(limits: policy.limits, live: live, desired: desired),
            live: live
        )
    }

    /// The rules of every declared machine for a plan made here: what the executor re-plans with after a race.
    package func machineRules(for plan: Plan) -> [ResourceID: MachineRules] {
        let doomed = Set(
            plan.changes.compactMap { change in
                if case .deleteIdentity = change.operation { change.resourceID.key } else { nil }
            }
        )
        return Dictionary(
            desired.machines.map { ($0.id, rules(for: $0, doomed: doomed.union(gone(from: $0)))) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// What a machine still holds of identities that the manifest deletes and that are gone already: it is taken off, as it
    /// would have been before the deletion.
    ///
    /// One that may not leave the machine stays, as it does when its deletion is refused for that.
    private func gone(from machine: DesiredMachine) -> Set<String> {
        guard !goneForGood.isEmpty, case .found(let state) = live.machines[machine.id] else { return [] }
        return goneForGood.filter { key in
            guard state.block.carries(key) else { return false }
            if case .blocked = rules(for: machine, doomed: [key]).verdict(on: state) { return false }
            return true
        }
    }

    private func identityVerdicts() -> [IdentityVerdict] {
        desired.identities.map {
            IdentityRules.verdict(
                for: $0,
                live: live.identities[$0.id],
                protected: desired.protected,
                caller: policy.caller
            )
        }
    }

    /// Referenced identities that cannot be put on a machine, each with the reason.
    private func unavailableReferences(given verdicts: [IdentityVerdict]) -> [ResourceID: Refusal] {
        let declared = Dictionary(
            zip(desired.identities.map(\.id), verdicts),
            uniquingKeysWith: { first, _ in first }
        )
        var result: [ResourceID: Refusal] = [:]
        for id in Set(desired.machines.flatMap { $0.userAssigned.map(\.id) }) {
            switch (live.identities[id], declared[id]) {
            case (.found, _), (_, .change(.createIdentity)): break
            case (.unreadable(let failure), _): result[id] = Refusal(reading: failure)
            case (.absent("SubscriptionNotFound"), _): result[id] = Refusal(missingSubscription: id)
            case (.absent, _):
                result[id] = Refusal(
                    .missingIdentity,
                    "identity '\(id.name)' does not exist in resource group \(id.resourceGroup); "
                        + "declare it under identities, or correct the reference",
                    [id.description]
                )
            case (nil, _):
                result[id] = Refusal(
                    reading: ReadFailure(kind: .malformed, message: "\(id.name) was not read")
                )
            }
        }
        return result
    }

    private func rules(for machine: DesiredMachine, doomed: Set<String>) -> MachineRules {
        MachineRules(
            desired: machine,
            doomed: doomed,
            protected: desired.protected,
            caller: policy.caller,
            shape: desired.apiVersions.shape,
            known: live.identities,
            arriving: arriving,
            hidesEncryption: !desired.apiVersions.showsEncryption
        )
    }

    /// The keys of identities that may be deleted; the others are blocked with their users as evidence.
    ///
    /// Each is judged on its own: one that has to stay on a machine keeps no other there.
    private func deletable(
        _ verdicts: [IdentityVerdict],
        unavailable: [ResourceID: Refusal],
        into draft: inout PlanDraft
    ) -> Set<String> {
        let candidates = zip(desired.identities, verdicts).compactMap { identity, verdict in
            if case .change(.deleteIdentity) = verdict { identity } else { nil }
        }
        guard !candidates.isEmpty else { return [] }
        let users = MachineUsers(live: live, declared: Set(desired.machines.map(\.id)))
        var doomed: Set<String> = []
        for identity in candidates {
            if let refusal = refusal(of: identity, users: users, unavailable: unavailable) {
                draft.block(identity.id, [refusal], origin: identity.origin)
            } else {
                doomed.insert(identity.id.key)
            }
        }
        return doomed
    }

    private func refusal(
        of identity: DesiredIdentity,
        users: MachineUsers,
        unavailable: [ResourceID: Refusal]
    ) -> Refusal? {
        if let gap = live.whereUsedGap {
            return Refusal(
                .whereUsed,
                "idsync cannot see every VM that may use it (\(gap.message)); deleting it could leave dead references"
            )
        }
        let outside = users.undeclared[identity.id.key, default: []]
        if !outside.isEmpty {
            return Refusal(
                .inUse,
                "it is still attached to \(outside.count == 1 ? "1 machine" : "\(outside.count) machines") that the "
                    + "manifest does not manage; unassign it there, or declare "
                    + (outside.count == 1 ? "that machine" : "those machines"),
                outside.map(\.description)
            )
        }
        let stuck = desired.machines.filter { machine in
            switch live.machines[machine.id] {
            case .found(let state):
                guard state.block.carries(identity.id.key) else { return false }
                if !missing(machine, on: state, unavailable).isEmpty { return true }
                let rules = rules(for: machine, doomed: [identity.id.key])
                if case .blocked = rules.verdict(on: state) { return true }
                return false
            case .absent: return false
            case .unreadable, nil: return true
            }
        }
        guard !stuck.isEmpty else { return nil }
        return Refusal(
            .detach,
            "it cannot be detached first from \(stuck.map { book.address(of: $0.id) }.joined(separator: ", "))",
            stuck.map(\.id.description)
        )
    }

    /// The references of a machine that it does not carry and that cannot be put on it, each with why.
    private func missing(
        _ machine: DesiredMachine,
        on state: LiveMachine,
        _ unavailable: [ResourceID: Refusal]
    ) -> [(reference: IdentityReference, refusal: Refusal)] {
        machine.userAssigned.compactMap { reference in
            guard !state.block.carries(reference.id.key), let refusal = unavailable[reference.id] else {
                return nil
            }
            return (reference, refusal)
        }
    }

    private func planMachine(
        _ machine: DesiredMachine,
        rules: MachineRules,
        unavailable: [ResourceID: Refusal],
        into draft: inout PlanDraft
    ) {
        switch live.machines[machine.id] {
        case .absent("SubscriptionNotFound"):
            draft.block(machine.id, [Refusal(missingSubscription: machine.id)], origin: machine.origin)
        case .absent(let code):
            draft.block(
                machine.id,
                [Refusal(.missingTarget, "it does not exist (\(code)); idsync does not create VMs")],
                origin: machine.origin
            )
        case .unreadable(let failure):
            draft.block(machine.id, [Refusal(reading: failure)], origin: machine.origin)
        case nil:
            let failure = ReadFailure(kind: .malformed, message: "ARM did not answer for it")
            draft.block(machine.id, [Refusal(reading: failure)], origin: machine.origin)
        case .found(let state):
            let missing = missing(machine, on: state, unavailable)
            for (reference, refusal) in missing {
                draft.block(machine.id, [refusal], origin: reference.origin)
            }
            // The target is blocked as a whole: half of a swap would leave the machine without either identity.
            guard missing.isEmpty else { return }
            draft.add(rules.verdict(on: state), rules: rules, live: state, identities: live.identities)
        }
    }
}

/// Which machines carry an identity, among those that the manifest does not declare.
private struct MachineUsers {
    let undeclared: [String: [ResourceID]]

    init(live: LiveState, declared: Set<ResourceID>) {
        var users: [String: [ResourceID]] = [:]
        for (id, lookup) in live.machines where !declared.contains(id) {
            for attached in lookup.value?.block.attached ?? [] { users[attached.key, default: []].append(id) }
        }
        undeclared = users.mapValues { $0.sorted() }
    }
}

extension DesiredState {
    /// The keys of declared identities that do not exist yet.
    package func arriving(given identities: [ResourceID: Lookup<LiveIdentity>]) -> Set<String> {
        Set(
            self.identities.filter { identity in
                guard identity.presence == .present, case .absent = identities[identity.id] else {
                    return false
                }
                return true
            }.map(\.id.key)
        )
    }
}
