import Foundation
import IdSyncAzure
import IdSyncCore

/// Wires the credential chain to the process's variables, files, network and `az`.
enum Credentials {
    static func make(_ run: Run, _ cloud: Cloud) throws(Failure) -> any Credential {
        let network = URLSessionTransport(parallelism: 2)
        let local = ProxyExemption.transport()
        let effects = CredentialEffects(
            network: LoggingTransport(wrapping: network, log: run.log, time: run.time),
            local: LoggingTransport(wrapping: local, log: run.log, time: run.time),
            time: run.time,
            files: SystemCredentialFiles(),
            processes: FoundationProcessRunner()
        )
        let factory = CredentialFactory(
            settings: CredentialSettings(run.variables),
            cloud: cloud,
            effects: effects
        )
        do throws(CredentialError) { return try factory.credential(run.settings.auth) } catch {
            throw Failure(code: .notAuthorized, message: error.description)
        }
    }

    static func provider(_ credential: any Credential, _ run: Run) -> any TokenProvider {
        TokenCache(credential, time: run.time)
    }
}
