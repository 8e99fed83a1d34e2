package import YAMLDocument

/// Gathers diagnostics, so that a stage can go on after a mistake and the user sees all of them at once.
package final class DiagnosticCollector {
    private var gathered: [Diagnostic] = []
    private var left = 0
    /// Whether any diagnostic is an error.
    package private(set) var hasErrors = false

    /// How many are kept; nobody reads more, and a hostile file could ask for hundreds of thousands.
    package static let most = 1000

    /// Starts empty.
    package init() {}

    /// Adds a diagnostic; beyond `most` it is only counted.
    package func add(_ diagnostic: Diagnostic) {
        hasErrors = hasErrors || diagnostic.severity == .error
        if gathered.count < Self.most { gathered.append(diagnostic) } else { left += 1 }
    }

    /// Whether it is worth the work to look for near matches: for the first hundred it is.
    package var wantsHints: Bool { gathered.count < 100 }

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

    /// What was gathered: by file, line and column, then code and message, each once; those without a place first.
    ///
    /// The last one tells how many were left out, when any were.
    package var diagnostics: [Diagnostic] {
        var unique: [Diagnostic] = []
        for diagnostic in gathered.sorted(by: Self.isBefore) where unique.last != diagnostic {
            unique.append(diagnostic)
        }
        return left == 0 ? unique : unique + [leftOut]
    }

    private var leftOut: Diagnostic {
        Diagnostic(
            hasErrors ? .error : .warning,
            code: DiagnosticCode.tooMany.rawValue,
            "\(Self.most) errors and warnings shown, \(left) more"
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
