import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// Every way to a token through the built binary: plan and apply, with all tokens ending in the middle of the apply.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndCredentialTests {
    typealias Flow = CredentialBench.Flow

    @Test(
        "A token that ends during an apply is renewed once and the apply goes on",
        arguments: Flow.usual.filter(\.canRenew),
        [true, false]
    )
    func renewal(flow: Flow, isAuto: Bool) async throws {
        // `auto` with everything in the manifest; a named mode with flags and variables.
        let bench = try CredentialBench(publicCloud: !isAuto)
        var environment = try bench.environment(flow)
        if isAuto { environment["AZURE_AUTHORITY_HOST"] = nil }
        let cloud = isAuto ? EndToEnd.cloud(resourceManager: bench.azure.url, authority: bench.base) : nil
        try bench.tool.write("manifest.yaml", EndToEnd.manifest(cloud: cloud))
        let auth = isAuto ? [] : ["--auth", flow.mode]
        let endpoint = isAuto ? [] : ["--endpoint", bench.azure.url]

        let plan = try await bench.tool.run(["plan"] + auth + endpoint, environment: environment)
        #expect(plan.code == 0, "\(plan.transcript)")
        #expect(bench.azure.attemptedWrites.isEmpty)
        bench.azure.clear()
        bench.endTokens(atWrite: 2)
        let apply = try await bench.tool.run(
            ["apply", "--parallelism", "1", "-o", "json", "--log-level", "trace"] + auth,
            environment: environment
        )
        #expect(apply.code == 0, "\(apply.transcript)")
        #expect(Set(try apply.statuses().values) == ["applied"])
        for (machine, carried) in EndToEnd.after { #expect(bench.azure.carried(by: machine) == carried) }
        #expect(bench.azure.identities == EndToEnd.identitiesAfter)
        // The other creation may be on its way with the old token when the first is refused.
        #expect((1...2).contains(bench.azure.arrivals.count { $0.status == 401 }))
        #expect(Set(bench.azure.arrivals.map(\.authorization)).count == 2)
        let hunt = SecretHunt(bench.secrets)
        #expect(hunt.found(in: plan) + hunt.found(in: apply) == [])
        #expect(try hunt.files(of: bench.tool, except: Self.own) == [])
        if flow == .cli {
            let resource = isAuto ? bench.azure.url : "https://management.azure.com"
            let call = "account get-access-token --output json --resource \(resource)/\n"
            #expect(try bench.tool.read("az/calls") == String(repeating: call, count: 3))
        }
    }

    /// Files of the bench that hold secrets by their nature.
    private static let own: Set = Set((1...9).map { "az/\($0)" } + ["assertion", PrivateFolder.scriptName])

    @Test("A token is renewed before it ends, while an operation is waited for")
    func renewalAheadOfTime() async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.systemOnly(["db"]))
        // Renewed with half of its life left; the wait that ARM asks for is longer than the other half.
        bench.authority.configure { $0.tokenLife = 4 }
        bench.azure.state.configure { $0.retryAfter = 3 }
        bench.azure.intercept { [authority = bench.authority] request, _ in
            let token = (request.header("Authorization") ?? "").dropFirst("Bearer ".count)
            return authority.accepts(String(token)) ? nil : EmulatorReply(CredentialBench.expired)
        }
        let apply = try await bench.tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "--endpoint", bench.azure.url],
            environment: try bench.environment(.secret)
        )
        #expect(apply.code == 0, "\(apply.transcript)")
        #expect(bench.azure.carried(by: "db").contains("(system)"))
        #expect(bench.authority.issued.count > 1)
        let first = bench.azure.arrivals.first?.authorization
        let withFirst = bench.azure.arrivals.prefix { $0.authorization == first }
        #expect(withFirst.contains { $0.method == .patch } && withFirst.allSatisfy { $0.status != 401 })
        #expect(withFirst.count < bench.azure.arrivals.count)
    }

    @Test("A token that nobody can renew ends the apply half way; a new one finishes it")
    func fixedToken() async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        let environment = try bench.environment(.token)
        _ = try await bench.tool.run(["plan", "--endpoint", bench.azure.url], environment: environment)
        bench.endTokens(atWrite: 2)
        let apply = try await bench.tool.run(
            ["apply", "--parallelism", "1", "-o", "json"],
            environment: environment
        )
        #expect(apply.code == 7, "\(apply.transcript)")
        let first = try #require(bench.azure.written.first)
        #expect(bench.azure.written.count == 1 && ["PUT NEW1", "PUT NEW2"].contains(first.label))
        // The first creation is not applied for sure either when it can no longer be read back.
        let statuses = try apply.statuses()
        #expect(["NEW1", "NEW2"].contains { statuses["identity/\($0)"] == "failed" })
        #expect(try apply.json()["summary"]?["azureModified"] == true)
        #expect(SecretHunt(bench.secrets).found(in: apply) == [])

        bench.azure.intercept(nil)
        let rest = try await bench.tool.run(
            ["apply", "-o", "json"],
            environment: ["IDSYNC_ACCESS_TOKEN": "another"]
        )
        #expect(rest.code == 0, "\(rest.transcript)")
        let done = try rest.statuses().filter { $0.value == "already-done" }.map(\.key)
        #expect(done == ["identity/" + first.label.dropFirst(4)])
        #expect(bench.azure.written.count { $0.label == first.label } == 1)
        for (machine, carried) in EndToEnd.after { #expect(bench.azure.carried(by: machine) == carried) }
    }

    @Test("The first credential that is present is used, in the documented order")
    func order() async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        var environment: [String: String] = [:]
        for flow in Flow.usual where flow != .cli {
            environment.merge(try bench.environment(flow)) { $1 }
        }
        let path = try bench.environment(.cli)["PATH"]
        environment["PATH"] = path
        let steps: [(route: FakeAuthority.Route?, take: [String])] = [
            (nil, ["IDSYNC_ACCESS_TOKEN"]),
            (.authority, ["AZURE_CLIENT_SECRET"]),
            (.authority, ["AZURE_FEDERATED_TOKEN_FILE"]),
            (.github, ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]),
            (
                .azureDevOps,
                ["SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]
            ),
            (.appService, ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]),
            (.metadata, []),
        ]
        for step in steps {
            let before = Dictionary(
                uniqueKeysWithValues: FakeAuthority.Route.allCases.map { ($0, bench.authority.count($0)) }
            )
            let plan = try await bench.tool.run(
                ["plan", "--no-save", "--endpoint", bench.azure.url],
                environment: environment
            )
            #expect(plan.code == 0, "\(plan.transcript)")
            let asked = FakeAuthority.Route.allCases.filter { bench.authority.count($0) > (before[$0] ?? 0) }
            // An assertion of a pipeline is exchanged at the authority.
            #expect(
                Set(asked).subtracting([.authority])
                    == Set([step.route].compactMap(\.self)).subtracting([.authority])
            )
            #expect(asked.contains(.authority) == [.authority, .github, .azureDevOps].contains(step.route))
            for name in step.take { environment[name] = nil }
        }
        let proofs = bench.authority.forms.map { $0["client_secret"] != nil ? "secret" : "assertion" }
        #expect(proofs == ["secret", "assertion", "assertion", "assertion"])

        environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = nil
        environment["ARM_USE_MSI"] = "false"
        let last = try await bench.tool.run(
            ["plan", "--no-save", "--endpoint", bench.azure.url],
            environment: environment
        )
        #expect(last.code == 0, "\(last.transcript)")
        #expect(try bench.tool.read("az/calls").split(separator: "\n").count == 1)
    }

    @Test(
        "Without a token every way to give one is listed",
        arguments: [["plan"], ["apply", "--auto-approve"]]
    )
    func nothing(command: [String]) async throws {
        let azure = try LoopbackAzure()
        let tool = try Tool()
        try tool.write("manifest.yaml", EndToEnd.manifest())
        let run = try await tool.run(
            command + ["--endpoint", azure.url, "-o", "json"],
            environment: ["ARM_USE_MSI": "false"]
        )
        #expect(run.code == 4, "\(run.transcript)")
        #expect(try run.json()["exitCode"] == 4)
        for mode in AuthMode.allCases where mode != .auto {
            #expect(run.err.contains("  \(mode.rawValue) "))
            #expect(run.err.contains(mode.remedy))
        }
        #expect(azure.arrivals.isEmpty)
    }

    @Test("A token that ARM refuses is exit 4, and nothing is written", arguments: Flow.usual)
    func refused(flow: Flow) async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        bench.azure.intercept { _, _ in EmulatorReply(CredentialBench.expired) }
        let environment = try bench.environment(flow)
        for command in [["plan"], ["apply", "--auto-approve", "manifest.yaml"]] {
            let run = try await bench.tool.run(
                command + ["--auth", flow.mode, "--endpoint", bench.azure.url, "-o", "json", "-v"],
                environment: environment
            )
            #expect(run.code == 4, "\(run.transcript)")
            _ = try run.json()
            #expect(SecretHunt(bench.secrets).found(in: run) == [])
        }
        #expect(bench.azure.attemptedWrites.isEmpty)
    }

    @Test("A token that is refused when the first write is due is exit 4", arguments: [Flow.token, .secret])
    func refusedAtWrite(flow: Flow) async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        bench.azure.intercept { request, _ in
            request.method == .get ? nil : EmulatorReply(CredentialBench.expired)
        }
        let run = try await bench.tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "--endpoint", bench.azure.url, "-o", "json"],
            environment: try bench.environment(flow)
        )
        #expect(run.code == 4, "\(run.transcript)")
        #expect(bench.azure.written.isEmpty)
        #expect(try run.json()["summary"]?["azureModified"] == false)
    }
}
