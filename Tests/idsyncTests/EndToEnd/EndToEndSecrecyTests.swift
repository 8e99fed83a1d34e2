import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import TestSupport
import Testing

/// No secret is ever printed or saved, whatever a server echoes and however much is logged.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndSecrecyTests {
    /// A server that echoes what it was sent, or breaks in the middle.
    enum Echo: String, CaseIterable, Sendable {
        case unauthorized, forbidden, badRequest, locked, html, proxyHTML, text, json, ids, redirect, link
        case reset, half, busy

        /// Whether a request is to be answered like this.
        ///
        /// A PUT of an identity that looks accepted would be waited for, as ARM's replicas lag.
        func strikes(_ method: HTTPMethod, isWrite: Bool) -> Bool {
            guard isWrite else { return method == .get }
            return [.html, .text, .json, .link].contains(self) ? method == .patch : method != .get
        }

        /// The answer to a request that carried an authorization.
        func reply(to request: HTTPRequest, isFirst: Bool) -> EmulatorReply? {
            let authorization = request.header("Authorization") ?? ""
            let body = request.body.map { String(decoding: $0, as: UTF8.self) } ?? ""
            let token = authorization.dropFirst("Bearer ".count)
            let all =
                "Authorization: \(authorization)\r\nurl: \(request.url.absoluteString)\r\n\(body) '\(token)'"
            switch self {
            case .unauthorized: return Self.envelope(401, "InvalidAuthenticationToken", all)
            case .forbidden: return Self.envelope(403, "AuthorizationFailed", all)
            case .badRequest: return Self.envelope(400, "InvalidParameter", all)
            case .locked: return Self.envelope(409, "ScopeLocked", all)
            case .busy: return Self.envelope(503, "ServiceUnavailable", all)
            case .html: return Self.page(200, all)
            case .proxyHTML: return Self.page(502, all)
            case .text: return EmulatorReply(HTTPResponse(status: 200, body: Data(all.utf8)))
            case .json: return EmulatorReply(.json(["value": .string(all)]))
            case .ids:
                var reply = Self.envelope(404, authorization, authorization)
                reply.response.headers += [
                    ("x-ms-request-id", authorization), ("x-ms-correlation-request-id", authorization),
                    ("etag", authorization),
                ]
                return reply
            case .redirect:
                let target = "http://localhost:1/\(authorization)?token=\(authorization)"
                return EmulatorReply(
                    HTTPResponse(status: 307, headers: [("Location", target)], body: Data(all.utf8))
                )
            case .link:
                let link: JSONValue = [
                    "value": [], "nextLink": .string("http://localhost:1/?\(authorization.dropFirst(7))"),
                ]
                let headers = [("Azure-AsyncOperation", "http://localhost:1/?\(authorization.dropFirst(7))")]
                return EmulatorReply(.json(link, headers: headers))
            case .reset: return isFirst ? EmulatorReply(HTTPResponse(status: 0), delivery: .lost) : nil
            case .half:
                let whole = HTTPResponse(status: 200, body: Data((all + all).utf8))
                return isFirst ? EmulatorReply(whole, delivery: .cut(after: all.utf8.count)) : nil
            }
        }

        private static func envelope(_ status: Int, _ code: String, _ message: String) -> EmulatorReply {
            let error: JSONValue = [
                "code": .string(code), "message": .string(message), "target": .string(message),
                "details": [["code": .string(message), "message": .string(message)]],
            ]
            let headers = [("Retry-After", "0"), ("x-ms-request-id", "req-1")]
            return EmulatorReply(.json(["error": error], status: status, headers: headers))
        }

        private static func page(_ status: Int, _ text: String) -> EmulatorReply {
            let headers = [("Content-Type", "text/html"), ("Retry-After", "0")]
            let page = "<html><title>\(text)</title><body>\(text)</body></html>"
            return EmulatorReply(HTTPResponse(status: status, headers: headers, body: Data(page.utf8)))
        }
    }

    /// A token as Entra makes them, and one that looks like nothing in particular.
    static let tokens = [
        FakeToken.jwt(["oid": "canary-oid", "jti": "canary-token"]), "c4n4ry-opaque-0123456789abcdef",
    ]

    @Test("What a server echoes is not repeated", arguments: Echo.allCases, tokens)
    func echoes(echo: Echo, token: String) async throws {
        for isWrite in [false, true] {
            let azure = try LoopbackAzure()
            let tool = try Tool()
            try tool.write("manifest.yaml", EndToEnd.manifest())
            let queries = Mutex<Set<String>>([])
            let hits = Mutex(0)
            azure.intercept { request, _ in
                queries.withLock { $0.formUnion(Self.signatures(in: request)) }
                guard echo.strikes(request.method, isWrite: isWrite) else { return nil }
                let number = hits.withLock { count in
                    count += 1
                    return count
                }
                return echo.reply(to: request, isFirst: number == 1)
            }
            let command =
                isWrite ? ["apply", "manifest.yaml", "--auto-approve", "-o", "json"] : ["plan"]
            let run = try await tool.run(
                command + ["--endpoint", azure.url, "-v", "--log-level", "trace"],
                token: token
            )
            let hunt = SecretHunt(SecretHunt.parts(of: token) + queries.withLock { Array($0) })
            #expect(hunt.found(in: run) == [], "\(run.transcript)")
            #expect(try hunt.files(of: tool) == [])
            #expect(run.endedWell, "\(run.transcript)")
            if isWrite { _ = try run.json() }
            #expect(hits.withLock { $0 } > 0)
            #expect(azure.arrivals.contains { $0.authorization == "Bearer \(token)" })
        }
    }

    @Test("A failed operation echoes the token and its signed URL in vain", arguments: tokens)
    func operation(token: String) async throws {
        let azure = try LoopbackAzure()
        let tool = try Tool()
        try tool.write("manifest.yaml", EndToEnd.manifest())
        let queries = Mutex<Set<String>>([])
        // Takes the change back, so that the failure is reported and not made up for by what a GET shows.
        azure.state.install([
            FaultRule(method: .patch, times: nil, action: .longRunning(LongRunningFault(.failed)))
        ])
        let router = EmulatorRouter(state: azure.state)
        azure.intercept { request, _ in
            guard request.url.path.contains("/operations/") else { return nil }
            _ = router.reply(to: request)
            queries.withLock { $0.formUnion(Self.signatures(in: request)) }
            let authorization = request.header("Authorization") ?? ""
            let said = "\(request.url.absoluteString) \(authorization) \(authorization.dropFirst(7))"
            let error: JSONValue = ["code": "OperationFailed", "message": .string(said)]
            return EmulatorReply(.json(["status": "Failed", "error": error]))
        }
        let run = try await tool.run(
            [
                "apply", "manifest.yaml", "--auto-approve", "--endpoint", azure.url, "-o", "json", "-v",
                "--log-level", "trace",
            ],
            token: token
        )
        #expect(try run.statuses()["vm/web"] == "failed", "\(run.transcript)")
        let signatures = queries.withLock { Array($0) }
        #expect(signatures.count > 3)
        let hunt = SecretHunt(SecretHunt.parts(of: token) + signatures)
        #expect(hunt.found(in: run) == [], "\(run.transcript)")
        #expect(try hunt.files(of: tool) == [])
    }

    /// The values of a signed query, and the query itself.
    private static func signatures(in request: HTTPRequest) -> [String] {
        guard request.url.path.contains("/operations/"), let query = request.url.query(percentEncoded: true)
        else {
            return []
        }
        let values = query.split(separator: "&").compactMap { $0.split(separator: "=").last.map(String.init) }
        return [query] + values.filter { $0.count > 30 }
    }

    @Test(
        "No command prints what the environment holds",
        arguments: [
            ["validate", "manifest.yaml"], ["validate", "bad.yaml"], ["plan", "bad.yaml"],
            ["plan", "--bogus"],
            ["plan", "--emulator", "state.json"], ["plan", "--endpoint", "http://example.com"],
            ["plan", "--endpoint", "http://127.0.0.1:1"], ["apply", "--plan", "absent.json"], ["apply"],
            ["demo"],
            ["schema"], ["version"], ["help"], ["help", "credentials"], ["help", "environment"],
        ]
    )
    func commands(_ command: [String]) async throws {
        let bench = try CredentialBench(publicCloud: true)
        try bench.tool.write("manifest.yaml", EndToEnd.manifest())
        try bench.tool.write("bad.yaml", "version: 1\nidentites: []\n")
        try bench.tool.write("state.json", #"{"format": "idsync.emulator/1"}"#)
        var environment: [String: String] = [:]
        for flow in CredentialBench.Flow.allCases { environment.merge(try bench.environment(flow)) { $1 } }
        for extra in [["-v", "--log-level", "trace"], ["-o", "json"]] {
            let run = try await bench.tool.run(command + extra, environment: environment)
            #expect(SecretHunt(bench.secrets).found(in: run) == [], "\(run.transcript)")
            #expect(run.endedWell, "\(run.transcript)")
        }
    }

    @Test("The emulator as a server prints no token that it was sent")
    func emulate() async throws {
        let tool = try Tool()
        try tool.write("manifest.yaml", EndToEnd.manifest())
        let server = try tool.start(["emulate", "-v", "--log-level", "trace"], watched: true)
        #expect(await server.says("try: "))
        let url = server.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let token = Self.tokens[0]
        let plan = try await tool.run(
            ["plan", "--endpoint", url, "-v", "--log-level", "trace"],
            token: token
        )
        #expect(plan.out.contains("Plan: "), "\(plan.transcript)")
        server.signal(SIGTERM)
        let end = try await server.finished()
        #expect(end.code == 0, "\(end.transcript)")
        let hunt = SecretHunt(SecretHunt.parts(of: token))
        #expect(hunt.found(in: end) + hunt.found(in: plan) == [])
    }

    @Test("The hunt itself finds what it looks for")
    func control() throws {
        let tool = try Tool()
        try tool.write("log/run.txt", "Authorization: Bearer \(Self.tokens[0])")
        let hunt = SecretHunt(SecretHunt.parts(of: Self.tokens[0]) + ["s+c/r=t"])
        #expect(try hunt.files(of: tool) == ["log/run.txt"])
        #expect(hunt.found(in: "client_secret=s%2Bc%2Fr%3Dt") == ["s%2Bc%2Fr%3Dt"])
        #expect(hunt.found(in: "nothing") == [])
    }
}
