import Foundation
import IdSyncCore
import TestSupport
import Testing
import YAMLDocument

/// From bytes to the desired state, and what is said on the way.
struct ManifestLoaderTests {
    private func load(_ files: (String, String)...) -> ManifestLoad {
        ManifestLoader.load(documents: files.map { (name: $0.0, bytes: Data($0.1.utf8)) })
    }

    private func text(_ loaded: ManifestLoad) -> String {
        DiagnosticText.render(loaded.diagnostics, sources: loaded.sources)
    }

    private static let head = """
        version: 1
        defaults: {subscription: 80c696ff-5efa-4909-a64d-f1b616f423ca, resourceGroup: TestRG, location: westus}

        """

    @Test func everyFieldReachesTheDesiredState() throws {
        let file = try #require(try fixtures("manifests/valid").first { $0.name == "full.yaml" })
        let desired = try #require(ManifestLoader.load(documents: [file]).desired)
        #expect(desired.cloud.name == "AzureUSGovernment")
        #expect(
            desired.apiVersions
                == APIVersions(compute: "2018-06-01", managedIdentity: "2015-08-31-preview")
        )
        #expect(desired.protected.map(\.description) == ["*/Built-In-Identity-*", "keep-*"])
        #expect(desired.limits.deletes.count == 0)
        #expect(desired.limits.unassigns.percent == 25)
        #expect(desired.limits.unassigns.count == nil)
        let other = "11111111-2222-3333-4444-555555555555"
        #expect(desired.subscriptions == [other, Build.subscription])

        #expect(desired.identities.map(\.id.name) == ["ID2", "ID1", "OLD"])
        let identities = desired.identities
        #expect(identities[0].id.subscription == other)
        #expect(identities[0].id.resourceGroup == "Gruppe_(ä).1")
        #expect(identities[0].location == "eastus")
        #expect(identities[0].tags == ["owner": "platform", "Env": "prod"])
        #expect(identities[1].location == "West US")
        #expect(identities[1].tags == ["owner": "platform", "env": "test"])
        #expect(identities[2].presence == .absent)
        #expect(identities[2].tags == nil)
        #expect(identities[1].origin == SourceLocation(file: "full.yaml", line: 14, column: 5))

        #expect(desired.machines.map(\.id.name) == ["bare", "batch01", "myVM"])
        let machine = desired.machines[2]
        #expect(machine.systemAssigned == true)
        #expect(machine.systemOrigin == SourceLocation(file: "full.yaml", line: 24, column: 21))
        #expect(
            machine.userAssigned.map(\.id)
                == [Build.identity("ID7", group: "other-rg"), Build.identity("ID1"), Build.identity("ID9")]
        )
        // The spelling of the declaration wins over that of a short reference; a full id keeps its own.
        #expect(machine.userAssigned.map(\.id.name) == ["ID7", "ID1", "ID9"])
        #expect(machine.userAssigned[1].origin == SourceLocation(file: "full.yaml", line: 26, column: 9))
        #expect(machine.remove.map(\.id.name) == ["ID2", "OLD"])
        #expect(desired.machines[1].exclusive)
        #expect(desired.machines[1].ignore == [GlobPattern("*/Built-In-Identity-*")])
        #expect(desired.machines[1].id.resourceGroup == "Batch")
        #expect(desired.machines[0].systemAssigned == false)
        #expect(desired.machines[0].exclusive)
    }

    @Test func yamlAndJSONSayTheSame() throws {
        let file = try #require(try fixtures("manifests/valid").first { $0.name == "compact.json" })
        let json = try #require(ManifestLoader.load(documents: [file]).desired)
        #expect(json.identities.first?.tags == ["team": "😀 café", "path": "a/b"])
        // The same bytes from standard input are JSON too, by their first character.
        let piped = ManifestLoader.load(documents: [(name: "<stdin>", bytes: file.bytes)])
        #expect(piped.desired?.identities.map(\.id) == json.identities.map(\.id))
    }

    @Test func limitsKeepTheirDefaultsOneByOne() throws {
        let limits = try #require(load(("a.yaml", "version: 1\nlimits: {deletes: \"5%\"}\n")).desired).limits
        #expect(limits.deletes.percent == 5)
        #expect(limits.deletes.origin == SourceLocation(file: "a.yaml", line: 2, column: 19))
        #expect(limits.unassigns == Limits().unassigns)
    }

    @Test func orderInFilesNeverMatters() throws {
        let one = "version: 1\nidentities: [{name: ID1}, {name: ID2}]\nprotected: [a, b]\n"
        let two =
            Self.head
            + "virtualMachines: [{name: b, userAssigned: [ID1]}, {name: a, remove: [ID2]}]\nprotected: [c]\n"
        let first = try #require(load(("1.yaml", one), ("2.yaml", two)).desired)
        let second = try #require(load(("2.yaml", two), ("1.yaml", one)).desired)
        #expect(first == second)
        #expect(first.machines.count == 2)
        #expect(first.protected.map(\.description) == ["a", "b", "c"])
    }

    @Test func filesJoinAndNameBothPlacesOfADuplicate() {
        let loaded = load(
            (
                "a.yaml",
                Self.head + "identities: [{name: ID1}]\nvirtualMachines: [{name: vm, systemAssigned: true}]\n"
            ),
            (
                "b.yaml",
                Self.head + "identities: [{name: id1}]\nvirtualMachines: [{name: VM, systemAssigned: true}]\n"
            )
        )
        #expect(loaded.desired == nil)
        #expect(
            text(loaded) == """
                b.yaml:3:21: error[IDS1204]: the identity 'id1' is declared twice
                  identities: [{name: id1}]
                                      ^
                  note: first declared at a.yaml:3:21
                  note: both are /subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/\
                Microsoft.ManagedIdentity/userAssignedIdentities/id1
                b.yaml:4:26: error[IDS1205]: the virtual machine 'VM' has two entries
                  virtualMachines: [{name: VM, systemAssigned: true}]
                                           ^
                  note: the other one is at a.yaml:4:26
                  note: put everything about it into one entry

                """
        )
    }

    @Test func sectionsMayRepeatOnlyWithEqualValues() {
        let same = load(
            ("a.yaml", "version: 1\nlimits: {deletes: 1, unassigns: 2}\ncloud: AzureCloud\n"),
            ("b.json", #"{"version": 1, "limits": {"unassigns": 2, "deletes": 1}, "cloud": "AzureCloud"}"#)
        )
        #expect(same.diagnostics.map(\.code) == ["IDS1110"])
        let different = load(
            ("a.yaml", "version: 1\nlimits: {deletes: 1}\n"),
            ("b.yaml", "version: 1\nlimits: {deletes: 2}\n")
        )
        #expect(
            text(different) == """
                b.yaml:2:1: error[IDS1107]: 'limits' is given in two files with different values
                  limits: {deletes: 2}
                  ^
                  note: the other one is at a.yaml:2:1
                  note: keep it in one file; it applies to all of them

                """
        )
    }

    @Test func mistakesOfAllStagesAndFilesComeInOneRun() {
        let loaded = load(
            (
                "a.yaml",
                Self.head + "identities:\n  - name: ID1\n    name: ID2\n    colour: red\n  - &x {name: b}\n"
            ),
            ("b.yaml", "version: 1\n  bad: indent\n"),
            (
                "c.yaml",
                "version: 1\nvirtualMachines: [{name: vm, userAssigned: [unheard, ID1], remove: [id1]}]\n"
            )
        )
        // c.yaml's 'unheard' is not reported: b.yaml, which cannot be read, may declare it.
        #expect(
            text(loaded) == """
                a.yaml:5:5: error[IDS1007]: duplicate key 'name' (first at a.yaml:4:5)
                      name: ID2
                      ^
                a.yaml:6:5: error[IDS1103]: unknown key 'colour' in an identity
                      colour: red
                      ^
                  note: known here: name, subscription, resourceGroup, location, tags, state
                a.yaml:7:5: error[IDS1008]: anchors are not allowed: '&x'
                    - &x {name: b}
                      ^
                a.yaml:7:15: error[IDS1301]: 'b' is not valid: an identity name has 3 to 128 letters, digits, '-' \
                and '_', and starts with a letter or digit
                    - &x {name: b}
                                ^
                b.yaml:2:6: error[IDS1005]: not valid YAML: mapping values are not allowed in this context
                    bad: indent
                       ^
                  note: check the indentation, and put a value that contains ': ' in quotes
                c.yaml:2:69: error[IDS1207]: 'ID1' is in both 'userAssigned' and 'remove'
                  virtualMachines: [{name: vm, userAssigned: [unheard, ID1], remove: [id1]}]
                                                                                      ^
                  note: it is assigned at c.yaml:2:54

                """
        )
    }

    @Test func aBrokenFieldCausesNoFurtherMessages() {
        let loaded = load(
            (
                "a.yaml",
                """
                version: 1
                defaults: {subscription: 5, resourceGroup: TestRG, location: *l}
                identities: [{name: ID1}, {location: x}]
                virtualMachines: [{name: vm, userAssigned: [ID1, ID3, g/x12]}]

                """
            )
        )
        #expect(loaded.diagnostics.map(\.code) == ["IDS1101", "IDS1008", "IDS1102"])
    }

    @Test func aManifestThatDeclaresNothingIsWarnedOf() {
        let one = load(("a.yaml", "version: 1\nprotected: [a]\nidentities: []\n"))
        #expect(one.desired != nil)
        #expect(
            text(one) == """
                a.yaml:1:1: warning[IDS1110]: the manifest declares nothing
                  version: 1
                  ^
                  note: add entries under 'identities' or 'virtualMachines'

                """
        )
        let two = load(("a.yaml", "version: 1\n"), ("b.yaml", "version: 1\n"))
        #expect(text(two).hasPrefix("warning[IDS1110]: the manifest declares nothing\n"))
        // Nothing is known to be declared where something could not be read.
        let broken = load(("a.yaml", "version: 1\nvirtualMachines: 5\n"))
        #expect(broken.diagnostics.map(\.code) == ["IDS1101"])
    }

    @Test func noFileIsAnError() {
        let loaded = ManifestLoader.load(documents: [])
        #expect(loaded.desired == nil)
        #expect(text(loaded) == "error[IDS1108]: there is no manifest file\n")
    }

    @Test func directoriesGiveTheirManifestFilesInOrder() {
        let names = ["b.yml", ".hidden.yaml", "a.yaml", "notes.txt", "c.JSON", "yaml", "d.yaml.bak"]
        #expect(ManifestLoader.manifestFileNames(among: names) == ["a.yaml", "b.yml", "c.JSON"])
    }

    @Test func textOfTheUserCannotActOnATerminalOrALog() {
        let loaded = load(("a.yaml", "version: 1\n\"\\e[2J\\n::error::x\": 1\n"))
        #expect(
            text(loaded) == """
                a.yaml:2:1: error[IDS1103]: unknown key '\\u{1B}[2J\\n::error::x' in the manifest
                  "\\e[2J\\n::error::x": 1
                  ^
                  note: known here: version, cloud, apiVersions, defaults, identities, virtualMachines, protected, \
                limits

                """
        )
    }

    @Test func equalDiagnosticsAreShownOnce() {
        let collector = DiagnosticCollector()
        let place = SourceLocation(file: "a", line: 2, column: 1)
        collector.error(.unknownKey, "b", at: place)
        collector.warning(.asksNothing, "c", at: SourceLocation(file: "a", line: 1, column: 9))
        collector.error(.unknownKey, "b", at: place)
        collector.error(.noManifest, "a", at: nil)
        #expect(collector.diagnostics.map(\.message) == ["a", "c", "b"])
    }

    @Test func aFloodOfMistakesIsCountedNotKept() {
        let json = "{\"version\":1," + (0..<1500).map { "\"k\($0)\":\"ä\"" }.joined(separator: ",") + "}"
        let loaded = load(("m.json", json))
        #expect(loaded.desired == nil)
        #expect(loaded.diagnostics.count == 1001)
        #expect(loaded.diagnostics.last?.message == "1000 errors and warnings shown, 500 more")
        #expect(text(loaded).split(separator: "\n").allSatisfy { $0.count < 200 })
    }

    @Test func codesAreDistinctAndInTheirRanges() {
        let codes = DiagnosticCode.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.count == 7 && ("IDS1001"..."IDS1399").contains($0) })
        #expect(
            Set(SyntaxProblem.Kind.allCases.map(DiagnosticCode.init)).count
                == SyntaxProblem.Kind.allCases.count
        )
    }
}
