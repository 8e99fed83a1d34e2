package import ARMEmulator
import Foundation
package import IdSyncAzure
package import IdSyncCore

/// A token provider with one fixed token.
package struct FixedTokens: TokenProvider {
    private let token: Secret

    /// Makes a provider.
    package init(_ token: String = "test-token") { self.token = Secret(token) }

    /// The token.
    package func bearer() async throws(CredentialError) -> Secret { token }

    /// There is no other token.
    ///
    /// - Throws: always.
    package func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret {
        throw CredentialError("the token was refused")
    }
}

/// A small Azure in memory with everything that stands between it and the planner, on a virtual clock.
package struct World: Sendable {
    /// The emulated ARM.
    package let state: EmulatorState
    /// What was asked of it.
    package let log: RequestLog
    /// The clock that nobody waits on.
    package let time: VirtualTime
    /// The versions that requests carry.
    package let apiVersions: APIVersions

    /// Makes a world from machines with their blocks and from identities that exist.
    package init(
        machines: [LiveMachine] = [],
        identities: [ResourceID] = [],
        apiVersions: APIVersions = APIVersions(),
        configure: (inout EmulatorStateFile) -> Void = { _ in }
    ) throws {
        let json: JSONValue = [
            "format": "idsync.emulator/1",
            "resourceGroups": [
                [
                    "id": .string("/subscriptions/\(Build.subscription)/resourceGroups/TestRG"),
                    "location": "westus",
                ]
            ],
            "identities": .array(
                identities.map { ["id": .string($0.description), "location": "westus"] }
            ),
            "virtualMachines": .array(machines.filter { $0.id.kind == .virtualMachine }.map(Self.json)),
            "virtualMachineScaleSets": .array(
                machines.filter { $0.id.kind == .virtualMachineScaleSet }.map(Self.json)
            ),
        ]
        var file = try EmulatorStateFile(json: json)
        configure(&file)
        state = EmulatorState(file)
        log = RequestLog()
        time = VirtualTime()
        self.apiVersions = apiVersions
    }

    private static func json(_ machine: LiveMachine) -> JSONValue {
        var members: [String: JSONValue] = ["id": .string(machine.id.description), "location": "westus"]
        if machine.block != .empty {
            var identity: [String: JSONValue] = ["type": .string(machine.block.type.wireText)]
            if !machine.block.attached.isEmpty {
                identity["userAssignedIdentities"] = .object(
                    Dictionary(machine.block.attached.map { ($0.spelling, [:]) }, uniquingKeysWith: { $1 })
                )
            }
            members["identity"] = .object(identity)
        }
        var properties: [String: JSONValue] = [:]
        if let state = machine.provisioningState { properties["provisioningState"] = .string(state) }
        if let key = machine.encryptionIdentityKey {
            let profile: JSONValue = ["encryptionIdentity": ["userAssignedIdentityResourceId": .string(key)]]
            let isVM = machine.id.kind == .virtualMachine
            properties[isVM ? "securityProfile" : "virtualMachineProfile"] =
                isVM ? profile : ["securityProfile": profile]
        }
        members["properties"] = .object(properties)
        return .object(members)
    }

    /// A client on the emulator with the retries that a real run has.
    package func client(readOnly: Bool = false, token: String = "test-token") throws -> ARMClient {
        let wire = EmulatorTransport(state: state, time: time, log: log)
        let retrying = RetryingTransport(wrapping: wire, time: time, jitter: { 0.5 })
        return ARMClient(
            endpoint: try ARMEndpoint(parsing: "https://management.azure.com"),
            transport: readOnly ? ReadOnlyTransport(wrapping: retrying) : retrying,
            tokens: FixedTokens(token),
            time: time,
            userAgent: "idsync/test"
        )
    }

    /// Reads the live state for a manifest.
    package func live(for desired: DesiredState) async throws -> LiveState {
        let reader = LiveStateReader(
            client: try client(readOnly: true),
            apiVersions: apiVersions,
            parallelism: 4
        )
        return await reader.read(for: desired)
    }

    /// A manifest with this world's versions.
    package func desired(
        _ machines: [DesiredMachine] = [],
        identities: [DesiredIdentity] = [],
        protected: [String] = []
    ) -> DesiredState {
        DesiredState(
            identities: identities,
            machines: machines,
            protected: protected.map { GlobPattern($0) },
            apiVersions: apiVersions
        )
    }

    /// Reads and plans.
    package func plan(_ desired: DesiredState) async throws -> (planner: Planner, plan: Plan) {
        let planner = Planner(desired: desired, live: try await live(for: desired), policy: PlanPolicy())
        return (planner, planner.plan())
    }

    /// Reads, plans, lets somebody interfere, and executes.
    package func apply(
        _ desired: DesiredState,
        stop: StopSignal = StopSignal(),
        skippingBlocked: Bool = false,
        parallelism: Int = 4,
        after interference: @Sendable (Plan) -> Void = { _ in }
    ) async throws -> Report {
        let (planner, plan) = try await plan(desired)
        interference(plan)
        return try await execute(
            plan,
            by: planner,
            of: desired,
            stop: stop,
            skippingBlocked: skippingBlocked,
            parallelism: parallelism
        )
    }

    /// Executes a plan that was made here, with a client of one's own when there is one.
    package func execute(
        _ plan: Plan,
        by planner: Planner,
        of desired: DesiredState,
        client own: ARMClient? = nil,
        stop: StopSignal = StopSignal(),
        skippingBlocked: Bool = false,
        parallelism: Int = 4
    ) async throws -> Report {
        let context = ExecutionContext(
            client: try own ?? client(),
            apiVersions: apiVersions,
            time: time,
            rules: planner.machineRules(for: plan),
            identities: Dictionary(desired.identities.map { ($0.id, $0) }, uniquingKeysWith: { $1 }),
            parallelism: parallelism,
            stop: stop
        )
        let approved = try PlanGuard.approve(plan, skippingBlocked: skippingBlocked)
        return await Executor(context: context).execute(approved)
    }

    /// The keys that a machine carries now, with `system` for its system-assigned identity.
    package func carried(by machine: ResourceID = Build.vm()) -> Set<String> {
        guard let block = state.identityBlock(of: machine) else { return [] }
        return Set(block.attached.map(\.key)).union(block.type.hasSystem ? ["system"] : [])
    }
}
