import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

@Suite struct CredentialPartsTests {
    @Test("claims of a token")
    func claims() throws {
        let token = FakeToken.jwt([
            "oid": "o", "appid": "a", "azp": "z", "tid": "t", "xms_mirid": "/subscriptions/s",
            "exp": 1_700_000_000,
            "name": "üÿ?>",
        ])
        let claims = try #require(TokenClaims(Secret(token)))
        #expect(claims.objectID == "o")
        #expect(claims.clientID == "a")
        #expect(claims.managedIdentityResourceID == "/subscriptions/s")
        #expect(claims.expiresOn == Date(timeIntervalSince1970: 1_700_000_000))
        let second = try #require(TokenClaims(Secret(FakeToken.jwt(["azp": "z", "exp": "x", "oid": 7]))))
        #expect(second.clientID == "z")
        #expect(second.expiresOn == nil)
        #expect(second.objectID == nil)
    }

    @Test(
        "opaque and broken tokens have no claims",
        arguments: [
            "", ".", "..", "opaque", "a.b", "a.b.c", "a.e30.c.d", "a.W10.c", "a.\u{1F600}.c", "a.e30=.c.",
            "a." + String(repeating: "A", count: 70_000) + ".c",
            "a." + Data(String(repeating: "[", count: 20_000).utf8).base64EncodedString() + ".c",
        ]
    )
    func opaque(_ token: String) { #expect(TokenClaims(Secret(token)) == nil) }

    @Test(
        "form encoding",
        arguments: [
            ("AZaz09-._~", "AZaz09-._~"), (" +&=%/?#", "%20%2B%26%3D%25%2F%3F%23"),
            ("ü€\u{1F600}", "%C3%BC%E2%82%AC%F0%9F%98%80"),
            ("\0\r\n", "%00%0D%0A"), ("", ""),
        ]
    )
    func formEncoding(_ text: String, _ expected: String) {
        #expect(FormEncoding.encode(text) == expected)
        #expect(expected.removingPercentEncoding == text)
    }

    @Test(
        "adding to a query",
        arguments: [
            ("https://h/p", "https://h/p?a=1%2F2"), ("https://h/p?x=y", "https://h/p?x=y&a=1%2F2"),
            ("https://h/p?", "https://h/p?a=1%2F2"),
        ]
    )
    func query(_ base: String, _ expected: String) throws {
        let url = try #require(URL(string: base))
        #expect(FormEncoding.url(url, adding: [("a", "1/2")])?.absoluteString == expected)
    }

    @Test(
        "where plain http may go",
        arguments: [
            ("http://localhost/", true, true), ("http://LOCALHOST:1/", true, true),
            ("http://127.9.9.9/", true, true),
            ("http://[::1]:8080/", true, true), ("http://169.254.169.254/", false, true),
            ("http://10.0.0.1/", false, true), ("http://172.16.0.1/", false, true),
            ("http://172.32.0.1/", false, false),
            ("http://192.168.1.1/", false, true), ("http://192.169.1.1/", false, false),
            ("http://127.0.0.1.evil.example/", false, false), ("http://0177.0.0.1/", false, false),
            ("http://127.1/", false, false), ("http://localhost.evil.example/", false, false),
            ("http://evil.example/", false, false), ("https://evil.example/", true, true),
            ("https://user@h/", false, false), ("https://h/#f", false, false),
            ("file:///etc/passwd", false, false),
            ("/relative", false, false), ("", false, false),
        ]
    )
    func endpointRule(_ text: String, _ loopback: Bool, _ nearby: Bool) {
        #expect(((try? EndpointRule.secureOrLoopback.url(text, from: "X")) != nil) == loopback)
        #expect(((try? EndpointRule.secureOrNearby.url(text, from: "X")) != nil) == nearby)
    }

    @Test(
        "the end of a token: the earlier of both, else its own claim",
        arguments: [
            (#""expires_in":3600"#, 1_003_600), (#""expires_in":"3600""#, 1_003_600),
            (#""expires_on":"1001000","expires_in":3600"#, 1_001_000), (#""expires_on":1001000"#, 1_001_000),
            (#""expires_on":"nan","expires_in":-5"#, nil), (#""expires_on":"08/01/2030 00:00:00""#, nil),
        ] as [(String, Double?)]
    )
    func replyExpiry(_ members: String, _ expected: Double?) throws {
        let body = Data(#"{"access_token":"t",\#(members)}"#.utf8)
        let reply = try #require(TokenReply(body, receivedAt: Date(timeIntervalSince1970: 1_000_000)))
        #expect(reply.token.expiresOn == expected.map { Date(timeIntervalSince1970: $0) })
    }

    @Test("what a service said is quoted scrubbed, on one line and shortly")
    func quotation() {
        #expect(
            Scrubber(secrets: [Secret("xyz")]).quote("a\r\n\u{1B}[1mb\u{202E}  c xyz") == "a [1mb c xyz",
            "three characters would be found in ordinary words"
        )
        #expect(Scrubber().quote(String(repeating: "x", count: 1_000)).count == Scrubber.quotation + 1)
    }

    @Test(
        "hints by number in error_codes, or in the text alone",
        arguments: [
            700_024, 7_000_215, 7_000_222, 70_021, 700_211, 700_212, 700_213, 700_016, 90_002,
        ]
    )
    func hints(_ number: Int) {
        let listed = Data(#"{"error":"invalid_client","error_codes":[\#(number)]}"#.utf8)
        let written = Data(#"{"error":"invalid_client","error_description":"AADSTS\#(number): no"}"#.utf8)
        let first = AuthorityRefusal(listed, hiding: []).message(host: "h", status: 400)
        let second = AuthorityRefusal(written, hiding: []).message(host: "h", status: 400)
        #expect(first.hasPrefix("h refused the request (HTTP 400): invalid_client; "))
        #expect(second.hasPrefix("h refused the request (HTTP 400): AADSTS\(number): no; "))
    }
}
