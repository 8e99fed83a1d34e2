package import YAMLDocument

/// One thing to tell the user, with its place and what to do about it.
package struct Diagnostic: Error, Sendable, Equatable {
    /// How bad it is.
    package enum Severity: String, Sendable, Equatable { case error, warning }

    /// How bad it is.
    package let severity: Severity
    /// A stable code such as `IDS1004`.
    package let code: String
    /// What is wrong, in one sentence without a full stop.
    package let message: String
    /// The place in the manifest, when there is one.
    package let location: SourceLocation?
    /// What to do: "did you mean 'name'?", or the other place of a duplicate.
    package let notes: [String]

    /// Makes a diagnostic.
    package init(
        _ severity: Severity,
        code: String,
        _ message: String,
        at location: SourceLocation? = nil,
        notes: [String] = []
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
        self.notes = notes
    }
}
