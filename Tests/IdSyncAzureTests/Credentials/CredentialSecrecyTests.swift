import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

/// No secret, assertion or token in any description, dump or error text (F73).
@Suite struct CredentialSecrecyTests {
    static let secrets = [
        "IDSYNC_ACCESS_TOKEN", "AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "ARM_OIDC_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN", "IDENTITY_HEADER", "ARM_OIDC_REQUEST_TOKEN",
    ]

    /// Every way in which a value can get into text.
    static func texts(_ value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return dumped + String(describing: value) + String(reflecting: value) + "\(value)"
    }

    @Test("values of settings, credentials, caches and tokens")
    func values() async throws {
        let world = CredentialWorld(az: [CommandLineCredentialTests.output(#""expires_on": 1700003600"#)])
        var environment = Self.secrets.reduce(into: [String: String]()) { $0[$1] = "canary-\($1)" }
        environment.merge(["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"]) { $1 }
        environment.merge(["ACTIONS_ID_TOKEN_REQUEST_URL": "https://h/?sig=canary"]) { $1 }
        environment.merge(["SYSTEM_OIDCREQUESTURI": "https://h/?sig=canary"]) { $1 }
        environment.merge(["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "sc", "IDENTITY_ENDPOINT": "x"]) { $1 }
        let settings = CredentialSettings(environment: environment)
        #expect(!Self.texts(settings).contains("canary"))
        for mode in AuthMode.allCases {
            let credential = try world.credential(mode, environment)
            let text = Self.texts(credential)
            // The world holds canaries of its own; only those of the environment count here.
            #expect(Self.secrets.allSatisfy { !text.contains("canary-\($0)") }, "\(mode)")
        }
        let cli = try world.credential(.cli, [:])
        let token = try await cli.newToken()
        #expect(!Self.texts(token).contains("canary"))
        let cache = TokenCache(try world.credential(.token, environment), time: world.clock)
        _ = try await cache.bearer()
        #expect(!Self.texts(cache).contains("canary"))
        let output = try CommandLineCredentialTests.output(#""x": 1"#).get()
        #expect(!Self.texts(output).contains("canary"))
        #expect(!Self.texts(ClientProof.secret(Secret("canary"))).contains("canary"))
        #expect(
            !Self.texts(ConfiguredText(variable: "v", content: .value(Secret("canary")))).contains("canary")
        )
    }

    static let routes: [(AuthMode, FakeAuthority.Route)] = [
        (.secret, .authority), (.github, .github), (.github, .authority), (.azureDevOps, .azureDevOps),
        (.azureDevOps, .authority), (.managedIdentity, .appService), (.managedIdentity, .arc),
        (.managedIdentity, .metadata),
    ]

    /// A service that echoes everything it was sent in its error, and its own token besides.
    @Test("errors of services that echo what they got", arguments: routes)
    func echoes(_ mode: AuthMode, _ echoing: FakeAuthority.Route) async throws {
        let settings = FakeAuthority.Settings()
        let world = CredentialWorld(files: MemoryFiles([settings.arcKeyPath: settings.arcKey]))
        var environment = world.environment(
            mode == .github ? .github : mode == .azureDevOps ? .azureDevOps : echoing
        )
        if mode == .secret { environment["ARM_CLIENT_SECRET"] = "canary-other" }
        for status in [200, 302, 400, 401, 403, 500] {
            let said = """
                AADSTS1: \(settings.secret) \(FormEncoding.encode(settings.secret)) \(settings.identityHeader) \
                \(settings.arcKey) \(settings.requestToken) \(FakeToken.jwt(["x": "canary"])) client_assertion=canary-assertion
                """
            let body = JSONValue.object(["error": .string(said), "error_description": .string(said)])
            let headers = [("WWW-Authenticate", "Basic realm=\(settings.arcKeyPath)")]
            let answer = HTTPResponse(
                status: status,
                headers: headers.map { (name: $0.0, value: $0.1) },
                body: body.canonicalData()
            )
            let secrets = [settings.secret, settings.identityHeader, settings.arcKey, settings.requestToken]
            if echoing == .arc {
                world.fake.script(.arc, [HTTPResponse(status: 401, headers: answer.headers)])
            }
            world.fake.script(echoing, Array(repeating: answer, count: 5))
            let text = await world.failure(mode, environment)
            let own: [String] =
                switch (mode, echoing) {
                case (.secret, _): [settings.secret, FormEncoding.encode(settings.secret)]
                case (_, .appService): [settings.identityHeader]
                case (_, .arc): [settings.arcKey]
                case (_, .authority), (_, .metadata): ["canary-assertion", "eyJ"]
                default: secrets
                }
            #expect(own.allSatisfy { !text.contains($0) }, "\(status): \(text)")
            #expect(!text.contains("eyJ"), "\(status): \(text)")
            world.fake.drain()
        }
    }
}
