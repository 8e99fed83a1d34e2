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
        let base = try self.endpoint(endpoint ?? cloud.resourceManager)
        let emulator: EmulatorSession? =
            if let path {
                try EmulatorSession.open(path, faults: run.invocation["faults"], time: run.time)
            } else { nil }
        if emulator == nil, run.invocation.has("faults") {
            throw Failure(
                code: .usage,
                message: "--faults needs --emulator; no fault is ever played on a real Azure"
            )
        }
        let tokens: any TokenProvider =
            emulator == nil ? Credentials.provider(try Credentials.make(run, cloud), run) : EmulatorTokens()
        let wire: any Transport =
            emulator?.transport ?? URLSessionTransport(parallelism: run.settings.parallelism)
        let token: Secret
        do throws(CredentialError) { token = try await tokens.bearer() } catch {
            throw Failure(code: .notAuthorized, message: error.description)
        }
        let logged = LoggingTransport(wrapping: wire, log: run.log, time: run.time)
        let transport = RetryingTransport(
            wrapping: paced(logged, base, isEmulated: emulator != nil, run),
            time: run.time
        )
        let client = { (transport: any Transport) in
            ARMClient(
                endpoint: base,
                transport: transport,
                tokens: tokens,
                time: run.time,
                userAgent: Version.userAgent,
                correlationID: UUID().uuidString.lowercased()
            )
        }
        return Session(
            target: target,
            reader: client(ReadOnlyTransport(wrapping: transport)),
            writer: client(transport),
            caller: TokenClaims(token).map {
                CallerIdentity(
                    objectID: $0.objectID,
                    clientID: $0.clientID,
                    resourceID: $0.managedIdentityResourceID
                )
            },
            emulator: emulator
        )
    }

    private static func endpoint(_ text: String) throws(Failure) -> ARMEndpoint {
        do {
            return try ARMEndpoint(text)
        } catch {
            throw Failure(code: .usage, message: "--endpoint \(text): \(error)")
        }
    }

    /// Published limits are paced only where they exist: never on loopback.
    private static func paced(
        _ transport: any Transport,
        _ endpoint: ARMEndpoint,
        isEmulated: Bool,
        _ run: Run
    )
        -> any Transport
    {
        guard !isEmulated, !endpoint.isLoopback else { return transport }
        return PacedTransport(wrapping: transport, time: run.time)
    }
}
