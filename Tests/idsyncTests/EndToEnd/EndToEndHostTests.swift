import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// The token goes to one host only: redirects and links to another one are refused, and that host hears nothing.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndHostTests {
    /// How ARM tries to send the client elsewhere.
    enum Lure: String, CaseIterable, Sendable {
        case redirect301, redirect302, redirect303, redirect307, redirect308, nextLink

        func reply(to target: String) -> HTTPResponse {
            let id = (name: "x-ms-request-id", value: "req-7")
            guard self != .nextLink else {
                return .json(
                    ["value": [], "nextLink": .string(target + "/next?$skiptoken=1")],
                    headers: [id]
                )
            }
            let status = Int(rawValue.suffix(3)) ?? 307
            return HTTPResponse(status: status, headers: [("Location", target + "/elsewhere?a=b"), id])
        }

        /// What the error says about it.
        func message(_ path: String, host: String, target: String) -> String {
            self == .nextLink
                ? "GET \(path): nextLink leads to \(target), which is not the endpoint; it was not followed (request id req-7)"
                : "GET \(path): \(rawValue.suffix(3)) redirect to \(host) refused; check the endpoint (request id req-7)"
        }
    }

    private static let list =
        "/subscriptions/\(Build.subscription)/resourceGroups/TestRG/providers/Microsoft.Compute/virtualMachines"

    /// A reachable server elsewhere: on another port, or on another name of this machine and another port.
    private func expectSilence(_ other: LoopbackAzure, _ target: String) async throws {
        #expect(other.arrivals.isEmpty)
        let url = try #require(URL(string: target + "/elsewhere"))
        _ = try await URLSessionTransport().send(HTTPRequest(.get, url))
        #expect(other.arrivals.count == 1)
    }

    @Test("Reading refuses to be led elsewhere", arguments: Lure.allCases, ["127.0.0.1", "localhost"])
    func reading(lure: Lure, host: String) async throws {
        let (tool, azure, other) = (try Tool(), try LoopbackAzure(), try LoopbackAzure())
        // A list, so that both kinds of lure can be laid at the same place.
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["web", "db", "other"]))
        let target = "http://\(host):\(other.port)"
        azure.intercept { _, _ in EmulatorReply(lure.reply(to: target)) }
        let plan = try await tool.run(["plan", "--endpoint", azure.url], token: "secret")
        #expect(plan.code == 9, "\(plan.transcript)")
        let message = lure.message(Self.list, host: host, target: target)
        #expect(plan.errorLines == ["error: the live state cannot be read: \(message)"])
        #expect(azure.arrivals.count == 1)

        let apply = try await tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "-o", "json", "--endpoint", azure.url],
            token: "secret"
        )
        #expect(apply.code == 9, "\(apply.transcript)")
        #expect(try apply.json()["exitCode"] == 9)
        #expect(azure.attemptedWrites.isEmpty)
        try await expectSilence(other, target)
    }

    @Test("Another name of the same machine and the same port is another host")
    func sameMachine() async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["web", "db", "other"]))
        let target = "http://localhost:\(azure.port)"
        azure.intercept { _, _ in EmulatorReply(Lure.nextLink.reply(to: target)) }
        let plan = try await tool.run(["plan", "--endpoint", azure.url], token: "secret")
        #expect(plan.code == 9, "\(plan.transcript)")
        #expect(azure.arrivals.count == 1)
    }

    @Test(
        "A write is not sent on to another host, whatever the redirect",
        arguments: Lure.allCases.filter { $0 != .nextLink }
    )
    func writing(lure: Lure) async throws {
        let (tool, azure, other) = (try Tool(), try LoopbackAzure(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["db"]))
        let target = "http://localhost:\(other.port)"
        azure.intercept { request, _ in
            request.method == .get ? nil : EmulatorReply(lure.reply(to: target))
        }
        let apply = try await tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "-o", "json", "--endpoint", azure.url],
            token: "secret"
        )
        #expect(apply.code == 9, "\(apply.transcript)")
        let error = try #require(try apply.json()["changes"]?.array?.first?["error"])
        #expect(error["code"] == "redirect")
        #expect(error["requestId"] == "req-7")
        #expect(
            error["message"]
                == .string(
                    "PATCH \(Build.vm("db")): \(lure.rawValue.suffix(3)) redirect to localhost refused; "
                        + "check the endpoint (request id req-7)"
                )
        )
        #expect(azure.carried(by: "db") == EndToEnd.before["db"])
        try await expectSilence(other, target)
    }

    @Test(
        "An operation URL on another host is not followed",
        arguments: ["Azure-AsyncOperation", "Location"]
    )
    func operation(header: String) async throws {
        let (tool, azure, other) = (try Tool(), try LoopbackAzure(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["db"]))
        let target = "http://localhost:\(other.port)"
        azure.intercept { request, _ in
            guard request.method == .patch else { return nil }
            let headers = [
                (name: header, value: target + "/op?s=1"), (name: "x-ms-request-id", value: "req-7"),
            ]
            return EmulatorReply(HTTPResponse(status: 202, headers: headers))
        }
        let apply = try await tool.run(
            ["apply", "manifest.yaml", "--auto-approve", "-o", "json", "--endpoint", azure.url],
            token: "secret"
        )
        // ARM accepted the write, so something was written.
        #expect(apply.code == 7, "\(apply.transcript)")
        let error = try #require(try apply.json()["changes"]?.array?.first?["error"])
        #expect(error["code"] == "foreign-url")
        #expect(error["requestId"] == "req-7")
        #expect(
            error["message"]
                == .string(
                    "PATCH \(Build.vm("db")): \(header) leads to \(target), which is not the endpoint; "
                        + "it was not followed (request id req-7)"
                )
        )
        try await expectSilence(other, target)
    }

    @Test("Plain http leaves this machine neither by flag nor by manifest nor by a saved plan")
    func plainHTTP() async throws {
        let tool = try Tool()
        try tool.write("manifest.yaml", EndToEnd.manifest())
        let flag = try await tool.run(["plan", "--endpoint", "http://example.com"], token: "secret")
        #expect(flag.code == 64, "\(flag.transcript)")
        let cloud = EndToEnd.cloud(resourceManager: "http://example.com", authority: "https://example.com")
        try tool.write("cloud.yaml", EndToEnd.manifest(cloud: cloud))
        let manifest = try await tool.run(["plan", "cloud.yaml"], token: "secret")
        #expect(manifest.code == 3, "\(manifest.transcript)")
        let variable = try await tool.run(
            ["plan", "--auth", "secret"],
            environment: [
                "AZURE_AUTHORITY_HOST": "http://example.com", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
                "AZURE_CLIENT_SECRET": "s",
            ]
        )
        #expect(variable.code == 4, "\(variable.transcript)")
        #expect(variable.err.contains("AZURE_AUTHORITY_HOST is an http URL of another machine"))
    }
}
