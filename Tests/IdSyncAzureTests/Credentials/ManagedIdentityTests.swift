import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

@Suite struct ManagedIdentityTests {
    @Test(
        "410 is waited for at least 70 seconds, 404 shorter, both bounded",
        arguments: [
            (410, [10, 10, 10, 10, 10, 10, 10, 10]), (404, [1, 2, 4, 8]), (429, [1, 2, 4, 8]),
            (503, [1, 2, 4, 8]),
        ] as [(Int, [Int64])]
    )
    func waits(_ status: Int, _ waits: [Int64]) async throws {
        let passing = CredentialWorld()
        passing.fake.script(.metadata, Array(repeating: HTTPResponse(status: status), count: waits.count))
        _ = try await passing.credential(.managedIdentity, [:]).newToken()
        #expect(passing.clock.waits == waits)

        let lasting = CredentialWorld()
        lasting.fake.script(.metadata, Array(repeating: HTTPResponse(status: status), count: 99))
        #expect(
            await lasting.failure(.managedIdentity, [:])
                == "managed-identity: 169.254.169.254 refused the request (HTTP \(status)): no reason given"
        )
        #expect(lasting.clock.waits == waits)
    }

    @Test("several identities and no selector")
    func ambiguous() async {
        let world = CredentialWorld()
        let text = "Multiple user assigned identities exist, please specify the clientId"
        let body = Data(#"{"error":"invalid_request","error_description":"\#(text)"}"#.utf8)
        world.fake.script(.metadata, [HTTPResponse(status: 400, body: body)])
        #expect(
            await world.failure(.managedIdentity, [:]) == """
                managed-identity: this machine has several identities; set AZURE_CLIENT_ID to the client id of one \
                (\(text))
                """
        )
    }

    @Test("ARM_MSI_ENDPOINT is the whole URL")
    func terraformEndpoint() async throws {
        let world = CredentialWorld()
        let endpoint = "http://localhost:8080/metadata/identity/oauth2/token"
        _ = try await world.credential(.managedIdentity, ["ARM_MSI_ENDPOINT": endpoint]).newToken()
        #expect(world.local.requests.first?.url.host == "localhost")
    }

    @Test("an endpoint that gives the token of another identity is refused")
    func otherIdentity() async {
        let world = CredentialWorld()
        let body = Data(#"{"access_token":"canary","client_id":"other","expires_on":"1700003600"}"#.utf8)
        world.fake.script(.metadata, [HTTPResponse(status: 200, body: body)])
        #expect(
            await world.failure(.managedIdentity, ["AZURE_CLIENT_ID": FakeAuthority.Settings().client])
                == "managed-identity: 169.254.169.254 ignored AZURE_CLIENT_ID and gave the token of another identity"
        )
    }

    static let folder = "/var/opt/azcmagent/tokens"
    static let foreign =
        "managed-identity: the Arc agent's challenge names a file that is not /var/opt/azcmagent/tokens/*.key"

    @Test(
        "challenges that name another file are refused and the file is not read",
        arguments: [
            "Basic realm=/etc/shadow", "Basic realm=\(folder)/../x.key", "Basic realm=\(folder)/sub/x.key",
            "Basic realm=\(folder)/x.pem", "Basic realm=\(folder)/.key", "Basic realm=\(folder)//x.key",
            "Basic realm=x.key", "Basic realm=\(folder)/link.key",
        ]
    )
    func foreignKey(_ challenge: String) async {
        let files = MemoryFiles(
            [
                "/etc/shadow": "canary", "\(Self.folder)/x.pem": "canary",
                "/var/opt/azcmagent/x.key": "canary",
            ],
            links: ["\(Self.folder)/link.key": "/etc/shadow"]
        )
        let world = CredentialWorld(files: files)
        world.fake.script(.arc, [HTTPResponse(status: 401, headers: [("WWW-Authenticate", challenge)])])
        #expect(await world.failure(.managedIdentity, world.environment(.arc)) == Self.foreign)
        #expect(world.local.requests.count == 1)
    }

    @Test(
        "answers of an Arc agent that are no proper challenge",
        arguments: [
            (
                HTTPResponse(status: 401), [:],
                "managed-identity: the Arc agent's 401 has no `Basic realm=` challenge"
            ),
            (
                HTTPResponse(status: 401, headers: [("WWW-Authenticate", "Bearer realm=x")]), [:],
                "managed-identity: the Arc agent's 401 has no `Basic realm=` challenge"
            ),
            (
                HTTPResponse(status: 200), [:],
                "managed-identity: the Arc agent answered HTTP 200 instead of its 401 challenge"
            ),
            (
                HTTPResponse(status: 401, headers: [("WWW-Authenticate", "Basic realm=\(folder)/big.key")]),
                ["\(folder)/big.key": String(repeating: "k", count: 4_097)],
                "managed-identity: cannot read /var/opt/azcmagent/tokens/big.key: larger than 4096 bytes"
            ),
        ] as [(HTTPResponse, [String: String], String)]
    )
    func badChallenge(_ answer: HTTPResponse, _ files: [String: String], _ expected: String) async {
        let world = CredentialWorld(files: MemoryFiles(files))
        world.fake.script(.arc, [answer])
        #expect(await world.failure(.managedIdentity, world.environment(.arc)) == expected)
    }

    @Test("a key folder that is itself a link is taken")
    func linkedFolder() async throws {
        let settings = FakeAuthority.Settings()
        let world = CredentialWorld(
            files: MemoryFiles(
                ["/data/tokens/canary.key": settings.arcKey],
                links: [Self.folder: "/data/tokens", settings.arcKeyPath: "/data/tokens/canary.key"]
            )
        )
        _ = try await world.credential(.managedIdentity, world.environment(.arc)).newToken()
        #expect(world.fake.issued.count == 1)
    }
}
