import Foundation

/// The managed identity of the machine that idsync runs on.
struct ManagedIdentityCredential: ProbedCredential {
    let setting: ManagedIdentitySetting
    /// `{ARM}/`.
    let resource: String
    let files: any CredentialFiles
    /// Sends to this machine only: its transport must not use a proxy.
    let sender: PatientSender
    /// Where the Arc agent keeps its keys; another folder only in tests.
    var arcKeyFolder = Self.agentKeyFolder
    let name = AuthMode.managedIdentity.rawValue

    /// Where the Arc agent keeps its keys on Linux (FACTS section 9, msal).
    static let agentKeyFolder = "/var/opt/azcmagent/tokens"

    func newToken() async throws(CredentialError) -> AccessToken {
        do throws(CredentialError) {
            switch try await obtain() {
            case .token(let token): return token
            case .absent(let reason): throw CredentialError(reason)
            }
        } catch {
            throw error.of(name)
        }
    }

    func probe() async throws(CredentialError) -> ProbeOutcome {
        do throws(CredentialError) {
            if case .metadata(nil) = setting.source, let absence = try await metadataAbsence() {
                return .absent(absence)
            }
            return try await obtain()
        } catch {
            throw error.of(name)
        }
    }

    private func obtain() async throws(CredentialError) -> ProbeOutcome {
        switch setting.source {
        case .appService(let endpoint, let header):
            return .token(try await appServiceToken(endpoint: endpoint, header: header))
        case .arc(let endpoint):
            return .token(try await arcToken(endpoint: endpoint))
        case .metadata(let endpoint):
            return try await metadataToken(endpoint: endpoint)
        case .unsupported(let reason):
            return .absent(reason)
        }
    }

    /// The query that all sources share; `client_id` picks one of several identities.
    func query(apiVersion: String) throws(CredentialError) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = [("api-version", apiVersion), ("resource", resource)]
        if let selector = setting.selector {
            fields.append(("client_id", try selector.readIdentifier(files)))
        }
        return fields
    }

    /// A GET to a checked endpoint.
    func request(
        _ endpoint: ConfiguredText,
        _ rule: EndpointRule,
        apiVersion: String,
        headers: [(name: String, value: String)]
    ) throws(CredentialError) -> HTTPRequest {
        let base = try rule.url(endpoint.read(files).reveal(), from: endpoint.variable)
        guard let url = try FormEncoding.url(base, adding: query(apiVersion: apiVersion)) else {
            throw CredentialError("\(endpoint.variable) is not a URL that takes a query")
        }
        return HTTPRequest(.get, url, headers: headers, timeout: PatientSender.timeout)
    }

    /// The token of a 200 answer, checked to be of the identity that was asked for.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - request: What was asked.
    ///   - secrets: What must not appear in an error.
    ///   - mustEcho: Whether an answer that does not name its identity is refused; old Arc agents ignore the
    ///     selector (FACTS section 9, msal).
    /// - Returns: The token.
    /// - Throws: `CredentialError` for any other answer.
    func token(
        from response: HTTPResponse,
        to request: HTTPRequest,
        hiding secrets: [Secret] = [],
        mustEcho: Bool = false
    ) throws(CredentialError) -> AccessToken {
        let host = PatientSender.host(request)
        guard response.status == 200 else {
            let refusal = AuthorityRefusal(response.body, hiding: secrets)
            throw CredentialError(refusal.message(host: host, status: response.status))
        }
        guard let reply = TokenReply(response.body, receivedAt: sender.time.date()) else {
            throw CredentialError("\(host) answered 200 without a token")
        }
        guard let selector = setting.selector else { return reply.token }
        let wanted = try selector.readIdentifier(files)
        guard let given = reply.clientID ?? (mustEcho ? "" : nil) else { return reply.token }
        guard given.lowercased() == wanted.lowercased() else {
            throw CredentialError(
                "\(host) ignored \(selector.variable) and gave the token of another identity"
            )
        }
        return reply.token
    }
}
