import IdSyncCore
import Testing

/// What the fresh plan has no longer: done only when live shows it.
extension CeilingTests {
    /// A live state with this block on the machine, and with these identities.
    static func live(_ block: IdentityBlock?, _ identities: [ResourceID: Lookup<LiveIdentity>] = [:])
        -> LiveState
    {
        LiveState(
            identities: identities,
            machines: block.map { [machine: .found(LiveMachine(id: machine, block: $0))] } ?? [:]
        )
    }

    @Test func nothingLeftToDoIsDoneWhenLiveShowsIt() throws {
        let done = Self.live(Self.delta.applied(to: .empty))
        #expect(try verdicts(Self.vm(.empty), Sample.plan([]), live: done) == ["vm/myVM: already done"])
    }

    private static let one = Sample.identity("ID1")
    private static let renewal = vm(
        Sample.block([one]),
        MachineDelta(reattach: [AttachedIdentity(spelling: one.description, clientID: "old")])
    )
    private static func existing(_ location: String = "w", tags: [String: String] = [:]) -> LiveState {
        live(nil, [one: .found(LiveIdentity(id: one, location: location, tags: tags, clientID: "new"))])
    }
    private static func holding(_ client: String?) -> LiveState {
        let attached = AttachedIdentity(spelling: one.description, clientID: client)
        let block = IdentityBlock(type: .known(system: false, user: true), attached: [attached])
        return live(block, existing().identities)
    }
    private static let failure = ReadFailure(kind: .permission, message: "403")

    private static let not = "live state is not what was approved: "

    @Test(arguments: [
        (vm(.empty), live(.empty), "vm/myVM: \(not)TestRG/ID1 is not attached"),
        (
            vm(.empty), live(Sample.block(system: true, [one, f])),
            "vm/myVM: \(not)rg-f/F is attached, the system-assigned identity is on"
        ),
        (
            vm(.empty), live(IdentityBlock(type: .unknown("X"), attached: Sample.block([one]).attached)),
            "vm/myVM: \(not)its type is X, not UserAssigned"
        ),
        (
            vm(Sample.block(system: true), MachineDelta(system: false)), live(Sample.block(system: true)),
            "vm/myVM: \(not)the system-assigned identity is on"
        ),
        (
            vm(.empty), LiveState(machines: [machine: .absent("ResourceNotFound")]),
            "vm/myVM: \(not)it does not exist"
        ),
        (
            vm(.empty), LiveState(machines: [machine: .unreadable(failure)]),
            "vm/myVM: \(not)it could not be read"
        ),
        (vm(.empty), LiveState(), "vm/myVM: \(not)it was not read"),
        (renewal, holding("old"), "vm/myVM: \(not)TestRG/ID1 may still be the earlier one"),
        (renewal, holding(nil), "vm/myVM: \(not)TestRG/ID1 may still be the earlier one"),
        (renewal, holding("NEW"), "vm/myVM: already done"),
        (identity(.createIdentity(location: "W", tags: [:])), existing(), "identity/ID1: already done"),
        (
            identity(.createIdentity(location: "w", tags: ["a": "b"])), existing(tags: ["a": "B"]),
            "identity/ID1: \(not)tag a: \"b\" -> \"B\""
        ),
        (
            identity(.updateIdentity(location: "w", from: [:], to: ["a": "b"])),
            existing("e", tags: ["a": "b"]),
            "identity/ID1: \(not)location w -> e"
        ),
        (
            identity(.deleteIdentity(DoomedIdentity(location: "w", tags: [:]))),
            live(nil, [one: .absent("ResourceNotFound")]),
            "identity/ID1: already done"
        ),
        (
            identity(.deleteIdentity(DoomedIdentity(location: "w", tags: [:]))),
            live(nil, [one: .absent("SubscriptionNotFound")]),
            "identity/ID1: \(not)its subscription was not found"
        ),
        (
            identity(.deleteIdentity(DoomedIdentity(location: "w", tags: [:]))), existing(),
            "identity/ID1: \(not)it still exists"
        ),
        (
            identity(.deleteIdentity(DoomedIdentity(location: "w", tags: [:]))),
            live(nil, [one: .unreadable(failure)]),
            "identity/ID1: \(not)it could not be read"
        ),
    ])
    func whatIsNotLiveIsNotDone(approved: Plan, live: LiveState, verdict: String) throws {
        #expect(try verdicts(approved, Sample.plan([]), live: live) == [verdict])
    }
}
