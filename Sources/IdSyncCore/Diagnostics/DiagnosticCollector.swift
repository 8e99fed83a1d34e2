package import YAMLDocument

/// Gathers diagnostics, so that a stage can go on after a mistake and the user sees all of them at once.
package final class DiagnosticCollector {
    private var gathered: [Diagnostic] = []

    /// Starts empty.
    package init() {}

    /// Adds a diagnostic.
    package func add(_ diagnostic: Diagnostic) { gathered.append(diagnostic) }

    /// Adds a mistake.
    package func error(
        _ code: DiagnosticCode,
        _ message: String,
        at location: SourceLocation?,
        notes: [String] = []
    ) {
        add(Diagnostic(.error, code: code.rawValue, message, at: location, notes: notes))
    }

    /// Adds a warning.
    package func warning(
        _ code: DiagnosticCode,
        _ message: String,
        at location: SourceLocation?,
        notes: [String] = []
    ) {
        add(Diagnostic(.warning, code: code.rawValue, message, at: location, notes: notes))
    }

    /// Whether any of them is an error.
    package var hasErrors: Bool { gathered.contains { $0.severity == .error } }

    /// What was gathered: by file, line and column, then code and message, each once; those without a place first.
    package var diagnostics: [Diagnostic] {
        let sorted = gathered.sorted(by: Self.isBefore)
        return sorted.enumerated().filter { $0.offset == 0 || sorted[$0.offset - 1] != $0.element }.map(
            \.element
        )
    }

    private static func isBefore(_ left: Diagnostic, _ right: Diagnostic) -> Bool {
        switch (left.location, right.location) {
        case (let first?, let second?) where first != second: first < second
        case (nil, .some): true
        case (.some, nil): false
        default:
            (left.code, left.message, left.notes.joined(separator: "\n"))
                < (right.code, right.message, right.notes.joined(separator: "\n"))
        }
    }
}
