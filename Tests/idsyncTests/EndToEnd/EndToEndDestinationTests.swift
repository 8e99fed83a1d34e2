import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// What a manifest or a saved plan of somebody else's cannot do: send secrets and tokens to a host of its choice.
@Suite(.timeLimit(.minutes(5)))
struct EndToEndDestinationTests {
    /// A label of more than 63 letters fails in the resolver itself: no query leaves this machine.
    private static let foreign = "https://\(String(repeating: "a", count: 70)).invalid"

    private func bench(resourceManager: String? = nil, authority: String? = nil) throws -> CredentialBench {
        let bench = try CredentialBench(publicCloud: false)
        let cloud = EndToEnd.cloud(
            resourceManager: resourceManager ?? bench.azure.url,
            authority: authority ?? bench.base
        )
        try bench.tool.write("manifest.yaml", EndToEnd.manifest(cloud: cloud))
        return bench
    }

    /// Runs a command that must end with exit 4, a message, no secret, and no word to anybody.
    private func refused(
        _ bench: CredentialBench,
        _ arguments: [String],
        _ environment: [String: String],
        _ message: String
    ) async throws {
        for format in [[], ["-o", "json"]] {
            let run = try await bench.tool.run(arguments + format, environment: environment)
            #expect(run.code == 4, "\(run.transcript)")
            #expect(run.err.contains("error: " + message), "\(run.transcript)")
            if !format.isEmpty { #expect(try run.json()["exitCode"] == 4) }
            #expect(SecretHunt(bench.secrets).found(in: run) == [])
        }
        #expect(bench.azure.arrivals.isEmpty)
        #expect(FakeAuthority.Route.allCases.allSatisfy { bench.authority.count($0) == 0 })
    }

    @Test(
        "A resource manager that only the manifest names gets no token",
        arguments: [["plan"], ["apply", "manifest.yaml", "--auto-approve"]],
        [CredentialBench.Flow.token, .secret, .metadata, .cli]
    )
    func resourceManager(command: [String], flow: CredentialBench.Flow) async throws {
        let bench = try bench(resourceManager: Self.foreign)
        let message =
            "no token is sent to \(Self.foreign): only the manifest (cloud.resourceManager) names it, and it belongs "
            + "to no built-in cloud; if it is right, say so with --endpoint \(Self.foreign)\n"
        let environment = try bench.environment(flow)
        try await refused(bench, command + ["--auth", flow.mode], environment, message)
        #expect((try? bench.tool.read("az/calls")) == nil)
    }

    @Test("The same host is asked once --endpoint names it too")
    func confirmed() async throws {
        let bench = try bench(resourceManager: Self.foreign)
        let run = try await bench.tool.run(
            ["plan", "--endpoint", Self.foreign, "--timeout", "1s"],
            environment: ["IDSYNC_ACCESS_TOKEN": "canary"]
        )
        #expect(run.code == 9, "\(run.transcript)")
        #expect(!run.err.contains("no token is sent"))
    }

    @Test(
        "An authority that only the manifest names gets no secret and no assertion",
        arguments: [CredentialBench.Flow.secret, .federated, .github, .azureDevOps]
    )
    func authority(flow: CredentialBench.Flow) async throws {
        let bench = try bench(authority: Self.foreign)
        var environment = try bench.environment(flow)
        environment["AZURE_AUTHORITY_HOST"] = nil
        let message =
            "\(flow.mode): no credential is sent to \(Self.foreign): only the manifest (cloud.authority) names it, and it "
            + "belongs to no built-in cloud; if it is right, say so with AZURE_AUTHORITY_HOST=\(Self.foreign)\n"
        for auth in [[], ["--auth", flow.mode]] {
            try await refused(bench, ["plan"] + auth, environment, message)
        }
    }

    @Test("The endpoint of a saved plan gets no token unless the command line repeats it")
    func savedPlan() async throws {
        let bench = try bench()
        let environment = try bench.environment(.token)
        let plan = try await bench.tool.run(["plan"], environment: environment)
        #expect(plan.code == 0, "\(plan.transcript)")
        bench.azure.clear()
        // Somebody who can write a plan can also write its digest.
        let path = ".idsync/plan.json"
        let made = try SavedPlan(parsing: Data(try bench.tool.read(path).utf8)).document
        let altered = PlanDocument(
            plan: made.plan,
            createdAt: made.createdAt,
            toolVersion: made.toolVersion,
            manifest: made.manifest,
            target: PlanTarget(
                cloud: made.target.cloud,
                resourceManager: made.target.resourceManager,
                endpoint: Self.foreign
            )
        )
        try bench.tool.write(path, altered.json.prettyText())
        let message =
            "no token is sent to \(Self.foreign): only the saved plan names it, and it belongs to no built-in cloud; "
            + "if it is right, say so with --endpoint \(Self.foreign)\n"
        for command in [["apply"], ["apply", "--plan", path]] {
            try await refused(bench, command, environment, message)
        }
        let run = try await bench.tool.run(
            ["apply", "--endpoint", Self.foreign, "--timeout", "1s"],
            environment: environment
        )
        #expect(!run.err.contains("no token is sent"), "\(run.transcript)")
    }

    @Test(
        "A token is not sent to another cloud than the one that it is for",
        arguments: [[], ["--auth", "token"]]
    )
    func audience(auth: [String]) async throws {
        let bench = try bench()
        let token = FakeToken.jwt(["aud": "https://management.core.windows.net/", "jti": "canary"])
        for endpoint in ["https://management.usgovcloudapi.net", Self.foreign] {
            try await refused(
                bench,
                ["plan", "--endpoint", endpoint] + auth,
                ["IDSYNC_ACCESS_TOKEN": token],
                "token: the token is for https://management.core.windows.net/ and is not sent to \(endpoint); get a token "
                    + "for \(endpoint), or name the cloud that this one is for\n"
            )
        }
        let local = try await bench.tool.run(["plan"], environment: ["IDSYNC_ACCESS_TOKEN": token])
        #expect(local.code == 0, "\(local.transcript)")
    }

    @Test("A secret that the pipeline lacks is exit 4, and nobody else is asked")
    func emptySecret() async throws {
        let bench = try bench()
        var environment = try bench.environment(.metadata)
        environment.merge(try bench.environment(.secret)) { $1 }
        environment["AZURE_CLIENT_SECRET"] = ""
        let message =
            "secret: AZURE_CLIENT_SECRET is empty (AZURE_TENANT_ID and AZURE_CLIENT_ID are set); set it, or unset it to use "
            + "another credential\n"
        for auth in [[], ["--auth", "secret"]] {
            try await refused(bench, ["plan"] + auth, environment, message)
        }
    }
}
