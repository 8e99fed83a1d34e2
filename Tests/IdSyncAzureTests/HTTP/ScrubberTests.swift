import Foundation
import IdSyncAzure
import Testing

struct ScrubberTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let expected: String

        init(_ name: String, _ text: String, _ expected: String) {
            (testDescription, self.text, self.expected) = (name, text, expected)
        }
    }

    @Test(arguments: [
        Case("plain text stays", "The Resource 'vm1' was not found.", "The Resource 'vm1' was not found."),
        Case(
            "ids stay",
            "'/subscriptions/1/resourceGroups/rg.(x)/providers/Microsoft.Compute/virtualMachines/v' is locked",
            "'/subscriptions/1/resourceGroups/rg.(x)/providers/Microsoft.Compute/virtualMachines/v' is locked"
        ),
        Case("a web token", "token eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl is bad", "token <redacted> is bad"),
        Case("half a web token", "eyJhbGciOiJSUzI1", "<redacted>"),
        Case("a bearer header", "Authorization: Bearer abcdefghijk123", "Authorization: Bearer <redacted>"),
        Case("a signature", "blob?sv=1&sig=abc%2Fdef&x=1 gone", "blob?<redacted> gone"),
        Case(
            "a signed operation URL",
            "see https://h/operations/1?p=2&t=6&c=MIIH&s=ab&h=cd.",
            "see https://h/operations/1?<redacted>"
        ),
        Case("a form field", "client_assertion=abc.def&scope=x", "client_assertion=<redacted>&scope=x"),
        Case(
            "a JSON field",
            #"{"access_token":"abc","expires_in":1}"#,
            #"{"access_token":"<redacted>","expires_in":1}"#
        ),
        Case(
            "an escaped JSON field",
            #"{\"client_secret\": \"abc\"}"#,
            #"{\"client_secret\": \"<redacted>\"}"#
        ),
        Case("a password", "adminPassword: hunter2, x", "adminPassword: <redacted>, x"),
        Case(
            "a value in quotes may hold blanks",
            #"client_assertion=abc&sig=d%2Fe "access_token" : "q r"; sigh: no"#,
            #"client_assertion=<redacted>&sig=<redacted> "access_token" : "<redacted>"; sigh: no"#
        ),
        Case("single quotes", "password='a b c' is wrong", "password='<redacted>' is wrong"),
        Case(
            "an escaped quote in a value",
            #"{"clientSecret":"a\"b c","x":1}"#,
            #"{"clientSecret":"<redacted>","x":1}"#
        ),
        Case(
            "an escaped JSON field with blanks",
            #"{\"client_secret\": \"a b\", \"x\": 1}"#,
            #"{\"client_secret\": \"<redacted>\", \"x\": 1}"#
        ),
        Case("a value without an end", #"{"access_token": "abc def"#, #"{"access_token": "<redacted>"#),
        Case("an encoded field", "next%3Fsig%3Dabc%2Fd x", "next%3Fsig%3D<redacted> x"),
        Case(
            "an encoded JSON field",
            "%7B%22access_token%22%3A%22abc%22%7D",
            "%7B%22access_token%22%3A<redacted>%22%7D"
        ),
        Case("a short bearer header", "Authorization: Bearer x1", "Authorization: Bearer <redacted>"),
        Case("an encoded bearer header", "Bearer%20abcdefgh123 no", "Bearer%20<redacted> no"),
        Case("a short web token", "eyJhbGci", "<redacted>"),
        Case(
            "any password",
            "sshPassword=x administratorLoginPassword: y",
            "sshPassword=<redacted> administratorLoginPassword: <redacted>"
        ),
        Case("terminal control", "a\u{1B}[31mred\u{7}\r\nb\u{202E}c", "a [31mred b c"),
    ])
    func scrubs(testCase: Case) {
        #expect(Scrubber().scrub(testCase.text) == testCase.expected)
    }

    @Test func knowsTheSecretsOfTheRun() {
        let scrubber = Scrubber(secrets: [Secret("canary-token"), Secret("ab")])
        #expect(scrubber.scrub("abc canary-token!") == "abc <redacted>!")
    }

    @Test(arguments: [
        "c4n4ry~secret+&=%/ü \"x\\", "c4n4ry~secret%2B%26%3D%25%2F%C3%BC%20%22x%5C",
        "c4n4ry~secret%2b%26%3d%25%2f%c3%bc+%22x%5c", "c4n4ry%7Esecret+&=%25/%C3%BC%20\"x\\",
        #"c4n4ry~secret+&=%\/ü \"x\\"#,
    ])
    func knowsASecretHoweverItIsSpelled(spelling: String) {
        let scrubber = Scrubber(secrets: [Secret("c4n4ry~secret+&=%/ü \"x\\")])
        #expect(scrubber.scrub("a \(spelling) b") == "a <redacted> b")
        #expect(scrubber.scrub(spelling + spelling) == "<redacted><redacted>")
        #expect(!scrubber.scrub("a " + spelling.dropLast(3)).contains("<redacted>"))
    }

    @Test func quotesCredentialServicesShortly() {
        #expect(Scrubber().scrub(String(repeating: "x ", count: 1_000), limit: 400).count == 401)
    }

    @Test func cutsLongTextsOutsideOfWords() {
        let secret = "opaque-canary-secret"
        let scrubber = Scrubber(secrets: [Secret(secret)])
        for length in 70..<100 {
            let text =
                String(repeating: "x", count: length) + " " + secret + " "
                + String(repeating: "y ", count: 500)
            let shown = scrubber.scrub(text, limit: 10)
            #expect(shown.count <= 11)
            #expect(!shown.contains("opaque"))
        }
        #expect(Scrubber().scrub(String(repeating: "z", count: 5_000)).count <= 2_001)
    }

    /// Fuzz: whatever surrounds it, the canary does not come through.
    @Test func neverShowsTheCanary() {
        var dice = Dice(seed: 11)
        let canary = "eyJ0eXAiOiJKV1Qi.eyJjYW5hcnkiOiJ0.c2VjcmV0LWNhbmFyeQ"
        let parts = [
            "\"", "'", "{\"a\":", "Bearer ", "?sig=", "&", "\\\"", " ", "\n", "token=", ",", "<p>", "ü",
        ]
        for _ in 0..<500 {
            let before = (0..<Int.random(in: 0..<6, using: &dice)).map { _ in
                parts.randomElement(using: &dice) ?? ""
            }
            let after = (0..<Int.random(in: 0..<6, using: &dice)).map { _ in
                parts.randomElement(using: &dice) ?? ""
            }
            let shown = Scrubber().scrub(before.joined() + canary + after.joined())
            #expect(!shown.contains("c2VjcmV0LWNhbmFyeQ"), "seed 11: \(shown)")
            #expect(!shown.contains("eyJ0eXAiOiJKV1Qi"), "seed 11: \(shown)")
        }
    }
}
