import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

struct FailureCase: Sendable, CustomTestStringConvertible {
    let name: String
    let mode: AuthMode
    let route: FakeAuthority.Route
    var change: @Sendable (inout FakeAuthority.Settings) -> Void = { _ in }
    var environment: [String: String?] = [:]
    let expected: String
    var testDescription: String { name }
}

/// Exact error texts of every flow.
@Suite struct CredentialFailureTests {
    static let client = FakeAuthority.Settings().client

    static let cases: [FailureCase] = [
        FailureCase(
            name: "wrong secret",
            mode: .secret,
            route: .authority,
            environment: ["AZURE_CLIENT_SECRET": "canary-wrong"],
            expected: """
                secret: fake.example refused the request (HTTP 401): AADSTS7000215: Invalid client secret provided. \
                (correlation id c0ffee); the client secret is wrong; give the value of the secret, not its id
                """
        ),
        FailureCase(
            name: "unknown application",
            mode: .secret,
            route: .authority,
            environment: ["AZURE_CLIENT_ID": "00000000-0000-0000-0000-000000000000"],
            expected: """
                secret: fake.example refused the request (HTTP 400): AADSTS700016: Application was not found in the \
                directory. (correlation id c0ffee); the tenant has no such application; check the client id and the \
                tenant id
                """
        ),
        FailureCase(
            name: "unknown tenant",
            mode: .secret,
            route: .authority,
            environment: ["AZURE_TENANT_ID": "contoso.example"],
            expected: """
                secret: fake.example refused the request (HTTP 400): AADSTS90002: Tenant was not found. (correlation \
                id c0ffee); there is no such tenant in this cloud; check the tenant id and the authority
                """
        ),
        FailureCase(
            name: "assertion that nothing trusts",
            mode: .federated,
            route: .authority,
            environment: ["ARM_OIDC_TOKEN": "canary-unknown"],
            expected: """
                federated: fake.example refused the request (HTTP 401): AADSTS70021: No matching federated identity \
                record found for presented assertion. (correlation id c0ffee); no federated credential of the \
                application matches the assertion's issuer, subject and audience
                """
        ),
        FailureCase(
            name: "expired assertion",
            mode: .github,
            route: .github,
            change: { $0.assertionLife = -1 },
            expected: """
                github: fake.example refused the request (HTTP 401): AADSTS700024: Client assertion is not within its \
                valid time range. (correlation id c0ffee); the assertion is outside its time of validity: it is too \
                old, or a clock is wrong
                """
        ),
        FailureCase(
            name: "tenant id with a path",
            mode: .secret,
            route: .authority,
            environment: ["AZURE_TENANT_ID": "a/../b"],
            expected: "secret: AZURE_TENANT_ID is not a valid id: it takes letters, digits, '-' and '.'"
        ),
        FailureCase(
            name: "client id that looks like an option",
            mode: .secret,
            route: .authority,
            environment: ["AZURE_CLIENT_ID": "--help"],
            expected: "secret: AZURE_CLIENT_ID is not a valid id: it takes letters, digits, '-' and '.'"
        ),
        FailureCase(
            name: "authority on plain http",
            mode: .secret,
            route: .authority,
            environment: ["AZURE_AUTHORITY_HOST": "http://127.0.0.1.evil.example"],
            expected: "secret: AZURE_AUTHORITY_HOST is an http URL of another machine; it must be https"
        ),
        FailureCase(
            name: "missing token file",
            mode: .federated,
            route: .authority,
            environment: ["AZURE_FEDERATED_TOKEN_FILE": "/none"],
            expected: """
                federated: AZURE_FEDERATED_TOKEN_FILE: cannot read /none: no such file, or no permission
                """
        ),
        FailureCase(
            name: "token of GitHub refused",
            mode: .github,
            route: .github,
            environment: ["ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary-wrong"],
            expected: """
                github: fake.example gave no assertion (HTTP 401); the job needs `permissions: {id-token: write}`
                """
        ),
        FailureCase(
            name: "header injection by a variable",
            mode: .github,
            route: .github,
            environment: ["ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary\r\nX-Evil: 1"],
            expected: """
                github: ACTIONS_ID_TOKEN_REQUEST_TOKEN is not a token: it is empty or has blanks or control characters
                """
        ),
        FailureCase(
            name: "request URL on plain http",
            mode: .github,
            route: .github,
            environment: ["ACTIONS_ID_TOKEN_REQUEST_URL": "http://10.0.0.1/x"],
            expected:
                "github: ACTIONS_ID_TOKEN_REQUEST_URL is an http URL of another machine; it must be https"
        ),
        FailureCase(
            name: "access token of Azure DevOps refused",
            mode: .azureDevOps,
            route: .azureDevOps,
            environment: ["SYSTEM_ACCESSTOKEN": "canary-wrong"],
            expected: """
                azure-devops: fake.example gave no assertion (HTTP 401); check SYSTEM_ACCESSTOKEN and that the \
                pipeline may use the service connection
                """
        ),
        FailureCase(
            name: "unknown connection",
            mode: .azureDevOps,
            route: .azureDevOps,
            environment: ["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "other"],
            expected: """
                azure-devops: fake.example gave no assertion (HTTP 404); check SYSTEM_ACCESSTOKEN and that the \
                pipeline may use the service connection
                """
        ),
        FailureCase(
            name: "App Service without that identity",
            mode: .managedIdentity,
            route: .appService,
            environment: ["AZURE_CLIENT_ID": "other"],
            expected: """
                managed-identity: 127.0.0.1 refused the request (HTTP 400): No User Assigned or Delegated Managed \
                Identity found
                """
        ),
        FailureCase(
            name: "App Service endpoint on the internet",
            mode: .managedIdentity,
            route: .appService,
            environment: ["IDENTITY_ENDPOINT": "http://93.184.216.34/msi/token"],
            expected:
                "managed-identity: IDENTITY_ENDPOINT is an http URL of another machine; it must be https"
        ),
        FailureCase(
            name: "no such identity on the machine",
            mode: .managedIdentity,
            route: .metadata,
            environment: ["AZURE_CLIENT_ID": "other"],
            expected: """
                managed-identity: this machine has no identity with the client id in AZURE_CLIENT_ID (Identity not found)
                """
        ),
        FailureCase(
            name: "the Arc agent must be on this machine",
            mode: .managedIdentity,
            route: .arc,
            environment: ["IDENTITY_ENDPOINT": "http://169.254.1.1/arc/token"],
            expected:
                "managed-identity: IDENTITY_ENDPOINT is an http URL of another machine; it must be https"
        ),
        FailureCase(
            name: "an old Arc agent ignores the selector",
            mode: .managedIdentity,
            route: .arc,
            change: { $0.arcEchoesClient = false },
            environment: ["AZURE_CLIENT_ID": client],
            expected: """
                managed-identity: 127.0.0.1 ignored AZURE_CLIENT_ID and gave the token of another identity
                """
        ),
    ]

    @Test("exact texts", arguments: cases)
    func text(_ example: FailureCase) async {
        let settings = FakeAuthority.Settings()
        let world = CredentialWorld(files: MemoryFiles([settings.arcKeyPath: settings.arcKey]))
        world.fake.configure(example.change)
        var environment = world.environment(example.route)
        for (name, value) in example.environment { environment[name] = value }
        if example.mode == .federated { environment["AZURE_CLIENT_SECRET"] = nil }
        #expect(await world.failure(example.mode, environment) == example.expected)
    }

    @Test(
        "an explicit mode that is not configured says what it takes",
        arguments: [
            (AuthMode.token, [:], "token: not configured; it takes IDSYNC_ACCESS_TOKEN"),
            (
                .secret, ["AZURE_CLIENT_SECRET": "canary"],
                "secret: AZURE_CLIENT_SECRET is set but AZURE_TENANT_ID and AZURE_CLIENT_ID are not"
            ),
            (
                .federated, [:],
                "federated: not configured; it takes AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE"
            ),
            (
                .secret, ["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"],
                "secret: AZURE_CLIENT_SECRET is not set; it takes AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET"
            ),
            (
                .secret, ["ARM_TENANT_ID": "t"],
                """
                secret: ARM_CLIENT_ID and ARM_CLIENT_SECRET are not set; it takes AZURE_TENANT_ID, AZURE_CLIENT_ID, \
                AZURE_CLIENT_SECRET
                """
            ),
            (
                .secret, ["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": ""],
                """
                secret: AZURE_CLIENT_SECRET is empty (AZURE_TENANT_ID and AZURE_CLIENT_ID are set); set it, or unset it to \
                use another credential
                """
            ),
            (
                .federated, ["AZURE_CLIENT_ID": "c"],
                """
                federated: AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE are not set; it takes AZURE_TENANT_ID, \
                AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE
                """
            ),
            (
                .azureDevOps, ["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"],
                """
                azure-devops: AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, SYSTEM_OIDCREQUESTURI and SYSTEM_ACCESSTOKEN are not \
                set; it takes AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, SYSTEM_ACCESSTOKEN
                """
            ),
            (
                .managedIdentity, ["MSI_ENDPOINT": "x"],
                "managed-identity: Azure Machine Learning and Cloud Shell (MSI_ENDPOINT) are not supported"
            ),
            (.cli, [:], "cli: `az` is not on PATH"),
            (
                .token, ["IDSYNC_ACCESS_TOKEN": "Bearer canary"],
                "token: IDSYNC_ACCESS_TOKEN is not a token: it is empty or has blanks or control characters"
            ),
        ] as [(AuthMode, [String: String], String)]
    )
    func notConfigured(_ mode: AuthMode, _ environment: [String: String], _ expected: String) async {
        #expect(await CredentialWorld().failure(mode, environment) == expected)
    }

    @Test("passing faults are sent again, Retry-After is bounded")
    func retries() async throws {
        let world = CredentialWorld()
        world.fake.script(
            .authority,
            [
                HTTPResponse(status: 429, headers: [("Retry-After", "7")]), HTTPResponse(status: 503),
                HTTPResponse(status: 500, headers: [("retry-after", "9999")]),
            ]
        )
        _ = try await world.credential(.secret, world.environment(.authority)).newToken()
        #expect(world.clock.waits == [7, 2, 60])
        #expect(world.fake.count(.authority) == 4)
    }

    @Test("faults that do not pass end with the last answer")
    func givesUp() async {
        let world = CredentialWorld()
        world.fake.script(.authority, Array(repeating: HTTPResponse(status: 503), count: 9))
        #expect(
            await world.failure(.secret, world.environment(.authority))
                == "secret: fake.example refused the request (HTTP 503): no reason given"
        )
        #expect(world.fake.count(.authority) == 4)
    }

    @Test(
        "answers that are no token",
        arguments: [
            (HTTPResponse(status: 200, body: Data("<html>".utf8)), "answered 200 without a token"),
            (HTTPResponse(status: 200), "answered 200 without a token"),
            (
                HTTPResponse(status: 200, body: Data(#"{"access_token":"a b"}"#.utf8)),
                "answered 200 without a token"
            ),
            (
                HTTPResponse(status: 200, body: Data(#"{"access_token":7}"#.utf8)),
                "answered 200 without a token"
            ),
            (
                HTTPResponse(status: 307, headers: [("Location", "https://evil.example/")]),
                "answered with a redirect (HTTP 307), which is not followed"
            ),
            (
                HTTPResponse(status: 418, body: Data("[]".utf8)),
                "refused the request (HTTP 418): no reason given"
            ),
        ] as [(HTTPResponse, String)]
    )
    func garbage(_ answer: HTTPResponse, _ expected: String) async {
        let world = CredentialWorld()
        world.fake.script(.authority, [answer])
        #expect(
            await world.failure(.secret, world.environment(.authority)) == "secret: fake.example \(expected)"
        )
        #expect(world.network.requests.count == 1)
    }

    @Test("no answer at all")
    func unreachable() async throws {
        let world = CredentialWorld()
        let dead = HandlerTransport { _ throws(TransportError) in
            throw TransportError(.hostNotFound, "no such host")
        }
        let effects = CredentialEffects(
            network: dead,
            local: HandlerTransport.unused("local"),
            time: world.clock,
            files: world.files,
            processes: world.processes
        )
        let credential = try CredentialWorld.credential(.secret, world.environment(.authority), effects)
        await #expect(throws: CredentialError("secret: fake.example did not answer: no such host")) {
            try await credential.newToken()
        }
        #expect(dead.requests.count == 1)
    }
}
