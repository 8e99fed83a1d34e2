import ARMEmulator
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

/// What one answer does not show and a removal depends on: the disk-encryption identity and the ids of who leaves.
struct CloserLookTests {
    private static let one = Build.identity("ID1")
    private static let two = Build.identity("ID2")
    private static let foreign = Build.identity("FOREIGN")
    private static let old = ["2017-12-01", "2018-06-01", "2023-07-01"]
    private static let scaleSet = ResourceID(
        subscription: Build.subscription,
        resourceGroup: "TestRG",
        kind: .virtualMachineScaleSet,
        name: "web"
    )

    private func encrypted(_ id: ResourceID = Build.vm(), with key: String? = one.key) -> LiveMachine {
        LiveMachine(id: id, block: Build.block([Self.one, Self.two]), encryptionIdentityKey: key)
    }

    private func world(_ machines: LiveMachine..., compute: String, faults: [FaultRule] = []) throws -> World
    {
        try World(
            machines: machines,
            identities: [Self.one, Self.two, Self.foreign],
            apiVersions: APIVersions(compute: compute)
        ) { $0.faults = faults }
    }

    private func gets(_ world: World, _ id: ResourceID = Build.vm()) -> Int {
        world.log.entries.count { $0.method == .get && Folding.fold($0.path) == id.key }
    }

    // MARK: the disk-encryption identity

    @Test(
        "A plan never detaches the disk-encryption identity, whatever the api-version",
        arguments: old + ["2023-09-01", "2024-07-01"],
        [Build.vm(), scaleSet]
    )
    func encryption(compute: String, id: ResourceID) async throws {
        let world = try world(encrypted(id), compute: compute)
        let (_, plan) = try await world.plan(world.desired([Build.desired(id, remove: [Self.one])]))
        #expect(plan.changes.isEmpty)
        #expect(plan.blocked.map(\.gate) == [.encryption])
        #expect(gets(world, id) == (APIVersions(compute: compute).showsEncryption ? 1 : 2))
        #expect(plan.reads == world.log.entries.count)
    }

    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let entry: DesiredMachine
        let deletes: Bool
        let looks: Int

        init(_ text: String, looks: Int, deletes: Bool = false, _ entry: DesiredMachine) {
            (testDescription, self.entry, self.deletes, self.looks) = (text, entry, deletes, looks)
        }
    }

    static let ways = [
        Way("remove", looks: 1, Build.desired(remove: [one])),
        Way("remove of what is not there", looks: 0, Build.desired(remove: [Build.identity("ID9")])),
        Way("exclusive", looks: 1, Build.desired(have: [one], exclusive: true)),
        Way("exclusive and all declared", looks: 0, Build.desired(have: [one, two], exclusive: true)),
        Way("systemAssigned: false", looks: 0, Build.desired(system: false)),
        Way("an addition", looks: 0, Build.desired(have: [Build.identity("ID3")])),
        Way("an identity that is deleted", looks: 1, deletes: true, Build.desired()),
    ]

    @Test("One more GET per machine that may lose something, and none for others", arguments: ways)
    func requests(way: Way) async throws {
        let world = try world(encrypted(with: nil), compute: "2018-06-01")
        let absent = DesiredIdentity(id: Self.two, location: nil, presence: .absent, origin: Build.origin())
        let desired = world.desired([way.entry], identities: way.deletes ? [absent] : [])
        let (_, plan) = try await world.plan(desired)
        #expect(plan.blocked.filter { $0.gate != .missingIdentity } == [])
        // The search for users of a doomed identity has read the machine by a list already.
        #expect(gets(world) == way.looks + (way.deletes ? 0 : 1))
    }

    @Test("A machine whose disk-encryption identity cannot be read loses nothing")
    func unreadable() async throws {
        let refuse = FaultRule(
            method: .get,
            path: "*/virtualMachines/*",
            nth: 2,
            times: nil,
            action: .answer(
                FaultAnswer(status: 400, code: "NoRegisteredProviderFound", message: "no such version")
            )
        )
        let world = try world(encrypted(), compute: "2018-06-01", faults: [refuse])
        let (_, plan) = try await world.plan(world.desired([Build.desired(remove: [Self.one])]))
        #expect(plan.changes.isEmpty)
        #expect(plan.blocked.map(\.gate) == [.unreadable])
        #expect(
            plan.blocked.first?.message.hasPrefix(
                "whether anything may be taken off it cannot be told: its disk-encryption identity could not be "
                    + "read: GET \(Build.vm()): 400 "
                    + "NoRegisteredProviderFound: no such version"
            ) == true
        )
    }

    @Test("An identity that came to encrypt the disks after the plan is not detached", arguments: old)
    func encryptedMeanwhile(compute: String) async throws {
        let world = try world(encrypted(with: nil), compute: compute)
        let desired = world.desired([Build.desired(remove: [Self.one])])
        let writer = EmulatorTransport(state: world.state, time: world.time)
        let client = ARMClient(
            endpoint: try ARMEndpoint(parsing: "https://management.azure.com"),
            transport: writer,
            tokens: FixedTokens(),
            time: world.time,
            userAgent: "other"
        )
        let (planner, plan) = try await world.plan(desired)
        #expect(plan.changes.count == 1)
        _ = try await client.send(
            .patch,
            path: Build.vm().description,
            apiVersion: "2024-07-01",
            body: [
                "properties": [
                    "securityProfile": [
                        "encryptionIdentity": [
                            "userAssignedIdentityResourceId": .string(Self.one.description)
                        ]
                    ]
                ]
            ]
        )
        let context = ExecutionContext(
            client: try world.client(),
            apiVersions: world.apiVersions,
            time: world.time,
            rules: planner.machineRules(for: plan),
            identities: [:]
        )
        let report = await Executor(context: context).execute(try PlanGuard.approve(plan))
        #expect(report.outcomes.map(\.status) == [.blocked])
        #expect(report.outcomes.first?.error?.code == "encryption-identity")
        #expect(world.carried() == [Self.one.key, Self.two.key])
    }

    @Test("What is written rests on the newest look", arguments: ["2017-12-01", "2018-06-01"])
    func newestLook(compute: String) async throws {
        let writer = OtherWriter(machine: Build.vm(), add: [Self.foreign.description], systemAssigned: true)
        // The plan takes two looks; somebody writes between the two of the run.
        let meanwhile = FaultRule(
            method: .get,
            path: "*/virtualMachines/*",
            nth: 4,
            action: .otherWriter(writer)
        )
        let world = try world(encrypted(with: nil), compute: compute, faults: [meanwhile])
        let report = try await world.apply(world.desired([Build.desired(remove: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.carried() == ["system", Self.foreign.key, Self.two.key])
    }

    // MARK: who leaves

    private func planner(_ world: World, _ desired: DesiredState, _ caller: CallerIdentity) async throws
        -> Planner
    {
        Planner(
            desired: desired,
            live: try await world.live(for: desired),
            policy: PlanPolicy(caller: caller)
        )
    }

    private func ids(of id: ResourceID, in world: World) async throws -> LiveIdentity {
        let reader = SingleRead(client: try world.client(), apiVersions: world.apiVersions)
        return try #require(await reader.get(id, as: WireIdentity.self).lookup.value?.identity)
    }

    @Test(
        "The identity that idsync runs as is known by its own ids where the machine shows none",
        arguments: [true, false]
    )
    func callerOnArrayVersions(byClientID: Bool) async throws {
        let world = try world(encrypted(with: nil), compute: "2017-12-01")
        let own = try await ids(of: Self.one, in: world)
        let caller = CallerIdentity(
            objectID: byClientID ? nil : own.principalID,
            clientID: byClientID ? own.clientID?.uppercased() : nil
        )
        let before = world.log.entries.count
        let desired = world.desired([Build.desired(remove: [Self.one])])
        let plan = try await planner(world, desired, caller).plan()
        #expect(plan.blocked.map(\.gate) == [.selfIdentity])
        // The machine, and once more at a version that shows encryption and the ids.
        #expect(world.log.entries.count - before == 2)
        let other = world.desired([Build.desired(remove: [Self.two])])
        #expect(try await planner(world, other, caller).plan().blocked == [])
    }

    /// A world whose machine carries an identity without ids, as while it is attached, and one that has them.
    private func pending(_ compute: String, faults: [FaultRule] = []) throws -> (World, ResourceID) {
        let new = Build.identity("NEW")
        let world = try world(encrypted(with: nil), compute: compute, faults: faults)
        world.state.apply(OtherWriter(machine: Build.vm(), add: [new.description]))
        world.state.apply(OtherWriter(createIdentity: new))
        return (world, new)
    }

    @Test(
        "An identity that nobody may read is not detached while idsync may run as it",
        arguments: ["2017-12-01", "2024-07-01"]
    )
    func callerUnknown(compute: String) async throws {
        let forbid = FaultRule(
            method: .get,
            path: "*/userAssignedIdentities*",
            times: nil,
            action: .answer(FaultAnswer(status: 403, code: "AuthorizationFailed", message: "no"))
        )
        let (world, new) = try pending(compute, faults: [forbid])
        let desired = world.desired([Build.desired(remove: [new])])
        let plan = try await planner(world, desired, CallerIdentity(objectID: "someone")).plan()
        #expect(plan.blocked.map(\.gate) == [.permission])
        #expect(
            plan.blocked.first?.message.hasPrefix("whether idsync itself runs as NEW cannot be told: GET ")
                == true
        )
        let managed = CallerIdentity(objectID: "someone", resourceID: Self.two.description)
        #expect(try await planner(world, desired, managed).plan().blocked == [])
    }

    @Test("A run looks again for itself before it detaches", arguments: ["2017-12-01", "2024-07-01"])
    func callerInARun(compute: String) async throws {
        let (world, new) = try pending(compute)
        let versions = APIVersions(compute: compute)
        let rules = MachineRules(
            desired: Build.desired(remove: [new]),
            caller: CallerIdentity(clientID: try await ids(of: new, in: world).clientID),
            shape: versions.shape,
            hidesEncryption: !versions.showsEncryption
        )
        let reader = SingleRead(client: try world.client(), apiVersions: versions)
        let seen = try #require(await reader.get(Build.vm(), as: WireMachine.self).lookup.value?.machine)
        #expect(rules.verdict(on: seen) != .go(rules.delta(on: seen)))
        let (machine, closer) = await reader.lookCloser(at: seen, by: rules)
        guard case .blocked(let refusals) = closer.verdict(on: machine) else {
            Issue.record("it would be detached")
            return
        }
        #expect(refusals.map(\.gate) == [.selfIdentity])
    }
}
