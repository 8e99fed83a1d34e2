import Foundation

/// What proves that the caller is the application.
enum ClientProof: Sendable {
    case secret(Secret)
    case assertion(Secret)

    fileprivate var fields: [(name: String, value: String)] {
        switch self {
        case .secret(let secret): [("client_secret", secret.reveal())]
        case .assertion(let assertion):
            [
                ("client_assertion", assertion.reveal()),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ]
        }
    }

    fileprivate var value: Secret {
        switch self {
        case .secret(let secret): secret
        case .assertion(let assertion): assertion
        }
    }
}

/// The token endpoint of an Entra authority; gives tokens for ARM.
///
/// Source: FACTS section 9 (SDK-I aad_client_base.py).
struct TokenEndpoint: Sendable {
    /// The checked base URL.
    let authority: URL
    /// `{ARM}/.default`.
    let scope: String
    let sender: PatientSender

    /// Asks for a token by the client credentials grant.
    ///
    /// - Throws: `CredentialError` with the service's code and reason, never with the proof.
    func token(
        tenant: String,
        client: String,
        proof: ClientProof
    ) async throws(CredentialError) -> AccessToken {
        let request = try request(tenant: tenant, client: client, proof: proof)
        let response = try await sender.send(request, .authority)
        let host = PatientSender.host(request)
        switch response.status {
        case 200:
            guard let reply = TokenReply(response.body, receivedAt: sender.time.date()) else {
                throw CredentialError("\(host) answered 200 without a token")
            }
            return reply.token
        case 300..<400:
            throw CredentialError(
                "\(host) answered with a redirect (HTTP \(response.status)), which is not followed"
            )
        default:
            let refusal = AuthorityRefusal(response.body, hiding: [proof.value])
            throw CredentialError(refusal.message(host: host, status: response.status))
        }
    }

    private func request(
        tenant: String,
        client: String,
        proof: ClientProof
    ) throws(CredentialError) -> HTTPRequest {
        var base = authority.absoluteString[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        guard authority.query == nil, let url = URL(string: "\(base)/\(tenant)/oauth2/v2.0/token") else {
            throw CredentialError("the authority is not a base URL")
        }
        let fields: [(name: String, value: String)] = [
            ("grant_type", "client_credentials"), ("client_id", client), ("scope", scope),
        ]
        return HTTPRequest(
            .post,
            url,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
            ],
            body: FormEncoding.body(fields + proof.fields),
            timeout: PatientSender.timeout
        )
    }
}
