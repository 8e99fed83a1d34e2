import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

/// Tokens and secrets go where the user sends them, whatever a manifest or a saved plan says.
@Suite struct CredentialDestinationTests {
    static func cloud(_ resourceManager: String, _ authority: String) -> Cloud {
        Cloud(
            name: "custom",
            resourceManager: resourceManager,
            authority: authority,
            audience: Cloud.azureCloud.audience
        )
    }

    static func destination(
        _ endpoint: String,
        _ source: CredentialDestination.Source = .commandLine,
        authority: String = "https://login.microsoftonline.com"
    ) throws -> CredentialDestination {
        CredentialDestination(
            cloud: cloud(endpoint, authority),
            endpoint: try ARMEndpoint(parsing: endpoint),
            namedBy: source
        )
    }

    static func refusal(_ check: () throws(CredentialError) -> Void) -> String? {
        do throws(CredentialError) {
            try check()
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "Azure's own hosts and this machine need no confirmation",
        arguments: [
            "https://management.azure.com", "https://MANAGEMENT.AZURE.COM:443", "http://127.0.0.1:8080",
            "https://management.usgovcloudapi.net", "https://management.chinacloudapi.cn",
            "https://localhost:1",
        ],
        [CredentialDestination.Source.manifest, .savedPlan]
    )
    func unconfirmed(_ endpoint: String, _ source: CredentialDestination.Source) throws {
        try Self.destination(endpoint, source).checkEndpoint()
    }

    @Test(
        "any other host gets a token only when the command line names it",
        arguments: [
            "https://x.example", "https://management.azure.com:8443",
            "https://management.azure.com.x.example",
            "https://login.microsoftonline.com", "https://azure.com", "https://127.0.0.1.x.example",
        ]
    )
    func confirmation(_ endpoint: String) throws {
        try Self.destination(endpoint, .commandLine).checkEndpoint()
        let rest = "and it belongs to no built-in cloud; if it is right, say so with --endpoint \(endpoint)"
        #expect(
            Self.refusal(try Self.destination(endpoint, .manifest).checkEndpoint)
                == "no token is sent to \(endpoint): only the manifest (cloud.resourceManager) names it, \(rest)"
        )
        #expect(
            Self.refusal(try Self.destination(endpoint, .savedPlan).checkEndpoint)
                == "no token is sent to \(endpoint): only the saved plan names it, \(rest)"
        )
    }

    static let authorityModes: [(AuthMode, FakeAuthority.Route)] = [
        (.secret, .authority), (.github, .github), (.azureDevOps, .azureDevOps),
    ]

    @Test("a foreign authority gets nothing unless AZURE_AUTHORITY_HOST names it", arguments: authorityModes)
    func authority(_ mode: AuthMode, _ route: FakeAuthority.Route) async throws {
        let world = CredentialWorld()
        let cloud = Self.cloud("https://management.azure.com", CredentialWorld.base + "/")
        var environment = world.environment(route)
        environment["AZURE_AUTHORITY_HOST"] = nil
        let expected = """
            \(mode.rawValue): no credential is sent to https://fake.example: only the manifest (cloud.authority) names it, \
            and it belongs to no built-in cloud; if it is right, say so with AZURE_AUTHORITY_HOST=https://fake.example
            """
        #expect(
            Self.refusal { () throws(CredentialError) in
                _ = try world.credential(mode, environment, cloud: cloud)
            } == expected
        )
        await #expect(throws: CredentialError(expected + "\n  `--auth MODE` picks another credential")) {
            try await world.credential(.auto, environment, cloud: cloud).newToken()
        }
        #expect(world.network.requests.isEmpty)
        environment["AZURE_AUTHORITY_HOST"] = "fake.example"
        _ = try await world.credential(mode, environment, cloud: cloud).newToken()
    }

    @Test(
        "the authorities of the clouds and this machine need no confirmation",
        arguments: [
            "https://login.microsoftonline.com", "https://login.microsoftonline.us/x",
            "https://login.chinacloudapi.cn", "http://127.0.0.1:5/adfs", "https://LOCALHOST",
        ]
    )
    func knownAuthority(_ authority: String) throws {
        try Self.destination("https://management.azure.com", authority: authority).checkAuthority()
    }

    @Test(
        "an authority that only looks known",
        arguments: ["https://login.microsoftonline.com:8443", "https://login.microsoftonline.com.x.example"]
    )
    func lookalike(_ authority: String) throws {
        let destination = try Self.destination("https://management.azure.com", authority: authority)
        #expect(
            Self.refusal(destination.checkAuthority)?.contains("AZURE_AUTHORITY_HOST=\(authority)") == true
        )
    }

    struct Audience: Sendable, CustomTestStringConvertible {
        let audience: JSONValue
        let endpoint: String
        let isMeant: Bool
        var testDescription: String {
            "\(String(decoding: audience.canonicalData(), as: UTF8.self)) at \(endpoint)"
        }

        init(_ audience: JSONValue, _ endpoint: String, _ isMeant: Bool) {
            (self.audience, self.endpoint, self.isMeant) = (audience, endpoint, isMeant)
        }
    }

    static let azure = "https://management.azure.com"
    static let gov = "https://management.usgovcloudapi.net"
    static let china = "https://management.chinacloudapi.cn"

    @Test(arguments: [
        Audience("https://management.azure.com", azure, true),
        Audience("https://management.azure.com/", azure, true),
        Audience("https://Management.Core.Windows.net/", azure, true),
        Audience("https://management.azure.com/", "https://westus.management.azure.com", true),
        Audience("https://management.azure.com/", gov, false),
        Audience("https://management.azure.com/", "https://x.example", false),
        Audience("https://management.core.windows.net", "https://management.core.windows.net", false),
        Audience("https://management.azure.com/", "https://notmanagement.azure.com", false),
        Audience("https://management.azure.com/", "https://management.azure.com.x.example", false),
        Audience("https://management.usgovcloudapi.net/", gov, true),
        Audience("https://management.core.usgovcloudapi.net", gov, true),
        Audience("https://management.core.usgovcloudapi.net", azure, false),
        Audience("https://management.core.chinacloudapi.cn/", china, true),
        Audience("https://management.chinacloudapi.cn/", "https://x.example", false),
        Audience("https://x.example/tenant", "https://x.example:8443", true),
        Audience("x.example", "https://x.example", true),
        Audience("https://x.example", "https://y.example", false),
        Audience("https://graph.microsoft.com", azure, false),
        Audience("api://AzureADTokenExchange", azure, false),
        Audience("00000003-0000-0000-c000-000000000000", azure, true),
        Audience("00000003-0000-0000-c000-000000000000", "https://x.example", false),
        Audience(["https://management.azure.com", "https://x.example"], azure, false),
        Audience(["https://management.azure.com/"], azure, true),
        Audience([], "https://x.example", true), Audience(7, "https://x.example", true),
        Audience("https://management.azure.com", "http://127.0.0.1:8080", true),
    ])
    func audience(testCase: Audience) throws {
        let token = Secret(FakeToken.jwt(["aud": testCase.audience]))
        let destination = try Self.destination(testCase.endpoint)
        #expect(
            (Self.refusal { () throws(CredentialError) in try destination.admit(token) } == nil)
                == testCase.isMeant
        )
    }

    @Test("opaque tokens pass, for they say nothing", arguments: ["opaque", "a.b.c", "eyJ.x"])
    func opaque(_ token: String) throws {
        try Self.destination("https://x.example").admit(Secret(token))
    }

    @Test(
        "a mismatch names the audience, the endpoint and what to do, from any credential",
        arguments: [true, false]
    )
    func mismatch(_ isAuto: Bool) async throws {
        let world = CredentialWorld(az: [CredentialChainTests.az])
        let token = FakeToken.jwt(["aud": "https://management.azure.com/", "jti": "canary"])
        let factory = CredentialFactory(
            settings: CredentialSettings(environment: ["IDSYNC_ACCESS_TOKEN": token]),
            destination: try Self.destination("https://x.example"),
            effects: world.effects
        )
        let text = """
            token: the token is for https://management.azure.com/ and is not sent to https://x.example; get a token for \
            https://x.example, or name the cloud that this one is for
            """
        await #expect(
            throws: CredentialError(text + (isAuto ? "\n  `--auth MODE` picks another credential" : ""))
        ) {
            try await factory.credential(isAuto ? .auto : .token).newToken()
        }
        #expect(world.processes.commands.isEmpty)
    }
}
