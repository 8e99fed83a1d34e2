import IdSyncCore

/// What may leave the declared machines by a plan, before it is decided what does.
///
/// Counts every identity to be deleted as detached and no reference as missing, so nothing that the planner takes off
/// is left out, and what cannot leave costs no request.
struct LeavingIdentities {
    private let desired: DesiredState
    private let doomed: Set<String>
    private let known: [ResourceID: Lookup<LiveIdentity>]
    private let arriving: Set<String>

    init(of desired: DesiredState, doomed: Set<String>, known: [ResourceID: Lookup<WireIdentity>]) {
        self.desired = desired
        self.doomed = doomed
        self.known = known.mapValues { $0.map(\.identity) }
        arriving = desired.arriving(given: self.known)
    }

    /// The identities that neither a machine nor a read has shown the ids of.
    func unidentified(on machines: Readings<WireMachine>) -> Set<ResourceID> {
        var ids: Set<ResourceID> = []
        forEach(of: machines) { _, rules, delta in ids.formUnion(rules.unidentified(leavingWith: delta)) }
        return ids
    }

    /// The machines of which an api-version that hides it leaves open which identity encrypts the disks.
    func withHiddenEncryption(on machines: Readings<WireMachine>) -> [LiveMachine] {
        guard !desired.apiVersions.showsEncryption else { return [] }
        var found: [LiveMachine] = []
        forEach(of: machines) { machine, rules, delta in
            if rules.mustSeeEncryption(of: machine, before: delta) { found.append(machine) }
        }
        return found
    }

    private func forEach(
        of machines: Readings<WireMachine>,
        _ body: (LiveMachine, MachineRules, MachineDelta) -> Void
    ) {
        for entry in desired.machines where mayLose(entry) {
            guard let machine = machines.lookups[entry.id]?.value?.machine else { continue }
            let rules = MachineRules(
                desired: entry,
                doomed: doomed,
                protected: desired.protected,
                shape: desired.apiVersions.shape,
                known: known,
                arriving: arriving,
                hidesEncryption: !desired.apiVersions.showsEncryption
            )
            body(machine, rules, rules.delta(on: machine))
        }
    }

    private func mayLose(_ entry: DesiredMachine) -> Bool {
        !entry.remove.isEmpty || entry.exclusive || entry.removeDangling || entry.reattach || !doomed.isEmpty
    }
}
