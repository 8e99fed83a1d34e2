import Foundation
import IdSyncCore
import Testing

/// Advice works when it is followed: what a note proposes is put in place of what was wrong, and loads.
struct AdviceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// The manifest after its head, with `«` and `»` around what is wrong.
        let wrong: String
        /// How the note that proposes a text starts.
        let note: String
        var file = "a.yaml"

        var testDescription: String { wrong }
    }

    static let head = """
        version: 1
        defaults: {subscription: 80c696ff-5efa-4909-a64d-f1b616f423ca, resourceGroup: TestRG, location: westus}
        identities: [{name: ID1}, {name: "123"}, {name: true-1}]

        """
    static let list = "write a list, also for one element: "
    static let entry = "write each entry on a new line that starts with '-'"

    static let cases = [
        Case(wrong: "protected: «\"*\"»", note: list),
        Case(wrong: "protected: «'*/Built-In-\"x\"'»", note: list),
        Case(wrong: "protected: «\"a\\\\b\"»", note: list),
        Case(wrong: "protected: «\"[a\"»", note: list),
        Case(wrong: "protected: «\"#a\"»", note: list),
        Case(wrong: "protected: «{\"*\": x}»", note: "write a list: "),
        Case(wrong: "virtualMachines: [{name: v, userAssigned: «ID1»}]", note: list),
        Case(wrong: "virtualMachines: [{name: v, userAssigned: «123»}]", note: list),
        Case(wrong: "virtualMachines: [{name: v, userAssigned: [«123»]}]", note: "put it in quotes: "),
        Case(wrong: "virtualMachines:\n  «{name: vm1, systemAssigned: true}»", note: entry + ": "),
        Case(wrong: "virtualMachines:\n  «{name: \"01\"}»", note: entry + ": "),
        Case(wrong: "virtualMachines:\n  «vm1»", note: entry + ": "),
        Case(
            wrong: "virtualMachines:\n  «{vm1: {systemAssigned: true}}»",
            note: entry + ", its name in it: "
        ),
        Case(wrong: "virtualMachines: [{«systemAssigned: true»}]", note: "for example: "),
        Case(wrong: "virtualMachines: [{name: v, exclusive: true«»}]", note: "write "),
        Case(wrong: "limits: {deletes: 1}\ncloud: «AzureCluod»", note: "did you mean "),
    ]

    @Test(arguments: cases)
    func proposalsAreValid(_ row: Case) throws {
        let wrong = Self.head + row.wrong.replacing("«", with: "").replacing("»", with: "") + "\n"
        let before = load(wrong, row.file)
        let note = try #require(before.diagnostics.flatMap(\.notes).first { $0.hasPrefix(row.note) })
        var proposal = String(note.dropFirst(row.note.count))
        if row.note.hasPrefix("did you mean") { proposal = proposal.trimmingCharacters(in: ["'", "?"]) }
        if row.note == "write " { proposal = ", " + proposal.prefix { $0 != "]" } + "]" }
        let start = try #require(row.wrong.firstIndex(of: "«"))
        let end = try #require(row.wrong.firstIndex(of: "»"))
        let fixed =
            Self.head + row.wrong[..<start] + proposal + row.wrong[row.wrong.index(after: end)...] + "\n"
        let after = load(fixed, row.file)
        #expect(after.desired != nil, "\(fixed)\(after.diagnosticText)")
    }

    @Test(arguments: [
        (#"{"version": "1"}"#, #"write "version": 1, without quotes"#, #"{"version": 1}"#),
        (#"{}"#, #"for example: "version": 1"#, #"{"version": 1}"#),
        (
            #"{"version": 1, "virtualMachines": {"name": "v"}}"#, #"write a list: [{"name": "v"}]"#,
            #"{"version": 1, "virtualMachines": [{"name": "v"}]}"#
        ),
    ])
    func aJSONFileGetsJSON(_ wrong: String, _ note: String, _ fixed: String) {
        #expect(load(wrong, "a.json").diagnostics.flatMap(\.notes).contains(note))
        #expect(load(fixed, "a.json").diagnostics.allSatisfy { $0.code != "IDS1006" && $0.code != "IDS1101" })
    }

    private func load(_ text: String, _ name: String) -> ManifestLoad {
        ManifestLoader.load(documents: [(name: name, bytes: Data(text.utf8))])
    }
}
