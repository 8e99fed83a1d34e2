import IdSyncCore

extension SingleRead {
    /// What the rules have to know before anything leaves a machine and that one GET may not show.
    ///
    /// The identity that encrypts the disks, where the api-version in use hides it, and the ids of identities that
    /// leave, where the machine shows none. Nothing is asked unless something would leave; what cannot be read makes
    /// the rules refuse. The machine comes back as the last look saw it: what is written rests on the newest one.
    func lookCloser(at machine: LiveMachine, by rules: MachineRules) async -> (
        machine: LiveMachine, rules: MachineRules
    ) {
        var machine = machine
        if rules.mustSeeEncryption(of: machine, before: rules.delta(on: machine)) {
            machine = await showEncryption(of: machine)
        }
        let unidentified =
            rules.caller == nil ? [] : rules.unidentified(leavingWith: rules.delta(on: machine))
        guard !unidentified.isEmpty else { return (machine, rules) }
        var known: [ResourceID: Lookup<LiveIdentity>] = [:]
        for id in unidentified { known[id] = await get(id, as: WireIdentity.self).lookup.map(\.identity) }
        // That took a while, and without an ETag nobody else would notice what somebody wrote meanwhile.
        if rules.hidesEncryption || machine.etag == nil { machine = await showEncryption(of: machine) }
        return (machine, rules.knowing(known))
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
        return machine.after(look.lookup.map(\.machine))
    }
}
