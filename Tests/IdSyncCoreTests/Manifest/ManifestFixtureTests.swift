import Foundation
import IdSyncCore
import TestSupport
import Testing
import YAMLDocument

/// Every sample manifest goes through the program and through the schema for editors.
struct ManifestFixtureTests {
    private func schema() throws -> JSONSchemaCheck {
        try JSONSchemaCheck(parsing: Data(ManifestSchema.text.utf8))
    }

    private func violations(_ file: (name: String, bytes: Data)) throws -> [String] {
        let root = try #require(DocumentReader.read(file.bytes, named: file.name).root, "\(file.name)")
        return try schema().violations(of: JSONValue(root))
    }

    private func transcript(_ files: [(name: String, bytes: Data)]) -> String {
        files.map { file in
            let loaded = ManifestLoader.load(documents: [file])
            return "=== \(file.name)\n" + DiagnosticText.render(loaded.diagnostics, sources: loaded.sources)
        }.joined()
    }

    @Test func validSamplesPassBoth() throws {
        let files = try fixtures("manifests/valid")
        #expect(files.count >= 5)
        for file in files {
            #expect(ManifestLoader.load(documents: [file]).desired != nil, "\(file.name)")
            #expect(try violations(file) == [], "\(file.name)")
        }
        expectSnapshot(transcript(files), named: "manifest-valid.txt")
    }

    @Test func samplesOfWrongStructureFailBoth() throws {
        let files = try fixtures("manifests/invalid-structure")
        #expect(files.count >= 30)
        for file in files {
            #expect(ManifestLoader.load(documents: [file]).desired == nil, "\(file.name)")
            #expect(try violations(file) != [], "\(file.name)")
        }
        expectSnapshot(transcript(files), named: "manifest-invalid-structure.txt")
    }

    /// References, contradictions and sums are beyond a schema: the program alone finds these.
    @Test func samplesOfWrongMeaningFailTheProgramOnly() throws {
        let files = try fixtures("manifests/invalid-meaning")
        #expect(files.count >= 7)
        for file in files {
            #expect(ManifestLoader.load(documents: [file]).desired == nil, "\(file.name)")
            #expect(try violations(file) == [], "\(file.name)")
        }
        expectSnapshot(transcript(files), named: "manifest-invalid-meaning.txt")
    }

    @Test func checkedInSchemaIsTheProgramsOwn() {
        expectSnapshot(ManifestSchema.text, named: "../../../schemas/manifest.schema.json")
    }
}

extension JSONValue {
    /// The JSON that a manifest node stands for.
    init(_ node: Node) {
        switch node.content {
        case .scalar(.null), .refused: self = .null
        case .scalar(.bool(let flag)): self = .bool(flag)
        case .scalar(.integer(let number)): self = .integer(number)
        case .scalar(.number(let text)): self = .number(Double(text) ?? 0)
        case .scalar(.string(let text)): self = .string(text)
        case .sequence(let elements): self = .array(elements.map { JSONValue($0) })
        case .mapping(let pairs):
            self = .object(Dictionary(pairs.map { ($0.key, JSONValue($0.value)) }, uniquingKeysWith: { $1 }))
        }
    }
}
