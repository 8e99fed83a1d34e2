package import Foundation
package import IdSyncAzure
import IdSyncCore
import Synchronization

/// A fake of everything that gives out tokens: an Entra authority, GitHub Actions, Azure DevOps, the metadata
/// service, App Service and the Arc agent.
///
/// It is one pure request handler with its state behind a lock, so it can stand behind an in-process transport
/// or a loopback server. It is strict: a request that the real service would refuse is refused here as well.
/// Point the variables of the environment at paths of one base URL; `environment(_:base:)` lists them.
package final class FakeAuthority: Sendable {
    /// A service, by the path that it is mounted on.
    package enum Route: String, Sendable, CaseIterable {
        case authority
        case github = "/github/assertion"
        case azureDevOps = "/ado/assertion"
        case metadata = "/metadata/identity/oauth2/token"
        case appService = "/msi/token"
        case arc = "/arc/token"
    }

    /// What the fake knows and how it behaves; set before use or between requests.
    package struct Settings: Sendable {
        /// The only tenant, which is the emulator's.
        package var tenant = "99999999-9999-9999-9999-999999999999"
        /// The only application, and the client id of the machine's identity.
        package var client = "11111111-2222-4333-8444-555555555555"
        /// The application's secret; with characters that a form must escape.
        package var secret = "c4n4ry~secret+&=%/ü"
        /// The bearer token that GitHub and Azure DevOps want.
        package var requestToken = "canary-request-token"
        /// The value of `IDENTITY_HEADER`.
        package var identityHeader = "canary-identity-header"
        /// The service connection of Azure DevOps.
        package var connection = "99999999-2222-4333-8444-555555555555"
        /// The key file that the Arc agent's challenge names.
        package var arcKeyPath = "/var/opt/azcmagent/tokens/canary.key"
        /// The content of that file.
        package var arcKey = "canary-arc-key"
        /// Old Arc agents do not name the identity in their answer.
        package var arcEchoesClient = true
        /// The resource that tokens are for, without a slash at the end.
        package var resource = "https://management.azure.com"
        /// The audience of assertions.
        package var audience = "api://AzureADTokenExchange"
        /// The life of the tokens given out, in seconds.
        package var tokenLife: TimeInterval = 3_600
        /// The life of the assertions given out, in seconds.
        package var assertionLife: TimeInterval = 300
        /// An assertion is taken once only.
        package var refusesReusedAssertions = false

        /// The usual settings.
        package init() {}
    }

    fileprivate struct State {
        var settings: Settings
        var counts: [Route: Int] = [:]
        var scripts: [Route: [HTTPResponse]] = [:]
        var assertions: [String: Date] = [:]
        var tokens: [(text: String, ends: Date)] = []
        var serial = 0
        var forms: [[String: String]] = []
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Date

    /// Makes a fake.
    ///
    /// - Parameters:
    ///   - settings: What it knows.
    ///   - now: Its clock.
    package init(_ settings: Settings = Settings(), now: @escaping @Sendable () -> Date) {
        state = Mutex(State(settings: settings))
        self.now = now
    }

    /// Changes the settings.
    package func configure(_ change: @Sendable (inout Settings) -> Void) {
        state.withLock { change(&$0.settings) }
    }

    /// Answers given before the service itself is asked, first come first served.
    package func script(_ route: Route, _ answers: [HTTPResponse]) {
        state.withLock { $0.scripts[route, default: []] += answers }
    }

    /// Forgets the scripted answers that nobody asked for.
    package func drain() { state.withLock { $0.scripts = [:] } }

    /// Trusts an assertion that was made elsewhere, such as the content of a token file, until a time.
    package func trust(_ assertion: String, until end: Date) {
        state.withLock { $0.assertions[assertion] = end }
    }

    /// How often a service was asked, scripted answers included.
    package func count(_ route: Route) -> Int { state.withLock { $0.counts[route, default: 0] } }

    /// Every token given out, oldest first.
    package var issued: [String] { state.withLock { $0.tokens.map(\.text) } }

    /// The decoded forms that the authority received, oldest first.
    package var forms: [[String: String]] { state.withLock { $0.forms } }

    /// Whether a bearer token was given out here and still lives, as ARM would check.
    package func accepts(_ token: String) -> Bool {
        let now = now()
        return state.withLock { $0.tokens.contains { $0.text == token && now < $0.ends } }
    }

    /// Answers one request.
    package func respond(to request: HTTPRequest) -> HTTPResponse {
        let route = Route(rawValue: request.url.path) ?? .authority
        let now = now()
        return state.withLock { state in
            state.counts[route, default: 0] += 1
            if var answers = state.scripts[route], !answers.isEmpty {
                let answer = answers.removeFirst()
                state.scripts[route] = answers
                return answer
            }
            switch route {
            case .authority: return state.authority(request, now)
            case .github: return state.github(request, now)
            case .azureDevOps: return state.azureDevOps(request, now)
            case .metadata: return state.metadata(request, now)
            case .appService: return state.appService(request, now)
            case .arc: return state.arc(request, now)
            }
        }
    }

    /// The variables that lead to one service of the fake.
    ///
    /// - Parameters:
    ///   - route: The service.
    ///   - base: The URL that the fake is mounted on, without a slash at the end.
    /// - Returns: A complete environment.
    package func environment(_ route: Route, base: String) -> [String: String] {
        let settings = state.withLock { $0.settings }
        let application = [
            "AZURE_TENANT_ID": settings.tenant, "AZURE_CLIENT_ID": settings.client,
            "AZURE_AUTHORITY_HOST": base,
        ]
        let own: [String: String] =
            switch route {
            case .authority: ["AZURE_CLIENT_SECRET": settings.secret]
            case .github:
                [
                    "ACTIONS_ID_TOKEN_REQUEST_URL": base + route.rawValue + "?api-version=2.0",
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": settings.requestToken,
                ]
            case .azureDevOps:
                [
                    "SYSTEM_OIDCREQUESTURI": base + route.rawValue,
                    "SYSTEM_ACCESSTOKEN": settings.requestToken,
                    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": settings.connection,
                ]
            case .metadata: ["AZURE_POD_IDENTITY_AUTHORITY_HOST": base]
            case .appService:
                ["IDENTITY_ENDPOINT": base + route.rawValue, "IDENTITY_HEADER": settings.identityHeader]
            case .arc: ["IDENTITY_ENDPOINT": base + route.rawValue, "IMDS_ENDPOINT": base]
            }
        switch route {
        case .authority, .github, .azureDevOps: return own.merging(application) { own, _ in own }
        case .metadata, .appService, .arc: return own
        }
    }
}

extension FakeAuthority.State {
    fileprivate mutating func authority(_ request: HTTPRequest, _ now: Date) -> HTTPResponse {
        guard request.method == .post, request.url.query == nil,
            request.header("Content-Type") == "application/x-www-form-urlencoded",
            let form = FakeWire.form(request.body)
        else { return FakeWire.refusal(900_144, "The request body must be a form") }
        forms.append(form)
        guard request.url.path == "/\(settings.tenant)/oauth2/v2.0/token" else {
            return FakeWire.refusal(90_002, "Tenant was not found")
        }
        guard form["grant_type"] == "client_credentials", form["scope"] == settings.resource + "/.default"
        else {
            return FakeWire.refusal(70_011, "The provided value for scope is not valid")
        }
        guard form["client_id"] == settings.client else {
            return FakeWire.refusal(700_016, "Application was not found in the directory")
        }
        if let assertion = form["client_assertion"] {
            guard form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            else {
                return FakeWire.refusal(900_144, "client_assertion_type is missing")
            }
            guard let end = assertions[assertion] else {
                return FakeWire.refusal(
                    70_021,
                    "No matching federated identity record found for presented assertion"
                )
            }
            guard now < end else {
                return FakeWire.refusal(700_024, "Client assertion is not within its valid time range")
            }
            if settings.refusesReusedAssertions { assertions[assertion] = .distantPast }
        } else if form["client_secret"] != settings.secret {
            return FakeWire.refusal(7_000_215, "Invalid client secret provided")
        }
        let token = issue(now)
        return FakeWire.json([
            "token_type": "Bearer", "expires_in": .integer(Int(settings.tokenLife)),
            "access_token": .string(token),
        ])
    }

    fileprivate mutating func github(_ request: HTTPRequest, _ now: Date) -> HTTPResponse {
        guard request.method == .get, request.header("Authorization") == "Bearer \(settings.requestToken)"
        else {
            return HTTPResponse(status: 401)
        }
        guard FakeWire.query(request) == ["api-version": "2.0", "audience": settings.audience] else {
            return HTTPResponse(status: 400)
        }
        return FakeWire.json(["value": .string(newAssertion(now))])
    }

    fileprivate mutating func azureDevOps(_ request: HTTPRequest, _ now: Date) -> HTTPResponse {
        guard request.header("X-TFS-FedAuthRedirect") == "Suppress" else {
            return HTTPResponse(
                status: 302,
                headers: [("Location", "https://spsprodcus1.vssps.example/_signin")]
            )
        }
        guard request.method == .post, request.header("Authorization") == "Bearer \(settings.requestToken)"
        else {
            return HTTPResponse(status: 401)
        }
        guard request.header("Content-Type") == "application/json",
            FakeWire.query(request) == ["api-version": "7.1", "serviceConnectionId": settings.connection]
        else { return HTTPResponse(status: 404) }
        return FakeWire.json(["oidcToken": .string(newAssertion(now))])
    }

    fileprivate mutating func metadata(_ request: HTTPRequest, _ now: Date) -> HTTPResponse {
        guard request.method == .get, request.header("Metadata") == "true" else {
            return FakeWire.json(
                ["error": "invalid_request", "error_description": "Required metadata header not specified"],
                status: 400
            )
        }
        guard let echo = identity(request, apiVersion: "2018-02-01") else {
            return FakeWire.json(
                ["error": "invalid_request", "error_description": "Identity not found"],
                status: 400
            )
        }
        return managedToken(echo, now)
    }

    fileprivate mutating func appService(_ request: HTTPRequest, _ now: Date) -> HTTPResponse {
        guard request.method == .get, request.header("X-IDENTITY-HEADER") == settings.identityHeader else {
            return HTTPResponse(status: 401)
        }
        guard let echo = identity(request, apiVersion: "2019-08-01") else {
            return FakeWire.json(
                ["statusCode": 400, "message": "No User Assigned or Delegated Managed Identity found"],
                status: 400
            )
        }
        return managedToken(echo, now)
    }

    fileprivate mutating func arc(_ request: HTTPRequest, _ now: Date) -> HTTPResponse {
        guard request.method == .get, request.header("Metadata") == "true",
            let echo = identity(request, apiVersion: "2020-06-01")
        else { return HTTPResponse(status: 400) }
        guard request.header("Authorization") == "Basic \(settings.arcKey)" else {
            return HTTPResponse(
                status: 401,
                headers: [("WWW-Authenticate", "Basic realm=\(settings.arcKeyPath)")]
            )
        }
        return managedToken(settings.arcEchoesClient ? echo : nil, now)
    }

    /// The client id of the identity that a managed identity request means, or nil when there is none such.
    private func identity(_ request: HTTPRequest, apiVersion: String) -> String? {
        var query = FakeWire.query(request)
        guard (query.removeValue(forKey: "client_id") ?? settings.client) == settings.client else {
            return nil
        }
        return query == ["api-version": apiVersion, "resource": settings.resource + "/"]
            ? settings.client : nil
    }

    /// The answer of managed identity endpoints, which write numbers as text.
    private mutating func managedToken(_ client: String?, _ now: Date) -> HTTPResponse {
        var reply: [String: JSONValue] = [
            "access_token": .string(issue(now)),
            "expires_on": .string(String(Int(now.timeIntervalSince1970 + settings.tokenLife))),
            "resource": .string(settings.resource + "/"), "token_type": "Bearer",
        ]
        if let client { reply["client_id"] = .string(client) }
        return FakeWire.json(.object(reply))
    }

    private mutating func issue(_ now: Date) -> String {
        let ends = now + settings.tokenLife
        let text = jwt("token", ends)
        tokens.append((text, ends))
        return text
    }

    private mutating func newAssertion(_ now: Date) -> String {
        let ends = now + settings.assertionLife
        let text = jwt("assertion", ends)
        assertions[text] = ends
        return text
    }

    private mutating func jwt(_ kind: String, _ ends: Date) -> String {
        serial += 1
        let claims: JSONValue = [
            "oid": "aaaaaaaa-2222-4333-8444-555555555555", "appid": .string(settings.client),
            "tid": .string(settings.tenant), "exp": .integer(Int(ends.timeIntervalSince1970)),
            "jti": .string("canary-\(kind)-\(serial)"),
        ]
        return FakeToken.jwt(claims)
    }
}
