import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// What the chaos runs have found, each in its smallest form.
struct FoundByChaosTests {
    private static let one = Build.identity("ID1")
    private static let two = Build.identity("ID2")
    private static let foreign = Build.identity("FOREIGN")
    private static let machines = "*/virtualMachines/*"

    private func world(
        _ block: IdentityBlock,
        compute: String = "2024-07-01",
        _ faults: FaultRule...
    ) throws -> World {
        try World(
            machines: [Build.machine(block)],
            identities: [Self.one, Self.two, Self.foreign],
            apiVersions: APIVersions(compute: compute)
        ) { $0.faults = faults }
    }

    private func patch(_ action: FaultAction) -> FaultRule {
        FaultRule(method: .patch, path: Self.machines, action: action)
    }

    private func refusal(_ status: Int, _ code: String) -> FaultAction {
        .answer(FaultAnswer(status: status, code: code))
    }

    private func absent(_ id: ResourceID) -> DesiredIdentity {
        DesiredIdentity(id: id, location: nil, presence: .absent, origin: Build.origin())
    }

    // MARK: what the report says was written

    @Test("A write whose answer was lost counts, whatever the repeat is answered")
    func lostThenRefused() async throws {
        let world = try world(
            Build.block(),
            patch(.reset(afterWrite: true)),
            patch(refusal(409, "AnotherOperationInProgress"))
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(report.outcomes.map(\.writes) == [1])
    }

    @Test("A repeat after a plain refusal that meets a used-up ETag has written nothing")
    func throttledThenStale() async throws {
        let world = try world(
            Build.block(),
            patch(.answer(FaultAnswer(status: 429))),
            patch(.precondition),
            FaultRule(method: .patch, times: nil, action: refusal(409, "ScopeLocked"))
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.map(\.writes) == [0])
        #expect(report.outcomes.map(\.attempts) == [3])
    }

    @Test("A write that is lost before it arrives was not made, as the same ETag proves")
    func neverArrives() async throws {
        let world = try world(
            Build.block(),
            FaultRule(method: .patch, path: Self.machines, times: nil, action: .reset(afterWrite: false))
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.map(\.writes) == [0])
        #expect(!report.mayHaveWritten)
        #expect(
            report.outcomes.first?.notes == [
                "ARM did not carry it out: the ETag of the machine has not moved"
            ]
        )
    }

    @Test("Without an ETag nobody knows whether a lost write arrived")
    func unknown() async throws {
        let world = try world(
            Build.block(),
            compute: "2018-06-01",
            FaultRule(method: .patch, path: Self.machines, times: nil, action: .reset(afterWrite: false))
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.isUncertain) == [true])
        #expect(report.outcomes.map(\.writes) == [0])
        #expect(report.mayHaveWritten && !report.wroteAnything)
    }

    @Test("A new identity whose answers were all lost is found by a look")
    func createdUnheard() async throws {
        let world = try World()
        let new = DesiredIdentity(id: Self.one, location: "westus", origin: Build.origin())
        let report = try await world.apply(world.desired(identities: [new])) { _ in
            world.state.install([FaultRule(method: .put, times: nil, action: .reset(afterWrite: true))])
        }
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(report.outcomes.map(\.writes) == [1])
        #expect(world.log.writes.count == 1)
    }

    @Test("An attempt that the token was refused for is an attempt")
    func refusedToken() async throws {
        let world = try world(Build.block(), patch(refusal(401, "InvalidAuthenticationToken")))
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.map(\.attempts) == [1])
    }

    // MARK: operations that end badly behind one's back

    @Test("What a running operation shows is not done: it may fail and take it back")
    func hiddenFailure() async throws {
        let world = try world(
            Build.block(),
            patch(.foreignOperation("https://evil.example")),
            patch(.longRunning(LongRunningFault(.failed)))
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.code == "foreign-url")
        #expect(world.carried() == [])
    }

    @Test("The same when nobody heard of the operation at all")
    func lostFailure() async throws {
        let world = try world(
            Build.block(),
            patch(.longRunning(LongRunningFault(.failed))),
            patch(.reset(afterWrite: true))
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.log.writes.map(\.status) == [200, 412, 200])
        #expect(world.carried() == [Self.one.key])
    }

    @Test("An operation that hangs is not done either")
    func hanging() async throws {
        let world = try world(Build.block(), patch(.longRunning(LongRunningFault(.hang))))
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.code == "deadline")
        #expect(report.wroteAnything)
    }

    // MARK: deletions

    @Test("An identity that somebody attaches after the plan is not deleted", arguments: [true, false])
    func attachedMeanwhile(isDeclared: Bool) async throws {
        let other = Build.vm("other")
        let world = try World(
            machines: [Build.machine(Build.block([Self.one])), Build.machine(Build.block(), id: other)],
            identities: [Self.one]
        )
        let machines = [Build.desired()] + (isDeclared ? [Build.desired(other)] : [])
        let desired = world.desired(machines, identities: [absent(Self.one)])
        let report = try await world.apply(desired) { _ in
            world.state.apply(OtherWriter(machine: other, add: [Self.one.description]))
        }
        #expect(report.outcomes.map(\.status) == [.applied, .stale])
        #expect(
            report.outcomes.last?.error?.message
                == "other carries it now, so deleting it would leave a dead reference; plan again"
        )
        #expect(world.state.identities == [Self.one])
    }

    @Test("An identity is not deleted when idsync cannot look once more")
    func cannotLook() async throws {
        let world = try World(identities: [Self.one])
        let report = try await world.apply(world.desired(identities: [absent(Self.one)])) { _ in
            world.state.install([
                FaultRule(
                    method: .get,
                    path: "*/virtualMachines",
                    action: refusal(403, "AuthorizationFailed")
                )
            ])
        }
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.code == "where-used")
        #expect(world.state.identities == [Self.one])
    }

    @Test("A 404 that is not ARM's proves nothing", arguments: [HTTPMethod.get, .delete])
    func proxyPage(method: HTTPMethod) async throws {
        let world = try World(identities: [Self.one])
        let report = try await world.apply(world.desired(identities: [absent(Self.one)])) { _ in
            let path = "*/userAssignedIdentities/*"
            world.state.install([FaultRule(method: method, path: path, times: nil, action: .html(404))])
        }
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(world.state.identities == [Self.one])
    }

    @Test("A search for users that ends in a proxy's 404 is no search")
    func proxyPageForSearch() async throws {
        let world = try World(identities: [Self.one])
        world.state.install([FaultRule(path: "*/virtualMachines", times: nil, action: .html(404))])
        let (_, plan) = try await world.plan(world.desired(identities: [absent(Self.one)]))
        #expect(plan.changes.isEmpty)
        #expect(plan.blocked.map(\.gate) == [.whereUsed])
    }

    @Test("An identity that has to stay keeps no other on its machine")
    func independentDeletions() {
        let machine = LiveMachine(
            id: Build.vm(),
            block: Build.block([Self.one, Self.two]),
            encryptionIdentityKey: Self.one.key
        )
        let desired = DesiredState(
            identities: [absent(Self.one), absent(Self.two)],
            machines: [Build.desired()]
        )
        let plan = Build.plan(desired, Build.state([machine], identities: [Self.one, Self.two]))
        #expect(plan.blocked.map(\.address) == ["identity/ID1"])
        #expect(plan.changes.map(\.address) == ["vm/myVM", "identity/ID2"])
    }

    // MARK: repairs

    @Test("An identity that the plan creates and attaches is not taken for an earlier one of itself")
    func createdAndAttached() async throws {
        let world = try World(
            machines: [Build.machine(Build.block([Self.foreign]))],
            identities: [Self.foreign]
        )
        let machine = DesiredMachine(
            id: Build.vm(),
            userAssigned: [Build.reference(Self.one)],
            reattach: true,
            origin: Build.origin()
        )
        let new = DesiredIdentity(id: Self.one, location: "westus", origin: Build.origin())
        let report = try await world.apply(world.desired([machine], identities: [new]))
        #expect(report.outcomes.map(\.status) == [.applied, .applied])
        #expect(world.log.writes.map(\.method) == [.put, .patch])
        #expect(world.carried() == [Self.one.key, Self.foreign.key])
    }

    @Test("A dead identity that lives again before the apply stays on the machine")
    func livesAgain() async throws {
        let world = try World(machines: [Build.machine(Build.block(system: true, [Self.one]))])
        let machine = DesiredMachine(id: Build.vm(), removeDangling: true, origin: Build.origin())
        let report = try await world.apply(world.desired([machine])) { plan in
            #expect(plan.changes.first?.delta?.remove.map(\.key) == [Self.one.key])
            let id = Self.one.description
            world.state.apply(OtherWriter(machine: Build.vm(), remove: [id], createIdentity: Self.one))
            world.state.apply(OtherWriter(machine: Build.vm(), add: [id]))
        }
        #expect(report.outcomes.map(\.status) == [.alreadyDone])
        #expect(report.outcomes.first?.notes == ["ID1 exists again"])
        #expect(world.carried() == ["system", Self.one.key])
    }

    @Test("A dead identity that cannot be looked at again stays on the machine, and that is a failure")
    func cannotLookAgain() async throws {
        let world = try World(
            machines: [Build.machine(Build.block([Self.one]))],
            identities: [Self.two]
        )
        let machine = DesiredMachine(
            id: Build.vm(),
            userAssigned: [Build.reference(Self.two)],
            removeDangling: true,
            origin: Build.origin()
        )
        let report = try await world.apply(world.desired([machine])) { plan in
            #expect(plan.changes.first?.delta?.remove.map(\.key) == [Self.one.key])
            let path = "*/userAssignedIdentities/ID1"
            world.state.install([FaultRule(method: .get, path: path, times: nil, action: .html(404))])
        }
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.message == "the body is an HTML page")
        #expect(world.carried() == [Self.one.key, Self.two.key])
    }

    @Test("An identity that the manifest creates is not cleaned up as dead")
    func createdNotDead() {
        let machine = DesiredMachine(id: Build.vm(), removeDangling: true, origin: Build.origin())
        let new = DesiredIdentity(id: Self.one, location: "westus", origin: Build.origin())
        let live = Build.state(
            [Build.machine(Build.block([Self.one, Self.two]))],
            absent: [Self.one, Self.two]
        )
        let plan = Build.plan(DesiredState(identities: [new], machines: [machine]), live)
        #expect(plan.changes.map(\.action) == ["create", "assign"])
        #expect(plan.changes.last?.delta?.remove.map(\.key) == [Self.two.key])
    }

    // MARK: races

    @Test(
        "Without an ETag a write is never repeated blindly: what came meanwhile is seen first",
        arguments: ["2017-12-01", "2018-06-01"]
    )
    func freshLook(compute: String) async throws {
        let writer = OtherWriter(machine: Build.vm(), add: [Self.foreign.description], systemAssigned: true)
        for fault in [FaultAction.answer(FaultAnswer(status: 503)), .reset(afterWrite: false)] {
            let world = try world(
                Build.block([Self.one]),
                compute: compute,
                patch(.otherWriter(writer)),
                patch(fault)
            )
            let report = try await world.apply(
                world.desired([Build.desired(have: [Self.two], remove: [Self.one])])
            )
            #expect(report.outcomes.map(\.status) == [.applied])
            #expect(world.carried() == ["system", Self.two.key, Self.foreign.key])
        }
    }

    @Test(
        "A token that is refused and renewed does not repeat an unguarded write blindly",
        arguments: ["2017-12-01", "2018-06-01"]
    )
    func renewedToken(compute: String) async throws {
        let world = try world(
            Build.block([Self.one]),
            compute: compute,
            patch(refusal(401, "ExpiredAuthenticationToken"))
        )
        let desired = world.desired([Build.desired(remove: [Self.one])])
        let (planner, plan) = try await world.plan(desired)
        let tokens = RenewingTokens {
            world.state.apply(OtherWriter(machine: Build.vm(), add: [Self.foreign.description]))
        }
        let client = ARMClient(
            endpoint: try ARMEndpoint(parsing: "https://management.azure.com"),
            transport: EmulatorTransport(state: world.state, time: world.time, log: world.log),
            tokens: tokens,
            time: world.time,
            userAgent: "idsync/test"
        )
        let report = try await world.execute(plan, by: planner, of: desired, client: client)
        // The last identity was to go; now another one is there, which a `type` of None would have taken along.
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.carried() == [Self.foreign.key])
        #expect(world.log.writes.map(\.status) == [401, 200])
    }

    @Test("A write without an ETag is still repeated a bounded number of times, with growing waits")
    func boundedRepeats() async throws {
        let world = try world(
            Build.block([Self.one]),
            compute: "2018-06-01",
            FaultRule(method: .patch, times: nil, action: .answer(FaultAnswer(status: 503)))
        )
        let report = try await world.apply(world.desired([Build.desired(have: [Self.two])]))
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.map(\.attempts) == [7])
        #expect(report.outcomes.map(\.writes) == [0])
    }

    @Test("An operation that fails for want of quota is tried again")
    func throttledOperation() async throws {
        let throttled = LongRunningFault(.failed, code: "TooManyRequests", message: "Retry after 3 seconds.")
        let world = try world(Build.block(), patch(.longRunning(throttled)))
        let report = try await world.apply(world.desired([Build.desired(have: [Self.one])]))
        #expect(report.outcomes.map(\.status) == [.applied])
        #expect(world.log.writes.map(\.status) == [200, 200])
    }

    // MARK: stopping

    @Test("A stop during the look before an identity's write prevents the write")
    func stopDuringLook() async throws {
        let stop = StopSignal()
        let world = try World(identities: [Self.one])
        let tagged = DesiredIdentity(
            id: Self.one,
            location: "westus",
            tags: ["a": "b"],
            origin: Build.origin()
        )
        let desired = world.desired(identities: [tagged])
        let (planner, plan) = try await world.plan(desired)
        let client = try client(of: world) { stop.stop(.signal(15)) }
        let report = try await world.execute(plan, by: planner, of: desired, client: client, stop: stop)
        #expect(report.outcomes.map(\.status) == [.notStarted])
        #expect(world.log.writes.isEmpty)
    }

    @Test("An operation under way when the run is stopped is waited for a minute of the run's own clock")
    func stopDuringOperation() async throws {
        let stop = StopSignal()
        let world = try world(Build.block(), patch(.longRunning(LongRunningFault(.hang))))
        let desired = world.desired([Build.desired(have: [Self.one])])
        let (planner, plan) = try await world.plan(desired)
        let log = world.log
        // Waiting takes no time on this clock, so the order in which waiters go on must not be left to chance.
        let scheduler = ChaosScheduler(seed: 1)
        let client = try client(of: world) {
            await scheduler.shuffle()
            if !log.writes.isEmpty { stop.stop(.signal(2)) }
        }
        let report = try await scheduler.run {
            try await world.execute(plan, by: planner, of: desired, client: client, stop: stop)
        }
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.signal == 2)
        #expect(world.time.now() < .seconds(300))
    }

    @Test("A look that hangs when the run is stopped is given up, and nothing is written")
    func stopDuringHangingLook() async throws {
        let stop = StopSignal()
        let world = try world(Build.block())
        let desired = world.desired([Build.desired(have: [Self.one])])
        let (planner, plan) = try await world.plan(desired)
        world.state.install([FaultRule(times: nil, delay: .seconds(90))])
        let scheduler = ChaosScheduler(seed: 1)
        let client = try client(of: world) {
            await scheduler.shuffle()
            stop.stop(.signal(2))
        }
        let report = try await scheduler.run {
            try await world.execute(plan, by: planner, of: desired, client: client, stop: stop)
        }
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(report.outcomes.first?.error?.code == "interrupted")
        #expect(report.outcomes.map(\.writes) == [0])
        #expect(world.log.writes.isEmpty)
    }

    private func client(of world: World, at request: @escaping @Sendable () async -> Void) throws -> ARMClient
    {
        ARMClient(
            endpoint: try ARMEndpoint(parsing: "https://management.azure.com"),
            transport: RetryingTransport(
                wrapping: Interrupted(
                    transport: EmulatorTransport(state: world.state, time: world.time, log: world.log),
                    action: request
                ),
                time: world.time,
                jitter: { 0.5 }
            ),
            tokens: FixedTokens(),
            time: world.time,
            userAgent: "idsync/test"
        )
    }
}

/// Something happens while a token is renewed.
private struct RenewingTokens: TokenProvider {
    let action: @Sendable () -> Void

    func bearer() async throws(CredentialError) -> Secret { Secret("first") }

    func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret {
        action()
        return Secret("second")
    }
}

/// Something happens at every request.
private struct Interrupted: Transport {
    let transport: any Transport
    let action: @Sendable () async -> Void

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        await action()
        return try await transport.send(request)
    }
}
