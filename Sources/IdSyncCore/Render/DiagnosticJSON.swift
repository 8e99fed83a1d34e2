import YAMLDocument

extension Diagnostic {
    /// The diagnostic as it stands in the plan and report documents.
    package var json: JSONValue {
        .members([
            "severity": .string(severity.rawValue),
            "code": .string(code),
            "message": .string(message),
            "source": location?.json,
            "notes": .array(notes.map(JSONValue.string)),
        ])
    }
}

extension SourceLocation {
    /// `{file, line, column}`.
    var json: JSONValue {
        ["file": .string(file), "line": .integer(line), "column": .integer(column)]
    }
}

extension JSONValue {
    /// An object of the members that have a value; the others are left out rather than null.
    static func members(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues { $0 })
    }
}
