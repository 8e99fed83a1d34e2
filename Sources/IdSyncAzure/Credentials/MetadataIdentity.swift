import Foundation

/// Managed identity on VMs and scale sets, by the instance metadata service (IMDS).
extension ManagedIdentityCredential {
    private static let metadataPath = "/metadata/identity/oauth2/token"
    private static let metadataHost = "http://169.254.169.254"

    /// Why there is no metadata service of Azure here, or nil when there is one.
    ///
    /// Asks without the `Metadata` header, which Azure refuses at once with 400: the answer alone is the proof.
    /// Other clouds have a service at the same address; they answer 401, 403 or 404. One second must do, since
    /// off Azure nothing answers at all (FACTS section 9, SDK-I imds.py).
    ///
    /// - Throws: `CredentialError.cancelled`: what nobody waited for proves nothing.
    func metadataAbsence() async throws(CredentialError) -> String? {
        guard let url = URL(string: Self.metadataHost + Self.metadataPath + "?api-version=2018-02-01") else {
            return "no metadata service"
        }
        let request = HTTPRequest(.get, url, timeout: .seconds(1))
        do throws(TransportError) {
            switch try await sender.transport.send(request).status {
            case 401, 403, 404, 300..<400: return "the metadata service of this machine is not that of Azure"
            default: return nil
            }
        } catch {
            guard ![.cancelled, .withdrawn].contains(error.reason) else { throw .cancelled }
            return "no metadata service answers at 169.254.169.254"
        }
    }

    /// Asks the metadata service for a token.
    ///
    /// - Returns: `absent` when the machine has no identity at all.
    /// - Throws: `CredentialError` for an identity that was asked for by name and is not there, and for faults.
    func metadataToken(endpoint: ConfiguredText?) async throws(CredentialError) -> ProbeOutcome {
        let request = try request(
            metadataEndpoint(endpoint),
            .secureOrNearby,
            apiVersion: "2018-02-01",
            headers: [("Metadata", "true")]
        )
        let response = try await sender.send(request, .metadata)
        guard response.status == 400 else {
            return .token(try token(from: response, to: request))
        }
        let said = AuthorityRefusal(response.body, hiding: []).summary ?? "no reason given"
        if let selector = setting.selector {
            throw CredentialError(
                "this machine has no identity with the client id in \(selector.variable) (\(said))"
            )
        }
        if said.lowercased().contains("multiple user assigned") {
            throw CredentialError(
                "this machine has several identities; set AZURE_CLIENT_ID to the client id of one (\(said))"
            )
        }
        return .absent("this machine has no managed identity (\(said))")
    }

    private func metadataEndpoint(_ configured: ConfiguredText?) throws(CredentialError) -> ConfiguredText {
        guard let configured else {
            return ConfiguredText(
                variable: "the metadata service",
                content: .value(Secret(Self.metadataHost + Self.metadataPath))
            )
        }
        // Terraform's variable is the whole URL, that of the Azure SDKs only the host.
        guard configured.variable == "AZURE_POD_IDENTITY_AUTHORITY_HOST" else { return configured }
        var base = try configured.read(files).reveal()
        while base.hasSuffix("/") { base.removeLast() }
        return ConfiguredText(
            variable: configured.variable,
            content: .value(Secret(base + Self.metadataPath))
        )
    }
}
