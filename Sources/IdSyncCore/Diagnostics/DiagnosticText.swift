package import YAMLDocument

/// Shows diagnostics to people: one line that editors and CI logs turn into a link, the source line, a caret, notes.
package enum DiagnosticText {
    /// All of them in the order given, each ending with a line break; `sources` are the texts that places point into.
    package static func render(
        _ diagnostics: [Diagnostic],
        sources: [SourceText],
        style: Style = .plain
    ) -> String {
        let byFile = Dictionary(sources.map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
        return diagnostics.reduce(into: "") { text, diagnostic in
            let source = diagnostic.location.flatMap { byFile[$0.file] }
            for line in lines(diagnostic, source: source, style) { text += line + "\n" }
        }
    }

    /// The first line alone: `file:line:column: error[IDS1004]: message`.
    package static func headline(_ diagnostic: Diagnostic, style: Style = .plain) -> String {
        let place = diagnostic.location.map { "\($0): " } ?? ""
        let role: Style.Role = diagnostic.severity == .error ? .refused : .changed
        let label = style.paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]:", role)
        return "\(place)\(label) \(diagnostic.message)"
    }

    private static func lines(_ diagnostic: Diagnostic, source: SourceText?, _ style: Style) -> [String] {
        var lines = [headline(diagnostic, style: style)]
        if let location = diagnostic.location, let snippet = source?.snippet(at: location) {
            let indent = snippet.caret.prefix { $0 == " " }
            lines += ["  \(snippet.line)", "  \(indent)\(style.paint("^", .added))"]
        }
        return lines + diagnostic.notes.map { "  note: \($0)" }
    }
}
