import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

@Suite struct CredentialChainTests {
    static let az = CommandLineCredentialTests.output(#""expires_on": 1700003600"#)

    /// Everything at once: each step of the chain removes the credential that won before.
    @Test("the order of the chain")
    func order() async throws {
        let settings = FakeAuthority.Settings()
        let world = CredentialWorld(files: MemoryFiles(["/f": "assertion"]), az: [Self.az])
        world.fake.trust("assertion", until: .distantFuture)
        let steps: [(AuthMode, [String: String])] = [
            (.token, ["IDSYNC_ACCESS_TOKEN": "t"]),
            (.secret, world.environment(.authority)),
            (.federated, ["AZURE_FEDERATED_TOKEN_FILE": "/f"]),
            (.github, world.environment(.github)),
            (.azureDevOps, world.environment(.azureDevOps)),
            (.managedIdentity, ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:8080"]),
        ]
        let keys: [AuthMode: [String]] = [
            .token: ["IDSYNC_ACCESS_TOKEN"], .secret: ["AZURE_CLIENT_SECRET"],
            .federated: ["AZURE_FEDERATED_TOKEN_FILE"], .github: ["ACTIONS_ID_TOKEN_REQUEST_URL"],
            .azureDevOps: ["SYSTEM_OIDCREQUESTURI", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
            .managedIdentity: ["AZURE_POD_IDENTITY_AUTHORITY_HOST", "AZURE_CLIENT_ID"],
        ]
        var environment = steps.reduce(into: [String: String]()) { $0.merge($1.1) { _, last in last } }
        for (mode, _) in steps {
            let chain = try #require(try world.credential(.auto, environment) as? CredentialChain)
            #expect(chain.chosenName == nil)
            _ = try await chain.newToken()
            #expect(chain.chosenName == mode.rawValue)
            for key in keys[mode] ?? [] { environment[key] = nil }
        }
        let absent = CredentialWorld(settings, az: [Self.az], metadataIsAbsent: true)
        let chain = try #require(try absent.credential(.auto, environment) as? CredentialChain)
        _ = try await chain.newToken()
        #expect(chain.chosenName == "cli")
    }

    static let ways = """
        give one of these (`--auth MODE` picks one; Terraform's ARM_* names work too):
          token             IDSYNC_ACCESS_TOKEN
          secret            AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET
          federated         AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE
          github            AZURE_TENANT_ID, AZURE_CLIENT_ID, in a job with `permissions: {id-token: write}`
          azure-devops      AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, SYSTEM_ACCESSTOKEN
          managed-identity  a VM, App Service or Arc machine with an identity; AZURE_CLIENT_ID picks one of several
          cli               az login
        """

    @Test("nothing present lists the ways to give one")
    func nothing() async {
        let world = CredentialWorld(metadataIsAbsent: true)
        #expect(
            await world.failure(.auto, ["SYSTEM_OIDCREQUESTURI": "u"]) == """
                no Azure credential was found
                  passed over: azure-devops: SYSTEM_OIDCREQUESTURI is set but AZURESUBSCRIPTION_SERVICE_CONNECTION_ID \
                is not
                  passed over: managed-identity: no metadata service answers at 169.254.169.254
                  passed over: cli: `az` is not on PATH
                \(Self.ways)
                """
        )
        #expect(world.local.requests.map(\.timeout) == [.seconds(1)])
        #expect(world.local.requests.first?.header("Metadata") == nil)
        #expect(world.network.requests.isEmpty)
    }

    @Test("switched off by Terraform's variables")
    func switchedOff() async {
        let world = CredentialWorld()
        #expect(
            await world.failure(.auto, ["ARM_USE_MSI": "false", "ARM_USE_CLI": "0"]) == """
                no Azure credential was found
                  passed over: managed-identity: ARM_USE_MSI says no
                  passed over: cli: ARM_USE_CLI says no
                \(Self.ways)
                """
        )
        #expect(world.local.requests.isEmpty)
        #expect(world.processes.commands.isEmpty)
    }

    @Test(
        "a configured credential that fails is the end, though others are there",
        arguments: [
            (
                ["AZURE_CLIENT_SECRET": "canary"],
                """
                secret: AZURE_CLIENT_SECRET is set but AZURE_TENANT_ID and AZURE_CLIENT_ID are not
                  `--auth MODE` picks another credential
                """
            ),
            (
                ["AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t"],
                """
                secret: AZURE_CLIENT_SECRET is empty (AZURE_TENANT_ID and AZURE_CLIENT_ID are set); set it, or unset it to \
                use another credential
                  `--auth MODE` picks another credential
                """
            ),
            (
                ["ARM_CLIENT_CERTIFICATE_PATH": "/c.pem"],
                """
                ARM_CLIENT_CERTIFICATE_PATH is set, but idsync does not support client certificates
                  `--auth MODE` picks another credential
                """
            ),
            (
                ["AZURE_CLIENT_ID": "other", "SYSTEM_OIDCREQUESTURI": "u"],
                """
                managed-identity: this machine has no identity with the client id in AZURE_CLIENT_ID (Identity not found)
                  passed over: azure-devops: SYSTEM_OIDCREQUESTURI is set but AZURESUBSCRIPTION_SERVICE_CONNECTION_ID is not
                  `--auth MODE` picks another credential
                """
            ),
            (
                [
                    "AZURE_CLIENT_SECRET": "canary", "AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t",
                    "AZURE_AUTHORITY_HOST": "http://evil.example",
                ],
                """
                secret: AZURE_AUTHORITY_HOST is an http URL of another machine; it must be https
                  `--auth MODE` picks another credential
                """
            ),
        ] as [([String: String], String)]
    )
    func noFallThrough(_ environment: [String: String], _ expected: String) async {
        let world = CredentialWorld(az: [Self.az])
        #expect(await world.failure(.auto, environment) == expected)
        #expect(world.processes.commands.isEmpty)
    }

    @Test(
        "a machine without identity, or of another cloud, leads on to az",
        arguments: [
            [HTTPResponse(status: 404)], [HTTPResponse(status: 401)], [HTTPResponse(status: 301)],
            [
                HTTPResponse(status: 400),
                HTTPResponse(status: 400, body: Data(#"{"error_description":"Identity not found"}"#.utf8)),
            ],
        ]
    )
    func passesOverMachine(_ answers: [HTTPResponse]) async throws {
        let world = CredentialWorld(az: [Self.az])
        world.fake.script(.metadata, answers)
        let chain = try #require(try world.credential(.auto, [:]) as? CredentialChain)
        _ = try await chain.newToken()
        #expect(chain.chosenName == "cli")
        #expect(world.fake.count(.metadata) == answers.count)
    }

    @Test(
        "a search that is cancelled says only that, and goes no further",
        arguments: [TransportError.Reason.cancelled, .withdrawn],
        [true, false]
    )
    func cancelled(_ reason: TransportError.Reason, _ isMetadata: Bool) async throws {
        let world = CredentialWorld(az: [Self.az])
        let gone = HandlerTransport { _ throws(TransportError) in throw TransportError(reason, "gone") }
        let effects = CredentialEffects(
            network: gone,
            local: gone,
            time: world.clock,
            files: world.files,
            processes: world.processes
        )
        let environment = isMetadata ? [:] : world.environment(.authority)
        let chain = try CredentialWorld.credential(.auto, environment, effects)
        let prefix = isMetadata ? "managed-identity" : "secret"
        await #expect(throws: CredentialError.cancelled.of(prefix)) { try await chain.newToken() }
        #expect(gone.requests.count == 1)
        #expect(world.processes.commands.isEmpty)
    }

    @Test("the choice stays, and is not probed again")
    func stays() async throws {
        let world = CredentialWorld()
        let chain = try #require(try world.credential(.auto, [:]) as? CredentialChain)
        _ = try await chain.newToken()
        _ = try await chain.newToken()
        #expect(chain.chosenName == "managed-identity")
        #expect(world.fake.count(.metadata) == 3)
    }
}
