import IdSyncCore

extension SingleRead {
    /// What the rules have to know before anything leaves a machine and that one GET may not show.
    ///
    /// The identity that encrypts the disks, where the api-version in use hides it, and the ids of identities that
    /// leave, where the machine shows none. Nothing is asked unless something would leave; what cannot be read makes
    /// the rules refuse. The machine stays as it was read otherwise: its block and its ETag belong together.
    func lookCloser(at machine: LiveMachine, by rules: MachineRules) async -> (
        machine: LiveMachine, rules: MachineRules
    ) {
        let delta = rules.delta(on: machine.block, isSettled: !machine.isOperating)
        var known: [ResourceID: Lookup<LiveIdentity>] = [:]
        for id in rules.caller == nil ? [] : rules.unidentified(leavingWith: delta) {
            known[id] = await get(id, as: WireIdentity.self).lookup.map(\.identity)
        }
        let seen =
            rules.mustSeeEncryption(of: machine, before: delta) ? await showEncryption(of: machine) : machine
        return (seen, rules.knowing(known))
    }

    /// The same machine after a GET with an api-version that shows which identity encrypts its disks.
    func showEncryption(of machine: LiveMachine) async -> LiveMachine {
        let versions = APIVersions(
            compute: APIVersions.firstWithEncryption,
            managedIdentity: apiVersions.managedIdentity,
            authorization: apiVersions.authorization
        )
        let look = await SingleRead(client: client, apiVersions: versions).get(
            machine.id,
            as: WireMachine.self
        )
        return machine.withEncryption(of: look.lookup.map(\.machine))
    }
}
