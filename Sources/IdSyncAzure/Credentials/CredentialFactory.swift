import Foundation
import IdSyncCore

/// What credentials need of the outside world.
package struct CredentialEffects: Sendable {
    /// Sends to authorities and pipeline platforms; may use a proxy, must not follow redirects.
    package let network: any Transport
    /// Sends to endpoints of this machine; must not use a proxy.
    package let local: any Transport
    /// The clock for waits and expiry.
    package let time: any TimeSource
    /// Reads key and token files.
    package let files: any CredentialFiles
    /// Runs `az`.
    package let processes: any ProcessRunner

    /// Bundles the effects.
    package init(
        network: any Transport,
        local: any Transport,
        time: any TimeSource,
        files: any CredentialFiles,
        processes: any ProcessRunner
    ) {
        self.network = network
        self.local = local
        self.time = time
        self.files = files
        self.processes = processes
    }
}

/// Makes the credential that `--auth` and the environment ask for.
package struct CredentialFactory: Sendable {
    private let settings: CredentialSettings
    private let destination: CredentialDestination
    private let effects: CredentialEffects

    /// Makes a factory for one destination.
    package init(
        settings: CredentialSettings,
        destination: CredentialDestination,
        effects: CredentialEffects
    ) {
        self.settings = settings
        self.destination = destination
        self.effects = effects
    }

    /// The credential of a mode; nothing is sent or read before its first token.
    ///
    /// - Throws: `CredentialError` naming the variables that the mode lacks, or an endpoint that may get no token.
    package func credential(_ mode: AuthMode) throws(CredentialError) -> any Credential {
        try destination.checkEndpoint()
        switch mode {
        case .auto: return chain()
        case .token: return try require(settings.token, .token, make: accessToken)
        case .secret: return try require(settings.secret, .secret, make: secret)
        case .federated: return try require(settings.federated, .federated, make: federated)
        case .github: return try require(settings.github, .github, make: github)
        case .azureDevOps: return try require(settings.azureDevOps, .azureDevOps, make: azureDevOps)
        case .managedIdentity:
            if case .unsupported(let reason) = settings.managedIdentity.source {
                throw CredentialError(reason).of(mode.rawValue)
            }
            return managedIdentity
        case .cli: return commandLine
        }
    }

    private func require<Value>(
        _ setting: Setting<Value>,
        _ mode: AuthMode,
        make: (Value) throws(CredentialError) -> any Credential
    ) throws(CredentialError) -> any Credential {
        switch setting {
        case .ready(let value): return try make(value)
        case .incomplete(let reason, _): throw CredentialError(reason).of(mode.rawValue)
        case .absent: throw CredentialError(notConfigured(mode)).of(mode.rawValue)
        }
    }

    private func notConfigured(_ mode: AuthMode) -> String {
        let lacking = settings.lacking[mode] ?? []
        guard let last = lacking.last else { return "not configured; it takes \(mode.remedy)" }
        let names = lacking.count == 1 ? last : lacking.dropLast().joined(separator: ", ") + " and " + last
        return "\(names) \(lacking.count == 1 ? "is" : "are") not set; it takes \(mode.remedy)"
    }

    private func chain() -> CredentialChain {
        var candidates: [ChainCandidate] = []
        add(settings.token, .token, to: &candidates, make: accessToken)
        add(settings.secret, .secret, to: &candidates, make: secret)
        add(settings.federated, .federated, to: &candidates, make: federated)
        add(settings.github, .github, to: &candidates, make: github)
        add(settings.azureDevOps, .azureDevOps, to: &candidates, make: azureDevOps)
        if let variable = settings.certificateVariable {
            candidates.append(
                .broken("\(variable) is set, but idsync does not support client certificates")
            )
        }
        if let switchedOff = settings.optedOut[.managedIdentity] {
            candidates.append(.skipped("\(AuthMode.managedIdentity.rawValue): \(switchedOff) says no"))
        } else {
            switch settings.managedIdentity.source {
            case .unsupported(let reason):
                candidates.append(.skipped("\(AuthMode.managedIdentity.rawValue): \(reason)"))
            case .metadata(nil): candidates.append(.probed(managedIdentity))
            case .appService, .arc, .metadata: candidates.append(.configured(managedIdentity))
            }
        }
        if let switchedOff = settings.optedOut[.cli] {
            candidates.append(.skipped("\(AuthMode.cli.rawValue): \(switchedOff) says no"))
        } else {
            candidates.append(.probed(commandLine))
        }
        return CredentialChain(candidates)
    }

    private func add<Value>(
        _ setting: Setting<Value>,
        _ mode: AuthMode,
        to candidates: inout [ChainCandidate],
        make: (Value) throws(CredentialError) -> any Credential
    ) {
        switch setting {
        case .absent: break
        case .ready(let value):
            do throws(CredentialError) {
                candidates.append(.configured(try make(value)))
            } catch {
                candidates.append(.broken(error.description))
            }
        case .incomplete(let reason, let isDeliberate):
            let text = "\(mode.rawValue): \(reason)"
            candidates.append(isDeliberate ? .broken(text) : .skipped(text))
        }
    }
}

/// One maker for each credential.
extension CredentialFactory {
    private var sender: PatientSender { PatientSender(transport: effects.network, time: effects.time) }

    private var cloud: Cloud { destination.cloud }

    private func bound(_ credential: any Credential) -> BoundCredential {
        BoundCredential(base: credential, destination: destination)
    }

    private func accessToken(_ setting: ConfiguredText) -> any Credential {
        bound(AccessTokenCredential(setting: setting, files: effects.files))
    }

    private func secret(_ setting: ProvenApplication) throws(CredentialError) -> any Credential {
        let source = SecretSource(secret: setting.proof, files: effects.files)
        return try application(.secret, setting.application, source)
    }

    private func federated(_ setting: ProvenApplication) throws(CredentialError) -> any Credential {
        let source = ConfiguredAssertion(assertion: setting.proof, files: effects.files)
        return try application(.federated, setting.application, source)
    }

    private func github(_ setting: RequestingApplication) throws(CredentialError) -> any Credential {
        try application(.github, setting.application, requested(setting, .github(audience: cloud.audience)))
    }

    private func azureDevOps(_ setting: RequestingApplication) throws(CredentialError) -> any Credential {
        guard let connection = setting.connection else {
            throw CredentialError("no service connection").of(AuthMode.azureDevOps.rawValue)
        }
        let source = requested(setting, .azureDevOps(connection: connection))
        return try application(.azureDevOps, setting.application, source)
    }

    private func requested(
        _ setting: RequestingApplication,
        _ platform: RequestedAssertion.Platform
    ) -> RequestedAssertion {
        RequestedAssertion(
            platform: platform,
            requestURL: setting.requestURL,
            requestToken: setting.requestToken,
            files: effects.files,
            sender: sender
        )
    }

    private func application(
        _ mode: AuthMode,
        _ application: Application,
        _ source: any ProofSource
    ) throws(CredentialError) -> any Credential {
        let authority: URL
        do throws(CredentialError) {
            if settings.authorityHost == nil { try destination.checkAuthority() }
            authority = try settings.authority(default: cloud.authority)
        } catch {
            throw error.of(mode.rawValue)
        }
        return bound(
            ApplicationCredential(
                name: mode.rawValue,
                application: application,
                source: source,
                endpoint: TokenEndpoint(
                    authority: authority,
                    scope: cloud.resourceManager + "/.default",
                    sender: sender
                ),
                files: effects.files
            )
        )
    }

    private var managedIdentity: BoundCredential {
        bound(
            ManagedIdentityCredential(
                setting: settings.managedIdentity,
                resource: cloud.resourceManager + "/",
                files: effects.files,
                sender: PatientSender(transport: effects.local, time: effects.time)
            )
        )
    }

    private var commandLine: BoundCredential {
        bound(
            CommandLineCredential(
                resource: cloud.resourceManager + "/",
                tenant: settings.tenant,
                files: effects.files,
                processes: effects.processes
            )
        )
    }
}
