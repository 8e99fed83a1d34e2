import YAMLDocument

/// Shows diagnostics to programs.
package enum DiagnosticJSON {
    /// `{severity, code, message, notes}` and, when there is a place, `file`, `line` and `column`.
    package static func value(_ diagnostic: Diagnostic) -> JSONValue {
        var members: [String: JSONValue] = [
            "severity": .string(diagnostic.severity.rawValue),
            "code": .string(diagnostic.code),
            "message": .string(diagnostic.message),
            "notes": .array(diagnostic.notes.map(JSONValue.string)),
        ]
        if let location = diagnostic.location {
            members["file"] = .string(location.file)
            members["line"] = .integer(location.line)
            members["column"] = .integer(location.column)
        }
        return .object(members)
    }

    /// All of them, in this order.
    package static func value(_ diagnostics: [Diagnostic]) -> JSONValue {
        .array(diagnostics.map { value($0) })
    }
}
