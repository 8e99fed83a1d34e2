import Foundation
package import IdSyncCore

/// Where the credentials of a run are meant to go, and who says so.
///
/// A manifest and a saved plan can come with a pull request, so by themselves they send no secret and no token to a host
/// that is not Azure's (DESIGN section 4). Built-in clouds and this machine need no word from anybody.
package struct CredentialDestination: Sendable {
    /// What names the endpoint.
    package enum Source: Sendable, Equatable {
        /// `--endpoint` on this run's command line.
        case commandLine
        /// The saved plan alone.
        case savedPlan
        /// The manifest alone.
        case manifest
    }

    /// The cloud of the manifest.
    let cloud: Cloud
    /// Where requests and tokens go.
    let endpoint: ARMEndpoint
    private let source: Source

    /// Makes a destination.
    package init(cloud: Cloud, endpoint: ARMEndpoint, namedBy source: Source) {
        self.cloud = cloud
        self.endpoint = endpoint
        self.source = source
    }

    /// Checks that the endpoint may get a token at all.
    ///
    /// - Throws: `CredentialError` saying which flag confirms the endpoint.
    func checkEndpoint() throws(CredentialError) {
        guard source != .commandLine, !endpoint.isLoopback, !isBuiltIn(endpoint.base, \.resourceManager)
        else {
            return
        }
        let origin = source == .savedPlan ? "the saved plan" : "the manifest (cloud.resourceManager)"
        throw CredentialError(
            "no token is sent to \(endpoint): only \(origin) names it, and it belongs to no built-in cloud; "
                + "if it is right, say so with --endpoint \(endpoint)"
        )
    }

    /// Checks that the authority that the manifest names may get a secret or an assertion.
    ///
    /// - Throws: `CredentialError` saying which variable confirms the authority.
    func checkAuthority() throws(CredentialError) {
        let url = try EndpointRule.secureOrLoopback.url(cloud.authority, from: "the authority of the cloud")
        guard !HostAddress.isLoopback(url.host ?? ""), !isBuiltIn(url, \.authority) else { return }
        throw CredentialError(
            "no credential is sent to \(cloud.authority): only the manifest (cloud.authority) names it, and it belongs "
                + "to no built-in cloud; if it is right, say so with AZURE_AUTHORITY_HOST=\(cloud.authority)"
        )
    }

    /// Whether a URL leads to the host of a built-in cloud, whatever the manifest calls its own.
    private func isBuiltIn(_ url: URL, _ part: KeyPath<Cloud, String>) -> Bool {
        Cloud.named.contains { cloud in
            let known = URL(string: cloud[keyPath: part])
            return url.scheme?.lowercased() == known?.scheme && url.host?.lowercased() == known?.host
                && (url.port ?? 443) == 443
        }
    }

    /// Checks that a token is meant for the endpoint; an opaque one, and one that names no audience, tells nothing.
    ///
    /// - Throws: `CredentialError` naming the audience and the endpoint.
    func admit(_ token: Secret) throws(CredentialError) {
        guard !endpoint.isLoopback else { return }
        for audience in TokenClaims(token)?.audiences ?? [] where !isMeant(audience) {
            throw CredentialError(
                "the token is for \(Scrubber().scrub(audience, limit: 200)) and is not sent to \(endpoint); "
                    + "get a token for \(endpoint), or name the cloud that this one is for"
            )
        }
    }

    private func isMeant(_ audience: String) -> Bool {
        // The id of an application names no host; only Azure itself gets to judge it.
        guard let host = Self.host(of: audience) else { return isBuiltIn(endpoint.base, \.resourceManager) }
        for (own, audiences) in Self.audiences where audiences.contains(host) {
            // Regional endpoints such as westus.management.azure.com are that cloud's too.
            return endpoint.host == own || endpoint.host.hasSuffix("." + own)
        }
        return endpoint.host == host
    }

    private static func host(of audience: String) -> String? {
        let text = audience.contains("://") ? audience : audience.contains(".") ? "https://" + audience : ""
        guard let host = URLComponents(string: text)?.host?.lowercased(), !host.isEmpty else { return nil }
        return host
    }

    /// The hosts that tokens for ARM name, by the ARM host of their cloud (FACTS section 9: the CLI's own default is
    /// `management.core.windows.net`, and the other clouds spell theirs alike).
    private static let audiences = [
        "management.azure.com": ["management.azure.com", "management.core.windows.net"],
        "management.usgovcloudapi.net": [
            "management.usgovcloudapi.net", "management.core.usgovcloudapi.net",
        ],
        "management.chinacloudapi.cn": ["management.chinacloudapi.cn", "management.core.chinacloudapi.cn"],
    ]
}

/// A credential whose tokens come out only for the endpoint that they are meant for.
struct BoundCredential: ProbedCredential {
    let base: any Credential
    let destination: CredentialDestination

    var name: String { base.name }
    var isFixed: Bool { base.isFixed }

    func newToken() async throws(CredentialError) -> AccessToken { try admitted(await base.newToken()) }

    func probe() async throws(CredentialError) -> ProbeOutcome {
        guard let base = base as? any ProbedCredential else { return .token(try await newToken()) }
        switch try await base.probe() {
        case .absent(let reason): return .absent(reason)
        case .token(let token): return .token(try admitted(token))
        }
    }

    func adviceAfterRefusal(of token: AccessToken) async -> String {
        await base.adviceAfterRefusal(of: token)
    }

    private func admitted(_ token: AccessToken) throws(CredentialError) -> AccessToken {
        do throws(CredentialError) { try destination.admit(token.secret) } catch { throw error.of(name) }
        return token
    }
}
