import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import TestSupport
import Testing

/// A server that answers garbage, half a body, HTML, nothing, or not at all: one clear line, exit 9, nothing broken.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndBadServerTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let reply: EmulatorReply
        /// What the error says after the path.
        let says: String

        var testDescription: String { name }

        init(_ name: String, _ status: Int, _ body: String, says: String) {
            self.name = name
            let headers = [("x-ms-request-id", "req-9"), ("Retry-After", "0")]
            reply = EmulatorReply(HTTPResponse(status: status, headers: headers, body: Data(body.utf8)))
            self.says = says
        }
    }

    static let answers = [
        Bad("nothing", 200, "", says: "200, but the body is empty (request id req-9)"),
        Bad("blanks", 200, " \n", says: "200, but the body is empty (request id req-9)"),
        Bad(
            "HTML",
            200,
            "<html>Sign in</html>",
            says: "200, but the body is an HTML page (request id req-9)"
        ),
        Bad("garbage", 200, "\u{1}\u{2}garbage", says: "200, but the body is not JSON"),
        Bad("half a list", 200, #"{"value": [{"id": "/sub"#, says: "200, but the JSON is cut off at byte"),
        Bad("a number", 200, "42", says: "200, but the JSON is not what ARM sends: "),
        Bad("another object", 200, #"{"hello": 1}"#, says: "200, but the JSON is not what ARM sends: "),
        Bad("a list of numbers", 200, #"{"value": [1, 2]}"#, says: ""),
        Bad("an HTML 404", 404, "<html>Not here</html>", says: ""),
        Bad("a proxy's 502", 502, "<html>Bad Gateway</html>", says: "502: the body is an HTML page"),
        Bad("a 500 without a body", 500, "", says: "500: the body is empty"),
        Bad("a strange status", 299, "{}", says: ""),
        Bad("no content", 204, "", says: "204, but the body is empty"),
        Bad("teapot", 418, "short and stout", says: "418: "),
    ]

    private static let list =
        "/subscriptions/\(Build.subscription)/resourceGroups/TestRG/providers/Microsoft.Compute/virtualMachines"

    @Test("A list that is none", arguments: answers)
    func list(bad: Bad) async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["web", "db", "other"]))
        try await expectFailure(tool, azure, bad, path: Self.list)
    }

    @Test("A machine that is none", arguments: answers.filter { $0.name != "an HTML 404" })
    func machine(bad: Bad) async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["db"]))
        try await expectFailure(tool, azure, bad, path: Build.vm("db").description)
    }

    /// Plans and applies against a server that only answers like this.
    private func expectFailure(_ tool: Tool, _ azure: LoopbackAzure, _ bad: Bad, path: String) async throws {
        azure.intercept { _, _ in bad.reply }
        let plan = try await tool.run(["plan", "--endpoint", azure.url], token: "t")
        #expect(plan.endedWell && plan.code != 0, "\(plan.transcript)")
        if !bad.says.isEmpty {
            #expect(plan.code == 9, "\(plan.transcript)")
            let said = plan.err + plan.out
            #expect(said.contains("GET \(path): \(bad.says)"), "\(plan.transcript)")
            #expect(plan.errorLines.count == 1 && plan.err.contains("req-9"), "\(plan.transcript)")
        }
        try expectWholePlan(tool)
        let apply = try await tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "-o", "json", "--endpoint", azure.url],
            token: "t"
        )
        #expect(apply.code == plan.code, "\(apply.transcript)")
        _ = try apply.json()
        #expect(azure.attemptedWrites.isEmpty)
    }

    /// What is saved can be read, or there is nothing saved.
    private func expectWholePlan(_ tool: Tool) throws {
        let path = tool.folder.appending(path: ".idsync/plan.json").path
        guard let data = FileManager.default.contents(atPath: path) else { return }
        _ = try SavedPlan(parsing: data)
    }

    @Test("A connection that never brings an answer")
    func connection() async throws {
        let deliveries = [
            EmulatorReply.Delivery.lost, .raw(Data()), .raw(Data("SSH-2.0-OpenSSH\r\n".utf8)),
            .cut(after: 10),
        ]
        // Side by side, because each waits for the whole of its retries.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for delivery in deliveries { group.addTask { try await expectSilence(delivery) } }
            try await group.waitForAll()
        }
    }

    private func expectSilence(_ delivery: EmulatorReply.Delivery) async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["db"]))
        let good = try await tool.run(["plan", "--endpoint", azure.url], token: "t")
        #expect(good.code == 0, "\(good.transcript)")
        let body = Data(#"{"value": [], "padding": "………………………"}"#.utf8)
        azure.intercept { _, _ in EmulatorReply(HTTPResponse(status: 200, body: body), delivery: delivery) }
        let plan = try await tool.run(["plan", "--endpoint", azure.url, "-o", "json"], token: "t")
        #expect(plan.code == 9, "\(plan.transcript)")
        _ = try plan.json()
        #expect(plan.errorLines.count == 1, "\(plan.transcript)")
        #expect(plan.err.contains("GET \(Build.vm("db")): "), "\(plan.transcript)")
        #expect(plan.err.contains("attempts)"), "\(plan.transcript)")
        try expectWholePlan(tool)
    }

    @Test("A server that dies while it is read")
    func dies() async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.manifest())
        let url = azure.url
        let turnstile = Turnstile()
        defer { turnstile.open() }
        azure.intercept { _, number in
            guard number > 1 else { return nil }
            turnstile.pass()
            return EmulatorReply(HTTPResponse(status: 0), delivery: .lost)
        }
        let run = try tool.start(["plan", "--endpoint", url], environment: ["IDSYNC_ACCESS_TOKEN": "t"])
        #expect(await turnstile.arrival())
        turnstile.open()
        azure.stop()
        let plan = try await run.finished()
        #expect(plan.endedWell && plan.code != 0, "\(plan.transcript)")
        #expect((plan.out + plan.err).contains("onnection"), "\(plan.transcript)")
        try expectWholePlan(tool)
    }

    @Test("Half of ARM is broken: what could be read is still shown")
    func partly() async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.manifest())
        azure.intercept { request, _ in
            guard request.url.path.hasSuffix("/virtualMachines/web") else { return nil }
            let headers = [("x-ms-request-id", "req-9")]
            return EmulatorReply(HTTPResponse(status: 200, headers: headers, body: Data("<html>".utf8)))
        }
        // One machine in a group of its own, so that it is read by itself.
        try tool.write(
            "manifest.yaml",
            EndToEnd.head() + """
                virtualMachines:
                  - {name: web, systemAssigned: false}
                  - {name: lonely, resourceGroup: other-rg, systemAssigned: true}

                """
        )
        let plan = try await tool.run(["plan", "--endpoint", azure.url], token: "t")
        #expect(plan.code != 0 && plan.endedWell, "\(plan.transcript)")
        #expect(plan.out.contains("web") && plan.out.contains("lonely"), "\(plan.transcript)")
        #expect(plan.out.contains("the body is an HTML page (request id req-9)"), "\(plan.transcript)")
        #expect(plan.out.split(separator: "\n").last?.hasPrefix("Plan: ") == true)
        #expect(azure.attemptedWrites.isEmpty)
    }

    @Test(
        "Garbage in answer to a write that was made is never a lost write",
        arguments: ["html", "cut", "garbage", "empty"]
    )
    func write(kind: String) async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["db"]))
        let struck = Mutex(false)
        let router = EmulatorRouter(state: azure.state)
        azure.intercept { request, _ in
            let isFirst = struck.withLock { seen in
                defer { seen = seen || request.method == .patch }
                return request.method == .patch && !seen
            }
            guard isFirst else { return nil }
            _ = router.reply(to: request)
            switch kind {
            case "html": return EmulatorReply(HTTPResponse(status: 200, body: Data("<html>".utf8)))
            case "garbage": return EmulatorReply(HTTPResponse(status: 200, body: Data([0, 255, 1])))
            case "empty": return EmulatorReply(HTTPResponse(status: 200))
            default:
                return EmulatorReply(
                    HTTPResponse(status: 200, body: Data("{\"id\"".utf8)),
                    delivery: .cut(after: 2)
                )
            }
        }
        let apply = try await tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "-o", "json", "--endpoint", azure.url],
            token: "t"
        )
        #expect(apply.code == 0, "\(apply.transcript)")
        #expect(try apply.statuses() == ["vm/db": "applied"])
        #expect(try apply.json()["summary"]?["azureModified"] == true)
        #expect(azure.carried(by: "db") == ["(system)", "FOREIGN", "OLD"])
    }
}
