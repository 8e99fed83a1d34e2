import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore

/// A way to ARM for one run: real, on loopback, or the emulator in this process.
struct Session: Sendable {
    /// Where the plan document says that the plan was made.
    let target: PlanTarget
    /// A client that can only read: all that planning gets (P1).
    let reader: ARMClient
    /// The client that may write; only `apply` touches it.
    let writer: ARMClient
    /// Who the run is, as far as the token tells.
    let caller: CallerIdentity?
    /// The clock of this way to ARM: the emulator in this process needs no real waiting.
    let time: any TimeSource
    /// The emulator's state to be written back after writes, when there is one.
    let emulator: EmulatorSession?

    /// Connects: finds the endpoint and the first token, so that a missing credential fails before anything else.
    static func open(
        _ run: Run,
        cloud: Cloud,
        endpoint: String?,
        emulator path: String?
    ) async throws(Failure) -> Session {
        let target = PlanTarget(
            cloud: cloud.name,
            resourceManager: cloud.resourceManager,
            endpoint: endpoint,
            emulator: path
        )
        let base = try parse(endpoint ?? cloud.resourceManager)
        if let path {
            let emulator = try EmulatorSession.open(path, faults: run.invocation["faults"])
            return try await Session(
                run,
                target,
                base,
                wire: emulator.transport,
                tokens: emulator.tokens,
                time: emulator.time,
                emulator
            )
        }
        if run.invocation.has("faults") {
            throw Failure(
                code: .usage,
                message: "--faults needs --emulator; no fault is ever played on a real Azure"
            )
        }
        let wire = URLSessionTransport(parallelism: run.settings.parallelism)
        let credential = try Credentials.make(run, cloud, base, isRecorded: endpoint != nil)
        let tokens = TokenCache(credential, time: run.time)
        return try await Session(run, target, base, wire: wire, tokens: tokens, time: run.time, nil)
    }

    private init(
        _ run: Run,
        _ target: PlanTarget,
        _ endpoint: ARMEndpoint,
        wire: any Transport,
        tokens: any TokenProvider,
        time: any TimeSource,
        _ emulator: EmulatorSession?
    ) async throws(Failure) {
        let token: Secret
        do throws(CredentialError) { token = try await tokens.bearer() } catch {
            throw Failure(code: .notAuthorized, message: error.description)
        }
        let watched = GatedTransport(wrapping: LoggingTransport(wrapping: wire, log: run.log, time: time))
        // Published limits exist only at the service itself: nothing is paced on loopback or in process.
        let isReal = emulator == nil && !endpoint.isLoopback
        let paced = PacedTransport(
            wrapping: LimitedTransport(wrapping: watched, limit: run.settings.parallelism),
            time: time,
            enabled: isReal
        )
        let transport = RetryingTransport(wrapping: paced, time: time)
        let correlationID = UUID().uuidString.lowercased()
        let client = { (transport: any Transport) in
            ARMClient(
                endpoint: endpoint,
                transport: transport,
                turns: paced,
                tokens: tokens,
                time: time,
                userAgent: Version.userAgent,
                correlationID: correlationID
            )
        }
        self.target = target
        self.time = time
        self.emulator = emulator
        reader = client(ReadOnlyTransport(wrapping: transport))
        writer = client(transport)
        caller = TokenClaims(token).map {
            CallerIdentity(
                objectID: $0.objectID,
                clientID: $0.clientID,
                resourceID: $0.managedIdentityResourceID
            )
        }
    }

    private static func parse(_ text: String) throws(Failure) -> ARMEndpoint {
        do throws(ARMEndpointError) { return try ARMEndpoint(parsing: text) } catch {
            throw Failure(code: .usage, message: "endpoint \(text): \(error)")
        }
    }
}
