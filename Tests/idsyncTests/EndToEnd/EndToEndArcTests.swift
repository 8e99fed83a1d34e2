import Foundation
import IdSyncAzure
import TestSupport
import Testing

/// Managed identity on Azure Arc through the built binary; its key must lie in a folder that belongs to the system.
@Suite(.timeLimit(.minutes(5)))
struct EndToEndArcTests {
    @Test(
        "A token of the Arc agent that ends during an apply is renewed once and the apply goes on",
        .enabled(if: PrivateFolder.isPermitted, "needs unshare -Urm to show the tool a /var/opt of its own"),
        arguments: [true, false]
    )
    func renewal(isAuto: Bool) async throws {
        try await EndToEndCredentialTests().renewal(flow: .arc, isAuto: isAuto)
    }

    @Test(
        "A key that the challenge names but the agent did not write is exit 4, before anything else is asked",
        .enabled(if: PrivateFolder.isPermitted, "needs unshare -Urm to show the tool a /var/opt of its own")
    )
    func missingKey() async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        let environment = try bench.environment(.arc)
        bench.authority.configure { $0.arcKeyPath = "/var/opt/azcmagent/tokens/other.key" }
        let run = try await bench.tool.run(["plan", "--endpoint", bench.azure.url], environment: environment)
        #expect(run.code == 4, "\(run.transcript)")
        #expect(
            run.err.contains(
                "managed-identity: cannot read /var/opt/azcmagent/tokens/other.key: no such file, or no permission"
            )
        )
        #expect(bench.authority.count(.arc) == 1)
        #expect(bench.azure.arrivals.isEmpty)
        #expect(SecretHunt(bench.secrets).found(in: run) == [])
    }
}
