import Foundation
import Testing

@testable import IdSyncCore

/// The schema says what the field tables say, and the tables' patterns what their checks do.
struct ManifestSchemaTests {
    private struct Place: Sendable {
        let path: [String]
        let spec: ObjectSpec
    }

    private static let places = [
        Place(path: [], spec: ManifestFields.object),
        Place(path: ["cloud", "anyOf", "1"], spec: CustomCloudFields.object),
        Place(path: ["apiVersions"], spec: APIVersionFields.object),
        Place(path: ["defaults"], spec: DefaultFields.object),
        Place(path: ["identities", "items"], spec: IdentityFields.object),
        Place(path: ["virtualMachines", "items"], spec: MachineFields.object),
        Place(path: ["limits"], spec: LimitFields.object),
    ]

    private func schema(at path: [String]) throws -> JSONValue {
        var value = ManifestSchema.value
        for (index, step) in path.enumerated() {
            let next = index == 0 ? value["properties"]?[step] : value[step] ?? value.array?[Int(step) ?? 0]
            value = try #require(next, "\(path)")
        }
        return value
    }

    @Test func propertiesAndRequiredAreThoseOfTheTables() throws {
        for place in Self.places {
            let schema = try schema(at: place.path)
            #expect(schema["type"] == "object")
            #expect(schema["additionalProperties"] == false)
            #expect(
                Set((schema["properties"]?.object ?? [:]).keys) == Set(place.spec.fields.map(\.name)),
                "\(place.path)"
            )
            let required = schema["required"]?.array?.compactMap(\.string) ?? []
            #expect(required == place.spec.fields.filter(\.isRequired).map(\.name), "\(place.path)")
            for name in place.spec.notYet { #expect(schema["properties"]?[name] == nil) }
        }
    }

    @Test func everyPropertyHasADescriptionAndExamplesThatAreValid() throws {
        for place in Self.places {
            for (name, property) in try schema(at: place.path)["properties"]?.object ?? [:] {
                #expect(property["description"]?.string?.hasSuffix(".") == true, "\(name)")
                #expect(property["examples"]?.array?.isEmpty == false, "\(name)")
            }
        }
    }

    @Test func enumsAreThoseOfTheTables() throws {
        let cloud = try schema(at: ["cloud"])
        #expect(
            cloud["anyOf"]?.array?.first?["enum"] == ["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"]
        )
        let state = try schema(at: ["identities", "items"])["properties"]?["state"]
        #expect(state?["enum"] == ["present", "absent"])
        #expect(try schema(at: [])["properties"]?["version"]?["const"] == 1)
    }

    private struct RuleCase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rule: TextRule
        let good: [String]
        let bad: [String]
    }

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    private static let rules = [
        RuleCase(
            testDescription: "identity name",
            rule: .identityName,
            good: ["ID1", "0ab", "a_-", repeated("a", 128)],
            bad: ["", "ab", repeated("a", 129), "-ab", "_ab", "a.b", "a b", "äbc", "abc\n"]
        ),
        RuleCase(
            testDescription: "resource group",
            rule: .resourceGroup,
            good: ["a", "Gruppe_(ä).1", "日本", "-", ".a", "()", repeated("g", 90), repeated("ä", 90)],
            bad: [
                "", "a.", ".", "a b", "a/b", "a*b", "a@b", "a[b", "a`b", "a{b", "a~", repeated("g", 91),
                "a\n",
            ]
        ),
        RuleCase(
            testDescription: "VM name",
            rule: .machineName,
            good: ["a", "ä", "web_01", "a.b", "vm-1", "a_", "-a", ".a", "a__b", repeated("v", 64)],
            bad: [
                "", "_", "-", ".", "_a", "a.", "a-", "a b", "a/b", "a\\b", "a:b", "a@b", "a\tb",
                repeated("v", 65),
            ]
        ),
        RuleCase(
            testDescription: "subscription",
            rule: .subscription,
            good: ["80c696ff-5efa-4909-a64d-f1b616f423ca", "80C696FF-5EFA-4909-A64D-F1B616F423CA"],
            bad: [
                "", "80c696ff5efa4909a64df1b616f423ca", "80c696ff-5efa-4909-a64d-f1b616f423cg",
                "{80c696ff-5efa-4909-a64d-f1b616f423ca}", "80c696ff-5efa-4909-a64d-f1b616f423ca ",
            ]
        ),
        RuleCase(
            testDescription: "location",
            rule: .location,
            good: ["westus", "West US 2", "us-east-1", repeated("w", 90)],
            bad: ["", " westus", "west/us", "wést", "_w", repeated("w", 91)]
        ),
        RuleCase(
            testDescription: "api-version",
            rule: .apiVersion(atLeast: nil),
            good: ["2024-07-01", "2015-08-31-preview", "0001-01-01"],
            bad: [
                "", "2024-7-1", "2024-00-01", "2024-13-01", "2024-01-32", "2024-01-00", "2024-07-01-beta",
                "+024-07-01",
            ]
        ),
        RuleCase(
            testDescription: "api-version since 2017-12-01",
            rule: .apiVersion(atLeast: "2017-12-01"),
            good: ["2017-12-01", "2017-12-31", "2018-01-01", "2020-01-01", "2100-01-01", "3000-01-01"],
            bad: ["2017-11-30", "2017-12-00", "2016-12-31", "2009-12-01", "1999-12-01", "0999-12-31"]
        ),
        RuleCase(
            testDescription: "api-version since 2015-08-31-preview",
            rule: .apiVersion(atLeast: "2015-08-31-preview"),
            good: [
                "2015-08-31", "2015-08-31-preview", "2015-09-01", "2015-12-31", "2016-01-01", "2023-01-31",
            ],
            bad: ["2015-08-30", "2015-08-30-preview", "2015-07-31", "2014-12-31", "2015-08-32"]
        ),
        RuleCase(
            testDescription: "resource manager",
            rule: .resourceManagerURL,
            good: [
                "https://a.example", "https://a.example:8443/", "http://localhost:80", "http://[::1]:8080",
                "http://127.9.9.9/",
            ],
            bad: [
                "", "a.example", "https://", "https://a.example/x", "https://u:p@a.example", "https://a?b",
                "https://a#b", "HTTPS://a b", "http://arm.example", "http://127.0.0.1.example",
                "http://localhost.example", "http://127.0.0.+1", "http://localhost@a.example",
            ]
        ),
        RuleCase(
            testDescription: "authority",
            rule: .authorityURL,
            good: [
                "https://a.example/adfs", "https://a.example", "http://127.1.2.3/x", "http://localhost:1",
                "http://localhost/",
            ],
            bad: [
                "", "https://", "https:///x", "https://a/b?c", "https://a@b", "http://a",
                "http://localhosts/",
            ]
        ),
        RuleCase(
            testDescription: "reference",
            rule: .reference,
            good: ["ID1", "group/ID1", "/x"],
            bad: ["", " ", "a b", "a\u{A0}b", "a\n", "a\u{1}"]
        ),
        RuleCase(
            testDescription: "tag name",
            rule: .tagName,
            good: ["a", "a b", "ä", repeated("t", 512)],
            bad: ["", "a<b", "a>b", "a%b", "a&b", "a\\b", "a?b", "a/b", repeated("t", 513)]
        ),
        RuleCase(
            testDescription: "tag value",
            rule: .tagValue,
            good: ["", "a\nb", repeated("v", 256)],
            bad: [repeated("v", 257)]
        ),
    ]

    @Test(arguments: rules)
    private func checkAndPatternAgree(_ rule: RuleCase) throws {
        let pattern = try Regex(rule.rule.pattern).matchingSemantics(.unicodeScalar)
        for text in rule.good {
            #expect(rule.rule.isMet(text), "\(text.debugDescription)")
            #expect(text.wholeMatch(of: pattern) != nil, "\(text.debugDescription)")
        }
        for text in rule.bad {
            #expect(!rule.rule.isMet(text), "\(text.debugDescription)")
            #expect(text.wholeMatch(of: pattern) == nil, "\(text.debugDescription)")
        }
    }

    /// What a pattern cannot say, the check does.
    @Test func checksAreStricterThanPatternsOnlyWhereMeant() {
        #expect(!TextRule.resourceGroup.isMet("a–b"))
        #expect(!TextRule.reference.isMet("a\u{2003}b"))
        #expect(!TextRule.resourceManagerURL.isMet("http://127.0.0.999"))
        #expect(!TextRule.resourceManagerURL.isMet("https://a.example:99999"))
    }

    /// Every pattern in a schema, wherever it stands.
    private func patterns(_ value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(patterns)
        case .object(let members):
            [members["pattern"]?.string].compactMap { $0 }
                + members.sorted { $0.key < $1.key }.flatMap { patterns($0.value) }
        default: []
        }
    }

    /// ECMA 262 with the `u` flag, Python's `re` and Go's RE2 must read a pattern, and read it alike.
    @Test(arguments: ["manifest", "plan", "report"])
    func patternsAreWhatAllValidatorsRead(name: String) throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../schemas/\(name).schema.json")
        let schema = try JSONValue(parsing: Data(contentsOf: url))
        // Any text is written [\s\S]; elsewhere the engines differ on what is a blank, a word or a digit.
        let foreign = [
            "(?", "\\p", "\\P", "\\u", "\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "\\b", "\\B", "\\k", "\\z",
        ]
        let found = patterns(schema)
        #expect(!found.isEmpty)
        for pattern in found {
            let rest = pattern.replacing("[\\s\\S]", with: "")
            for token in foreign { #expect(!rest.contains(token), "\(token) in \(pattern)") }
        }
    }
}
