import Foundation
import IdSyncCore

/// An assertion that a pipeline's platform makes on request, a new one each time.
///
/// GitHub Actions: GET with the audience, the answer is `{"value": jwt}`. Azure DevOps: POST with the service
/// connection, the answer is `{"oidcToken": jwt}`. Source: FACTS section 9 (TOFU; SDK-I azure_pipelines.py).
struct RequestedAssertion: ProofSource {
    enum Platform: Sendable, Equatable {
        case github(audience: String)
        case azureDevOps(connection: ConfiguredText)
    }

    let platform: Platform
    let requestURL: ConfiguredText
    let requestToken: ConfiguredText
    let files: any CredentialFiles
    let sender: PatientSender

    func proof() async throws(CredentialError) -> ClientProof {
        let token = try requestToken.read(files)
        let request = try request(authorizedBy: token)
        let response = try await sender.send(request, .authority)
        let host = PatientSender.host(request)
        guard response.status == 200 else {
            throw CredentialError(
                "\(host) gave no assertion (HTTP \(response.status)); \(remedy(after: response.status))"
            )
        }
        guard let reply = try? JSONValue(parsing: response.body), let jwt = reply[member]?.string else {
            throw CredentialError("\(host) answered 200 without an assertion")
        }
        let assertion = Secret(jwt)
        _ = try Checked.headerValue(assertion, from: "the assertion of \(host)")
        return .assertion(assertion)
    }

    private var member: String {
        switch platform {
        case .github: "value"
        case .azureDevOps: "oidcToken"
        }
    }

    private func request(authorizedBy token: Secret) throws(CredentialError) -> HTTPRequest {
        let base = try EndpointRule.secureOrLoopback.url(
            requestURL.read(files).reveal(),
            from: requestURL.variable
        )
        let authorization = "Bearer " + (try Checked.headerValue(token, from: requestToken.variable))
        let method: HTTPMethod
        let fields: [(name: String, value: String)]
        var headers: [(name: String, value: String)] = [
            ("Authorization", authorization), ("Accept", "application/json"),
        ]
        switch platform {
        case .github(let audience):
            method = .get
            fields = [("audience", audience)]
        case .azureDevOps(let connection):
            method = .post
            fields = [("api-version", "7.1"), ("serviceConnectionId", try connection.readIdentifier(files))]
            // Without the last one the service answers 302 to a sign-in page instead of 401.
            headers += [("Content-Type", "application/json"), ("X-TFS-FedAuthRedirect", "Suppress")]
        }
        guard let url = FormEncoding.url(base, adding: fields) else {
            throw CredentialError("\(requestURL.variable) is not a URL that takes a query")
        }
        return HTTPRequest(
            method,
            url,
            headers: headers,
            body: method == .post ? Data() : nil,
            timeout: PatientSender.timeout
        )
    }

    private func remedy(after status: Int) -> String {
        switch (status, platform) {
        case (300..<400, _): "redirects are not followed"
        case (_, .github): "the job needs `permissions: {id-token: write}`"
        case (_, .azureDevOps):
            "check \(requestToken.variable) and that the pipeline may use the service connection"
        }
    }
}
