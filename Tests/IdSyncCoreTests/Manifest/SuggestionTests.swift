import Testing

@testable import IdSyncCore

/// Near matches.
struct SuggestionTests {
    @Test(arguments: [
        ("identites", ["identities"]), ("Identities", ["identities"]), ("nmae", ["name"]), ("name", ["name"]),
        ("colour", []), ("x", []), ("", []), ("lmits", ["limits"]),
    ])
    func nearNames(_ text: String, _ expected: [String]) {
        #expect(Suggestion.near(text, among: ["identities", "name", "limits", "protected"]) == expected)
    }

    @Test func nearestFirstThenByNameAndAtMostThree() {
        #expect(
            Suggestion.near("web-01", among: ["web-10", "web-2", "web-03", "web-02", "web-01x"]) == [
                "web-01x", "web-02", "web-03",
            ]
        )
        #expect(
            Suggestion.notes(["web-02", "web-03", "web-04"])
                == ["did you mean 'web-02', 'web-03' or 'web-04'?"]
        )
        #expect(Suggestion.notes([]) == [])
    }

    @Test func longTextsAreNotCompared() {
        let long = String(repeating: "a", count: 200)
        #expect(Suggestion.near(long, among: [long]) == [])
    }

    @Test func swapsCountOnce() {
        #expect(Suggestion.distance(Array("abcd".unicodeScalars), Array("acbd".unicodeScalars)) == 1)
        #expect(Suggestion.distance(Array("kitten".unicodeScalars), Array("sitting".unicodeScalars)) == 3)
        #expect(Suggestion.distance([], Array("ab".unicodeScalars)) == 2)
    }
}
