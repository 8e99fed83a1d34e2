import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// A credential service that refuses and echoes what it was sent: exit 4, one clear reason, and no secret.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndCredentialFailureTests {
    typealias Flow = CredentialBench.Flow

    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        /// The answer of the service, given everything that it was sent.
        let answer: @Sendable (String) -> HTTPResponse

        var testDescription: String { name }
    }

    static let refusals = [
        Refusal(name: "error description") { sent in
            .json(
                [
                    "error": "invalid_client", "error_description": .string("AADSTS7000215: got \(sent)"),
                    "message": .string(sent), "correlation_id": .string(sent),
                ],
                status: 401
            )
        },
        Refusal(name: "HTML page") { sent in
            HTTPResponse(
                status: 403,
                headers: [("Content-Type", "text/html")],
                body: Data("<b>\(sent)</b>".utf8)
            )
        },
        Refusal(name: "token of another shape") { sent in
            .json(["acces_token": .string(sent), "valeu": .string(sent)])
        },
        Refusal(name: "half a body") { sent in
            HTTPResponse(status: 200, body: Data(#"{"access_token": "\#(sent)"#.utf8))
        },
        Refusal(name: "redirect") { sent in
            let target = "http://localhost:1/?\(sent.filter { $0.isASCII && !$0.isWhitespace })"
            return HTTPResponse(status: 302, headers: [("Location", target)], body: Data(sent.utf8))
        },
    ]

    @Test(
        "A service that refuses is exit 4",
        arguments: Flow.usual.filter { $0 != .token && $0 != .cli },
        refusals
    )
    func services(flow: Flow, refusal: Refusal) async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        let environment = try bench.environment(flow)
        bench.answerInstead { request in
            let headers = request.headers.map { "\($0.name): \($0.value)" }.joined(separator: " ")
            let body = request.body.map { String(decoding: $0, as: UTF8.self) } ?? ""
            return refusal.answer("\(headers) \(body) \(body.removingPercentEncoding ?? "")")
        }
        for command in [["plan", "--auth", flow.mode], ["apply", "manifest.yaml", "--auto-approve"]] {
            let run = try await bench.tool.run(
                command + ["--endpoint", bench.azure.url, "-v", "--log-level", "trace", "-o", "json"],
                environment: environment
            )
            #expect(run.code == 4, "\(run.transcript)")
            #expect(try run.json()["exitCode"] == 4)
            #expect(run.err.contains("error: \(flow.mode): "), "\(run.transcript)")
            #expect(SecretHunt(bench.secrets).found(in: run) == [], "\(run.transcript)")
        }
        #expect(bench.azure.arrivals.isEmpty)
    }

    @Test(
        "An `az` that fails is exit 4 and its output is scrubbed",
        arguments: [
            "echo \"ERROR: token TOKEN was refused\" >&2; exit 1", "echo '{\"accessToken\": \"TOKEN'; exit 0",
            "echo 'TOKEN'; echo 'TOKEN' >&2; exit 0", "echo 'Please run az login. TOKEN' >&2; exit 1",
            "kill -9 $$",
        ]
    )
    func commandLine(script: String) async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        let environment = try bench.environment(.cli)
        let token = FakeToken.jwt(["jti": "canary-az"])
        try bench.installAz("#!/bin/sh\n" + script.replacing("TOKEN", with: token) + "\n")
        for auth in [[], ["--auth", "cli"]] {
            let run = try await bench.tool.run(
                ["plan", "--endpoint", bench.azure.url, "-v", "--log-level", "trace", "-o", "json"] + auth,
                environment: environment
            )
            #expect(run.code == 4, "\(run.transcript)")
            #expect(try run.json()["exitCode"] == 4)
            #expect(run.err.contains("az"), "\(run.transcript)")
            #expect(SecretHunt(SecretHunt.parts(of: token)).found(in: run) == [], "\(run.transcript)")
        }
        #expect(bench.azure.arrivals.isEmpty)
    }

    @Test(
        "A redirect of a credential service is not followed: the other host hears nothing",
        arguments: [
            (Flow.secret, FakeAuthority.Route.authority), (.github, .github), (.azureDevOps, .azureDevOps),
            (.metadata, .metadata), (.appService, .appService),
        ]
    )
    func redirect(flow: Flow, route: FakeAuthority.Route) async throws {
        let bench = try CredentialBench(publicCloud: true)
        let other = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        let environment = try bench.environment(flow)
        let path = route == .authority ? "/tenant/oauth2/v2.0/token" : route.rawValue
        let target = other.base.replacing("127.0.0.1", with: "localhost") + path
        bench.authority.script(route, [HTTPResponse(status: 307, headers: [("Location", target)])])
        let run = try await bench.tool.run(
            ["plan", "--auth", flow.mode, "--endpoint", bench.azure.url],
            environment: environment
        )
        #expect(run.code == 4, "\(run.transcript)")
        #expect(other.authority.count(route) == 0)
        let direct = try await URLSessionTransport().send(
            HTTPRequest(.get, try #require(URL(string: target)))
        )
        #expect(direct.status != 200 && other.authority.count(route) == 1)
        #expect(SecretHunt(bench.secrets).found(in: run) == [], "\(run.transcript)")
    }
}
