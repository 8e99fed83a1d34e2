import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// What a run has just created may be unknown to Compute for a while: a bounded wait, not a culprit (F31, F32).
struct PropagationRunTests {
    private static let new = Build.identity("NEW")
    private static let old = Build.identity("OLD")

    private func apply(_ refusal: FaultAction, times: Int?, declaring: Bool) async throws -> (World, Report) {
        let world = try World(
            machines: [Build.machine(Build.block(system: true))],
            identities: declaring ? [Self.old] : [Self.old, Self.new]
        ) {
            $0.faults = [
                FaultRule(method: .patch, path: "*/virtualMachines/*", times: times, action: refusal)
            ]
        }
        let declared = DesiredIdentity(id: Self.new, location: "westus", origin: Build.origin())
        let desired = world.desired(
            [Build.desired(have: [Self.new, Self.old])],
            identities: declaring ? [declared] : []
        )
        return (world, try await world.apply(desired))
    }

    @Test("An identity that this run has created and that Compute does not find yet is waited for")
    func lagging() async throws {
        let refusal = FaultAction.identityError(identities: [Self.new.description], status: 400)
        let (world, report) = try await apply(refusal, times: 3, declaring: true)
        #expect(report.outcomes.map(\.status) == [.applied, .applied])
        #expect(world.carried() == ["system", Self.new.key, Self.old.key])
        #expect(world.time.sleeps.contains(.seconds(8)))
    }

    @Test("The wait ends after three minutes, and then it is a culprit like any other")
    func never() async throws {
        let refusal = FaultAction.identityError(identities: [Self.new.description], status: 400)
        let (world, report) = try await apply(refusal, times: nil, declaring: true)
        #expect(report.outcomes.map(\.status) == [.applied, .failed])
        #expect(world.carried() == ["system", Self.old.key])
        #expect(world.time.now() > .seconds(120) && world.time.now() < .seconds(240))
    }

    @Test("An identity that was there before the run is not waited for")
    func notNew() async throws {
        let refusal = FaultAction.identityError(identities: [Self.new.description], status: 400)
        let (world, report) = try await apply(refusal, times: nil, declaring: false)
        #expect(report.outcomes.map(\.status) == [.failed])
        #expect(world.carried() == ["system", Self.old.key])
        #expect(world.time.now() < .seconds(60))
    }

    @Test("A principal that the directory does not know yet is waited for, but not for ever (F32)")
    func principal() async throws {
        let refusal = FaultAction.answer(FaultAnswer(status: 400, code: "PrincipalNotFound", message: "no"))
        let (_, report) = try await apply(refusal, times: 2, declaring: false)
        #expect(report.outcomes.map(\.status) == [.applied])
        let (world, failed) = try await apply(refusal, times: nil, declaring: false)
        #expect(failed.outcomes.map(\.status) == [.failed])
        #expect(failed.outcomes.first?.error?.code == "PrincipalNotFound")
        #expect(world.time.now() < .seconds(240))
    }

    @Test("A machine that is being deleted is blocked, not failed (F41)")
    func deleting() async throws {
        let refusal = FaultAction.answer(
            FaultAnswer(
                status: 409,
                code: "OperationNotAllowed",
                message: "Operation 'update' is not allowed on VM 'myVM' since the VM is marked for deletion."
            )
        )
        let (_, report) = try await apply(refusal, times: nil, declaring: false)
        #expect(report.outcomes.map(\.status) == [.blocked])
        #expect(report.outcomes.first?.error?.code == "deleting")
    }
}
