import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

struct ARMPagingTests {
    private let path = "/subscriptions/s/providers/Microsoft.Compute/virtualMachines"

    private struct Item: Decodable, Sendable, Equatable {
        let name: String
    }

    private func first(_ rig: Rig) async throws(ARMFailure) -> ARMRawPage {
        try await rig.client.firstPage(path: path, apiVersion: "1")
    }

    private func names(_ page: ARMRawPage) throws(ARMFailure) -> [String] {
        try page.items(of: Item.self).map(\.name)
    }

    private func all(_ rig: Rig) async throws(ARMFailure) -> [[String]] {
        var page = try await first(rig)
        var found = [try names(page)]
        while let link = page.next {
            page = try await rig.client.page(after: link)
            found.append(try names(page))
        }
        return found
    }

    @Test func followsLinksUnchangedUntilThereIsNone() async throws {
        let link = "https://management.azure.com:443\(path)?api-version=1&$skiptoken=a%2Bb|c"
        let rig = try Rig([
            .json(200, #"{"value":[{"name":"a"},{"name":"b"}],"nextLink":"\#(link)"}"#),
            .json(200, #"{"nextLink":"\#(path)?page=3","value":[]}"#),
            .json(200, #"{"nextLink":"https:\/\/management.azure.com\/x?p=\u0034","value":null}"#),
            .json(200, #"{"nextLink":"\#(path)?page=5"}"#),
            .json(200, #"{"value":[{"name":"c"}],"nextLink":null}"#),
        ])
        #expect(try await all(rig) == [["a", "b"], [], [], [], ["c"]])
        #expect(
            rig.script.requests.map(\.url.absoluteString) == [
                "https://management.azure.com\(path)?api-version=1",
                link.replacingOccurrences(of: "|", with: "%7C"),
                "https://management.azure.com\(path)?page=3",
                "https://management.azure.com/x?p=4",
                "https://management.azure.com\(path)?page=5",
            ]
        )
        #expect(rig.script.requests.allSatisfy { $0.header("authorization") == "Bearer token-1" })
    }

    @Test(arguments: ["\"\"", "null", "5", "{}", "[\"https://evil.example\"]"])
    func takesOnlyATextAsALink(link: String) async throws {
        let rig = try Rig([.json(200, #"{"value":[{"name":"a"}],"nextLink":\#(link)}"#)])
        #expect(try await all(rig) == [["a"]])
    }

    @Test func takesOnlyTheLinkOfThePageItself() async throws {
        let body =
            #"{"value":[{"name":"nextLink","x":{"nextLink":"https://evil.example/"}},{"name":"b\\\"","y":"nextLink"}]}"#
        let rig = try Rig([.json(200, body)])
        #expect(try await all(rig) == [["nextLink", "b\\\""]])
    }

    @Test(arguments: [
        ("https://evil.example/x?sig=secret", "https://evil.example"),
        ("//evil.example/x", "https://evil.example"),
        ("http://management.azure.com/x", "http://management.azure.com"),
        ("https://management.azure.com:8443/x", "https://management.azure.com:8443"),
        ("https://token@management.azure.com/x", "https://management.azure.com"),
        ("https://management.azure.com@evil.example/x", "https://evil.example"),
    ])
    func refusesAForeignLink(link: String, host: String) async throws {
        let rig = try Rig([.json(200, #"{"value":[],"nextLink":"\#(link)"}"#)])
        let failure = try #require(await caught { try await all(rig) })
        #expect(failure == .foreignURL(link: "nextLink", host: host, ARMCall(method: .get, path: path)))
        #expect(rig.script.requests.count == 1, "nothing is sent to a foreign host")
    }

    @Test func refusesACircle() async throws {
        let rig = try Rig([
            .json(200, #"{"value":[],"nextLink":"/a"}"#), .json(200, #"{"value":[],"nextLink":"/b"}"#),
            .json(200, #"{"value":[],"nextLink":"/a"}"#),
        ])
        let failure = try #require(await caught { try await all(rig) })
        #expect(failure.message.contains("nextLink leads back to a page already read"))
    }

    @Test func repeatsAPageThatFailed() async throws {
        let rig = try Rig([
            .json(200, #"{"value":[{"name":"a"}],"nextLink":"/b"}"#),
            .json(502, #"{"error":{"code":"ProviderError","message":"m"}}"#),
            .json(200, #"{"value":[{"name":"b"}]}"#),
        ])
        let link = try #require(try await first(rig).next)
        do throws(ARMFailure) {
            _ = try await rig.client.page(after: link)
            Issue.record("the second page should have failed")
        } catch {
            #expect(error.errorClass == .transient)
        }
        let second = try await rig.client.page(after: link)
        #expect(try names(second) == ["b"])
        #expect(second.next == nil)
    }

    @Test(arguments: [
        ("", "the body is empty"), ("<html>", "the body is an HTML page"),
        (#"{"value":[{"na"#, "the JSON is cut off at byte 14"),
        ("[]", "the JSON is not what ARM sends: the top level is not an object"),
        ("]", "the body is not JSON (byte 0)"), (#"{"value":[}"#, "the body is not JSON (byte 10)"),
        (#"{"value":{}}"#, "the JSON is not what ARM sends: 'value' has another type"),
        (#"{"value":[{}]}"#, "the JSON is not what ARM sends: 'value.[0].name' is missing"),
    ])
    func explainsAMalformedPage(body: String, expected: String) async throws {
        let rig = try Rig([.json(200, body)])
        let failure = try #require(await caught { try await all(rig) })
        #expect(failure.message == "GET \(path): 200, but \(expected)")
    }
}
