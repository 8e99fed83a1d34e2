import Foundation
import TestSupport
import Testing

/// The limits that the house sets itself, counted over the sources.
struct HouseRulesTests {
    /// One source file with its path below `Sources`.
    private struct Source {
        let path: String
        let lines: [String]

        var module: String { String(path.prefix { $0 != "/" }) }

        /// The lines that hold code, with their numbers.
        var code: [(number: Int, text: String)] {
            lines.enumerated().map { ($0.offset + 1, $0.element.trimmingCharacters(in: .whitespaces)) }
                .filter { !$0.text.hasPrefix("//") }
        }

        var imports: [String] {
            code.compactMap { line in
                let words = line.text.split(separator: " ").map(String.init)
                guard let index = words.firstIndex(of: "import"), index <= 1, words.count > index + 1 else {
                    return nil
                }
                return words[index + 1]
            }
        }
    }

    private static func sources() throws -> [Source] {
        let root = Tool.repository.appending(path: "Sources").path
        let names = try FileManager.default.subpathsOfDirectory(atPath: root).filter {
            $0.hasSuffix(".swift")
        }
        return try names.sorted().map { name in
            let text = try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
            return Source(path: name, lines: text.components(separatedBy: "\n"))
        }
    }

    /// Every line of code that satisfies a test, as `path:line`.
    private static func places(where test: (Source, String) -> Bool) throws -> [String] {
        try sources().flatMap { source in
            source.code.filter { test(source, $0.text) }.map { "\(source.path):\($0.number)" }
        }
    }

    private static let ours = ["CYaml", "YAMLDocument", "IdSyncCore", "IdSyncAzure", "ARMEmulator", "idsync"]

    /// Which of our modules, and of the system's, each module may import.
    private static let directions: [String: Set<String>] = [
        "YAMLDocument": ["CYaml", "Foundation", "Synchronization"],
        "IdSyncCore": ["YAMLDocument", "Foundation"],
        "IdSyncAzure": [
            "IdSyncCore", "Foundation", "FoundationNetworking", "Synchronization", "Dispatch", "Glibc",
            "Darwin",
            "Musl",
        ],
        "ARMEmulator": [
            "IdSyncCore", "IdSyncAzure", "Foundation", "Synchronization", "Dispatch", "Glibc", "Darwin",
            "Musl",
        ],
        "idsync": [
            "YAMLDocument", "IdSyncCore", "IdSyncAzure", "ARMEmulator", "Foundation", "Synchronization",
            "Dispatch",
        ],
        "idsync-bench": [
            "YAMLDocument", "IdSyncCore", "IdSyncAzure", "ARMEmulator", "Foundation", "Synchronization",
            "Dispatch",
            "Glibc", "Darwin", "Musl",
        ],
    ]

    @Test("Imports go one way")
    func layering() throws {
        for source in try Self.sources() {
            let allowed = try #require(Self.directions[source.module], "\(source.path)")
            #expect(Set(source.imports).subtracting(allowed) == [], "\(source.path)")
        }
    }

    @Test("The C library and the network each enter through one file")
    func oneDoor() throws {
        let sources = try Self.sources()
        #expect(sources.filter { $0.imports.contains("CYaml") }.count == 1)
        #expect(
            sources.filter { $0.imports.contains("FoundationNetworking") }.map(\.path)
                == ["IdSyncAzure/HTTP/URLSessionTransport.swift"]
        )
    }

    @Test("The planner has no clock, no chance, no files and no processes")
    func pure() throws {
        let words = ["FileManager", "Date()", "ProcessInfo", ".random(", "UUID()", "Task", "await", "URL"]
        let found = try Self.places { source, line in
            source.path.hasPrefix("IdSyncCore/Plan/") && words.contains { line.contains($0) }
        }
        #expect(found == [])
    }

    @Test("Nothing traps or prints on its own")
    func noTraps() throws {
        let words = [
            "fatalError(", "preconditionFailure(", "precondition(", "assertionFailure(", "try!", "TODO",
            "FIXME",
        ]
        #expect(try Self.places { _, line in words.contains { line.contains($0) } } == [])
        #expect(
            try Self.places { source, line in source.module != "idsync-bench" && line.hasPrefix("print(") }
                == []
        )
    }

    @Test("Unsafe code stays where C is, unchecked sendability is counted")
    func unsafeCode() throws {
        let files = Set(
            try Self.places { _, line in line.contains("unsafe ") || line.contains("nonisolated(unsafe)") }
                .map { $0.prefix { $0 != ":" } }
        )
        let allowed: Set<Substring> = [
            "YAMLDocument/YAMLEvents.swift", "idsync-bench/Pacing/VirtualClock.swift",
            "ARMEmulator/Server/LoopbackServer.swift",
            "IdSyncAzure/HTTP/ProxyExemption.swift", "IdSyncAzure/Credentials/FoundationProcessRunner.swift",
        ]
        #expect(files.subtracting(allowed) == [])
        #expect(try Self.places { _, line in line.contains("@unchecked Sendable") }.count <= 2)
    }

    @Test("Every package declaration has a doc comment")
    func documented() throws {
        var bare: [String] = []
        for source in try Self.sources() {
            for (index, line) in source.lines.enumerated()
            where line.drop(while: { $0 == " " }).hasPrefix("package ") {
                let words = line.split(separator: " ")
                if words.count > 1, words[1] == "import" { continue }
                let above = source.lines[..<index].last { line in
                    let text = line.drop { $0 == " " }
                    return !text.isEmpty && !text.hasPrefix("@")
                }
                let isDocumented = above?.drop { $0 == " " }.hasPrefix("///") == true
                if !isDocumented { bare.append("\(source.path):\(index + 1)") }
            }
        }
        #expect(bare == [])
    }

    @Test("No source file grows beyond 350 lines")
    func size() throws {
        #expect(try Self.sources().filter { $0.lines.count > 351 }.map(\.path) == [])
    }

    @Test("Nothing but the agreed entries stands at the top of the repository")
    func topLevel() throws {
        let entries = try FileManager.default.contentsOfDirectory(atPath: Tool.repository.path)
        let visible = Set(entries.filter { !$0.hasPrefix(".") && $0 != "Package.resolved" })
        #expect(visible == ["Package.swift", "README.md", "Sources", "Tests", "examples", "schemas"])
    }
}
