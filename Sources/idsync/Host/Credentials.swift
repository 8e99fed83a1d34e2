import Foundation
import IdSyncAzure
import IdSyncCore

/// Wires the credential chain to the process's variables, files, network and `az`.
enum Credentials {
    static func make(_ run: Run, _ cloud: Cloud) throws(Failure) -> any Credential {
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
        let factory = CredentialFactory(settings: settings, cloud: cloud, effects: effects)
        do throws(CredentialError) { return try factory.credential(run.settings.auth) } catch {
            throw Failure(code: .notAuthorized, message: error.description)
        }
    }
}
