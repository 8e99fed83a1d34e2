import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

@Suite struct CommandLineCredentialTests {
    static func output(_ members: String) -> Result<ProcessOutput, ProcessFailure> {
        ScriptedProcesses.ended(out: #"{"accessToken": "canary-token", \#(members), "tokenType": "Bearer"}"#)
    }

    @Test("the command, with and without a tenant")
    func command() async throws {
        let world = CredentialWorld(az: [Self.output(#""expires_on": 1700003600"#), Self.output(#""x": 1"#)])
        let token = try await world.credential(.cli, [:]).newToken()
        #expect(
            token
                == AccessToken(Secret("canary-token"), expiresOn: Date(timeIntervalSince1970: 1_700_003_600))
        )
        _ = try await world.credential(.cli, ["ARM_TENANT_ID": "contoso.example"]).newToken()
        let base = [
            "account", "get-access-token", "--output", "json", "--resource", "https://management.azure.com/",
        ]
        #expect(world.processes.commands.map(\.name) == ["az", "az"])
        #expect(world.processes.commands.map(\.arguments) == [base, base + ["--tenant", "contoso.example"]])
    }

    @Test(
        "both spellings of the end",
        arguments: [
            (#""expires_on": 1700003600, "expiresOn": "2001-01-01 00:00:00.000000""#, 1_700_003_600),
            (#""expires_on": "1700003600""#, 1_700_003_600),
            (#""expiresOn": "2023-11-14 23:13:20.123456""#, 1_700_003_600 - 7_200),
            (#""expiresOn": "2023-11-14 23:13:20""#, 1_700_003_600 - 7_200),
            (#""expiresOn": "soon""#, nil),
            (#""expires_on": 1e300"#, nil),
        ] as [(String, Double?)]
    )
    func expiry(_ members: String, _ expected: Double?) throws {
        let output = try Self.output(members).get().standardOutput
        let zone = try #require(TimeZone(secondsFromGMT: 7_200))
        let token = try #require(CommandLineCredential.token(output, timeZone: zone))
        #expect(token.expiresOn == expected.map { Date(timeIntervalSince1970: $0) })
    }

    @Test(
        "failures",
        arguments: [
            (.failure(.notFound), "cli: `az` is not on PATH"),
            (.failure(.timedOut), "cli: `az account get-access-token` did not end within 30 s"),
            (.failure(.cancelled), "cli: cancelled"),
            (
                ScriptedProcesses.ended(1, err: "ERROR: Please run 'az login' to setup account.\n"),
                """
                cli: `az` is not logged in, or its login has ended; run `az login`: ERROR: Please run 'az login' to setup \
                account.
                """
            ),
            (ScriptedProcesses.ended(127), "cli: `az` cannot be run"),
            (
                ScriptedProcesses.ended(
                    1,
                    err: #"oops {"accessToken": "canary", "x": 1} eyJhbGciOi.eyJjYW5hcnk.canary"#
                        + "\u{1B}[31m\n"
                ),
                """
                cli: `az account get-access-token` failed with status 1: oops {"accessToken": "<redacted>", "x": 1} \
                <redacted> [31m
                """
            ),
            (
                ScriptedProcesses.ended(out: "{}"),
                "cli: `az account get-access-token` ended well but printed no token"
            ),
            (
                ScriptedProcesses.ended(out: #"{"accessToken": "a\nb"}"#),
                "cli: `az account get-access-token` ended well but printed no token"
            ),
        ] as [(Result<ProcessOutput, ProcessFailure>, String)]
    )
    func failures(_ script: Result<ProcessOutput, ProcessFailure>, _ expected: String) async {
        #expect(await CredentialWorld(az: [script]).failure(.cli, [:]) == expected)
    }
}
