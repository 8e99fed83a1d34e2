package import Foundation

/// One file after reading: its text, its tree and what was wrong.
package struct ParsedDocument: Sendable, Equatable {
    /// The text, for snippets.
    package let source: SourceText
    /// The tree; nil when the file could not be read to its end.
    package let root: Node?
    /// What was wrong, in file order.
    package let problems: [SyntaxProblem]
}

/// Reads the bytes of one manifest file, YAML or strict JSON, into a tree with places.
package enum DocumentReader {
    /// Reads a file; never fails as a whole, what is wrong is in `problems`.
    ///
    /// JSON is what a name ending in `.json` says, and, under a name that ends in neither `.yaml` nor `.yml`, text
    /// whose first character other than a blank is `{`.
    package static func read(
        _ data: Data,
        named file: String,
        limits: DocumentLimits = DocumentLimits()
    ) -> ParsedDocument {
        let start = SourceLocation(file: file, line: 1, column: 1)
        guard data.count <= limits.bytes else {
            let problem = SyntaxProblem(
                .tooLarge,
                "the file has \(data.count) bytes; at most \(limits.bytes) are read",
                at: start,
                notes: ["split it into several files"]
            )
            return refused(file, [problem])
        }
        let all = [UInt8](data)
        if let encoding = CharacterCheck.foreignEncoding(of: all) {
            let message = "the file is \(encoding) text; a manifest is UTF-8"
            return refused(
                file,
                [SyntaxProblem(.wrongEncoding, message, at: start, notes: ["save it as UTF-8"])]
            )
        }
        if let evidence = CharacterCheck.binaryEvidence(in: all) {
            let message = "not a text file (it holds \(evidence)); a manifest is YAML or JSON"
            return refused(file, [SyntaxProblem(.notText, message, at: start)])
        }
        let text = all.starts(with: [0xEF, 0xBB, 0xBF]) ? all[3...] : all[...]
        let source = SourceText(file: file, bytes: text)
        let characters = CharacterCheck.problems(in: Array(text), file: file, most: limits.problems)
        guard characters.isEmpty else {
            return ParsedDocument(source: source, root: nil, problems: characters)
        }
        return compose(text, source, limits)
    }

    private static func compose(
        _ text: ArraySlice<UInt8>,
        _ source: SourceText,
        _ limits: DocumentLimits
    ) -> ParsedDocument {
        var composer = NodeComposer(limits: limits)
        var root: Node?
        var problems: [SyntaxProblem]
        do throws(SyntaxProblem) {
            if isJSON(text, file: source.file) {
                var events = JSONEvents(text, file: source.file)
                root = try composer.compose(from: &events)
            } else {
                var events = YAMLEvents(text, file: source.file)
                root = try composer.compose(from: &events)
            }
            problems = composer.problems
        } catch {
            problems = composer.problems + [error]
        }
        // libyaml marks the end of a file without a last line break one line behind it.
        problems = problems.map {
            SyntaxProblem($0.kind, $0.message, at: source.clamped($0.location), notes: $0.notes)
        }
        return ParsedDocument(source: source, root: root, problems: problems)
    }

    private static func isJSON(_ text: ArraySlice<UInt8>, file: String) -> Bool {
        let name = file.lowercased()
        if name.hasSuffix(".json") { return true }
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return false }
        return text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }

    private static func refused(_ file: String, _ problems: [SyntaxProblem]) -> ParsedDocument {
        ParsedDocument(source: SourceText(file: file, bytes: []), root: nil, problems: problems)
    }
}
