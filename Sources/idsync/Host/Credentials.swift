import Foundation
import IdSyncAzure
import IdSyncCore

/// Wires the credential chain to the process's variables, files, network and `az`.
enum Credentials {
    /// The credential of `--auth`; an endpoint counts as the user's own word only when this command line has it.
    static func make(
        _ run: Run,
        _ cloud: Cloud,
        _ endpoint: ARMEndpoint,
        isRecorded: Bool
    ) throws(Failure) -> any Credential {
        let wire = LoggingTransport(
            wrapping: URLSessionTransport(parallelism: 2),
            log: run.log,
            time: run.time
        )
        let effects = CredentialEffects(
            network: wire,
            // The proxy exemption that `Main` installs keeps requests to this machine off any proxy.
            local: wire,
            time: run.time,
            files: LocalCredentialFiles(),
            processes: FoundationProcessRunner(path: run.variables["PATH"] ?? "")
        )
        let settings = CredentialSettings(environment: run.variables)
        let source: CredentialDestination.Source =
            run.invocation["endpoint"] != nil ? .commandLine : isRecorded ? .savedPlan : .manifest
        let destination = CredentialDestination(cloud: cloud, endpoint: endpoint, namedBy: source)
        let factory = CredentialFactory(settings: settings, destination: destination, effects: effects)
        do throws(CredentialError) { return try factory.credential(run.settings.auth) } catch {
            throw Failure(code: .notAuthorized, message: error.description)
        }
    }
}
