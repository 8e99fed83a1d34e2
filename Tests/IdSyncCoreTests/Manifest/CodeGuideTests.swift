import Foundation
import Testing

@testable import IdSyncCore

/// Every code that the program prints is explained.
struct CodeGuideTests {
    private var known: [String] { CodeGuide.all.map(\.code) }

    @Test func codesAreExplainedOnceAndInOrder() {
        #expect(known == known.sorted())
        #expect(Set(known).count == known.count)
        #expect(Set(DiagnosticCode.allCases.map(\.rawValue)).subtracting(known) == [])
        #expect(Set(Gate.allCases.map(\.code)).subtracting(known) == [])
    }

    /// A code that somebody adds is a literal somewhere in the sources.
    @Test func everyCodeInTheSourcesIsExplained() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources")
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter {
            $0.hasSuffix(".swift")
        }
        var found: Set<String> = []
        for name in names {
            let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
            found.formUnion(text.matches(of: /"(IDS[0-9]{4})"/).map { String($0.output.1) })
        }
        #expect(found.count > 50)
        #expect(found.subtracting(known) == [])
        let built = Set(Gate.allCases.map(\.code))
        #expect(Set(known).subtracting(found).subtracting(built) == [], "explained, but never printed")
    }

    @Test func textsArePlainSentences() {
        for guide in CodeGuide.all {
            #expect(guide.meaning.hasSuffix(".") && guide.advice.hasSuffix("."), "\(guide.code)")
            #expect(guide.title.count <= 50 && !guide.title.hasSuffix("."), "\(guide.code)")
            #expect(guide.meaning.count <= 300 && guide.advice.count <= 150, "\(guide.code)")
        }
    }

    @Test func codesAreFoundInAnyCaseAndGatesByName() {
        #expect(CodeGuide.find("ids1103")?.title == "unknown key")
        #expect(CodeGuide.find("dangling-reference")?.code == Gate.inUse.code)
        #expect(CodeGuide.find("IDS9999") == nil)
    }

    @Test func warningsAreCalledWarnings() {
        let warnings = CodeGuide.all.filter { $0.kind == .manifestWarning }.map(\.code)
        #expect(warnings == ["IDS1110", "IDS1212", "IDS1215", "IDS1302"])
    }
}
