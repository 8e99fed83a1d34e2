import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

/// Every flow against the strict fake, with expiry and renewal.
@Suite struct CredentialFlowTests {
    static let tokenFile = "/var/run/secrets/azure/tokens/azure-identity-token"

    /// A world, mode and environment for one credential.
    static func setUp(_ mode: AuthMode) -> (CredentialWorld, [String: String]) {
        let settings = FakeAuthority.Settings()
        switch mode {
        case .secret:
            let world = CredentialWorld()
            return (world, world.environment(.authority))
        case .federated:
            let world = CredentialWorld(files: MemoryFiles([tokenFile: "assertion-1\n"]))
            world.fake.trust("assertion-1", until: CredentialClock.start + 600)
            var environment = world.environment(.authority)
            environment["AZURE_CLIENT_SECRET"] = nil
            environment["AZURE_FEDERATED_TOKEN_FILE"] = tokenFile
            return (world, environment)
        case .github:
            let world = CredentialWorld()
            world.fake.configure { $0.refusesReusedAssertions = true }
            return (world, world.environment(.github))
        case .azureDevOps:
            let world = CredentialWorld()
            world.fake.configure { $0.refusesReusedAssertions = true }
            return (world, world.environment(.azureDevOps))
        default:
            let world = CredentialWorld(
                settings,
                files: MemoryFiles([settings.arcKeyPath: settings.arcKey + "\n"])
            )
            return (world, world.environment(.metadata))
        }
    }

    @Test(
        "a token, kept, and renewed before its end",
        arguments: [
            AuthMode.secret, .federated, .github, .azureDevOps, .managedIdentity,
        ]
    )
    func renewal(_ mode: AuthMode) async throws {
        let (world, environment) = Self.setUp(mode)
        let cache = TokenCache(try world.credential(mode, environment), time: world.clock)
        let first = try await cache.bearer()
        #expect(world.fake.issued == [first.reveal()])
        world.clock.advance(3_600 - 301)
        #expect(try await cache.bearer() == first)
        // The file rotates; the old assertion has long ended.
        world.files.write(Self.tokenFile, "assertion-2")
        world.fake.trust("assertion-2", until: world.clock.date() + 600)
        world.clock.advance(1)
        let second = try await cache.bearer()
        #expect(second != first)
        #expect(world.fake.issued.last == second.reveal())
        #expect(world.fake.accepts(second.reveal()))
    }

    @Test("App Service, with and without a selector", arguments: [false, true])
    func appService(selects: Bool) async throws {
        let world = CredentialWorld()
        var environment = world.environment(.appService)
        if selects { environment["AZURE_CLIENT_ID"] = FakeAuthority.Settings().client.uppercased() }
        world.fake.configure { if selects { $0.client = $0.client.uppercased() } }
        let token = try await world.credential(.managedIdentity, environment).newToken()
        #expect(world.fake.issued == [token.secret.reveal()])
        #expect(token.expiresOn == CredentialClock.start + 3_600)
        #expect(world.network.requests.isEmpty)
    }

    @Test("Arc: challenge, key file, second request", arguments: [false, true])
    func arc(selects: Bool) async throws {
        let settings = FakeAuthority.Settings()
        let world = CredentialWorld(files: MemoryFiles([settings.arcKeyPath: settings.arcKey + "\n"]))
        var environment = world.environment(.arc)
        if selects { environment["AZURE_CLIENT_ID"] = settings.client }
        let token = try await world.credential(.managedIdentity, environment).newToken()
        #expect(world.fake.issued == [token.secret.reveal()])
        #expect(world.fake.count(.arc) == 2)
        #expect(world.network.requests.isEmpty)
    }

    @Test("the metadata service, selector and usual address")
    func metadata() async throws {
        let world = CredentialWorld()
        let client = FakeAuthority.Settings().client
        _ = try await world.credential(.managedIdentity, ["ARM_CLIENT_ID": client]).newToken()
        #expect(
            world.local.requests.map(\.url.absoluteString) == [
                "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
                    + "&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id=\(client)"
            ]
        )
        #expect(world.local.requests.first?.header("Metadata") == "true")
        #expect(world.network.requests.isEmpty)
    }

    @Test("sovereign clouds have their own scope, resource and audience")
    func sovereign() async throws {
        let cloud = try #require(Cloud.named.first { $0.name == "AzureChinaCloud" })
        var settings = FakeAuthority.Settings()
        settings.resource = cloud.resourceManager
        settings.audience = cloud.audience
        let world = CredentialWorld(settings)
        var environment = world.environment(.github)
        environment["AZURE_AUTHORITY_HOST"] = nil
        _ = try await world.credential(.github, environment, cloud: cloud).newToken()
        _ = try await world.credential(.managedIdentity, [:], cloud: cloud).newToken()
        #expect(world.fake.issued.count == 2)
        #expect(
            world.network.requests.last?.url.absoluteString
                == "https://login.chinacloudapi.cn/\(settings.tenant)/oauth2/v2.0/token"
        )
    }

    @Test("the form is exactly that of the client credentials grant")
    func form() async throws {
        let (world, environment) = Self.setUp(.secret)
        _ = try await world.credential(.secret, environment).newToken()
        let settings = FakeAuthority.Settings()
        let request = try #require(world.network.requests.first)
        #expect(
            String(decoding: request.body ?? Data(), as: UTF8.self)
                == "grant_type=client_credentials&client_id=\(settings.client)"
                + "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
                + "&client_secret=c4n4ry~secret%2B%26%3D%25%2F%C3%BC"
        )
        let federated = Self.setUp(.federated)
        _ = try await federated.0.credential(.federated, federated.1).newToken()
        #expect(
            federated.0.fake.forms == [
                [
                    "grant_type": "client_credentials", "client_id": settings.client,
                    "scope": "https://management.azure.com/.default", "client_assertion": "assertion-1",
                    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ]
            ]
        )
    }

    @Test("a fresh assertion for each token")
    func freshAssertion() async throws {
        let (world, environment) = Self.setUp(.github)
        let credential = try world.credential(.github, environment)
        _ = try await credential.newToken()
        _ = try await credential.newToken()
        #expect(world.fake.count(.github) == 2)
        #expect(Set(world.fake.forms.compactMap { $0["client_assertion"] }).count == 2)
    }

    @Test("files of Terraform's variables are read at each renewal")
    func terraformFiles() async throws {
        let settings = FakeAuthority.Settings()
        let world = CredentialWorld(files: MemoryFiles(["/c": settings.client + "\n", "/s": "old"]))
        let credential = try world.credential(
            .secret,
            [
                "ARM_TENANT_ID": settings.tenant, "ARM_CLIENT_ID_FILE_PATH": "/c",
                "ARM_CLIENT_SECRET_FILE_PATH": "/s", "AZURE_AUTHORITY_HOST": CredentialWorld.base,
            ]
        )
        await #expect(throws: CredentialError.self) { try await credential.newToken() }
        world.files.write("/s", settings.secret + "\n")
        _ = try await credential.newToken()
        #expect(world.fake.issued.count == 1)
    }
}
