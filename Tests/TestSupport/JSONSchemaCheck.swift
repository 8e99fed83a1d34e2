package import Foundation
package import IdSyncCore

/// Checks JSON against a JSON Schema (2020-12), for tests; knows just the keywords that our schemas use.
package struct JSONSchemaCheck {
    /// Why a schema cannot be used.
    package struct SchemaError: Error, CustomStringConvertible {
        /// What is wrong with it.
        package let description: String
    }

    /// Keywords that say something about values, and keywords that only inform people (`format` is one of them).
    private static let keywords: Set<String> = [
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "pattern",
        "oneOf",
        "anyOf", "$ref", "$defs", "minimum", "$schema", "$id", "title", "description", "format",
        "examples", "uniqueItems", "maxProperties", "propertyNames", "maximum", "allOf", "if", "then",
        "dependentRequired",
    ]

    /// The schema.
    package let root: JSONValue

    /// Reads a schema.
    ///
    /// - Throws: `SchemaError` for a keyword that is not supported, so that no rule is passed over in silence.
    package init(parsing data: Data) throws {
        root = try JSONValue(parsing: data)
        try Self.inspect(root, at: "#")
    }

    /// What is wrong with a value, each with its path; empty when it is valid.
    package func violations(of value: JSONValue) throws -> [String] {
        try violations(of: value, schema: root, at: "$")
    }

    private static func inspect(_ schema: JSONValue, at path: String) throws {
        if case .bool = schema { return }
        guard let members = schema.object else { throw SchemaError(description: "\(path) is not a schema") }
        for (name, value) in members {
            guard keywords.contains(name) else {
                throw SchemaError(description: "\(path): unknown keyword '\(name)'")
            }
            switch name {
            case "properties", "$defs":
                for (key, child) in value.object ?? [:] { try inspect(child, at: "\(path)/\(name)/\(key)") }
            case "items", "additionalProperties", "propertyNames", "if", "then":
                try inspect(value, at: "\(path)/\(name)")
            case "oneOf", "anyOf", "allOf":
                for child in value.array ?? [] { try inspect(child, at: "\(path)/\(name)") }
            default: break
            }
        }
    }

    private func violations(of value: JSONValue, schema: JSONValue, at path: String) throws -> [String] {
        if case .bool(let allowed) = schema { return allowed ? [] : ["\(path) is not allowed"] }
        guard let rules = schema.object else { return [] }
        var found: [String] = []
        for (name, rule) in rules.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "$ref": found += try violations(of: value, schema: resolve(rule), at: path)
            case "oneOf", "anyOf":
                let fitting = try (rule.array ?? []).count {
                    try violations(of: value, schema: $0, at: path).isEmpty
                }
                if fitting == 0 || (name == "oneOf" && fitting > 1) {
                    found.append("\(path) fits \(fitting) of \(name)")
                }
            case "allOf":
                for child in rule.array ?? [] { found += try violations(of: value, schema: child, at: path) }
            case "if":
                if let then = rules["then"], try violations(of: value, schema: rule, at: path).isEmpty {
                    found += try violations(of: value, schema: then, at: path)
                }
            case "properties", "required", "additionalProperties", "dependentRequired":
                if let members = value.object {
                    found += try memberRule(members, name, rule, rules, at: path)
                }
            case "items":
                for (index, element) in (value.array ?? []).enumerated() {
                    found += try violations(of: element, schema: rule, at: "\(path)[\(index)]")
                }
            case "propertyNames":
                for key in (value.object ?? [:]).keys.sorted() {
                    found += try violations(of: .string(key), schema: rule, at: "\(path).\(key)")
                }
            default: found += try scalar(value, name, rule).map { "\(path) \($0)" }
            }
        }
        return found
    }

    private func memberRule(
        _ members: [String: JSONValue],
        _ keyword: String,
        _ rule: JSONValue,
        _ rules: [String: JSONValue],
        at path: String
    ) throws -> [String] {
        switch keyword {
        case "required":
            return (rule.array ?? []).compactMap(\.string).filter { members[$0] == nil }
                .map { "\(path).\($0) is missing" }
        case "properties":
            return try (rule.object ?? [:]).sorted { $0.key < $1.key }.flatMap { name, child in
                try members[name].map { try violations(of: $0, schema: child, at: "\(path).\(name)") } ?? []
            }
        case "dependentRequired":
            return (rule.object ?? [:]).sorted { $0.key < $1.key }.filter { members[$0.key] != nil }
                .flatMap { name, needed in
                    (needed.array ?? []).compactMap(\.string).filter { members[$0] == nil }
                        .map { "\(path).\(name) needs \($0)" }
                }
        default:
            let known = rules["properties"]?.object ?? [:]
            return try members.sorted { $0.key < $1.key }.filter { known[$0.key] == nil }.flatMap {
                try violations(of: $0.value, schema: rule, at: "\(path).\($0.key)")
            }
        }
    }

    private func scalar(_ value: JSONValue, _ keyword: String, _ rule: JSONValue) throws -> [String] {
        switch keyword {
        case "type":
            let names = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
            return names.contains { Self.isType($0, value) }
                ? [] : ["is not \(names.joined(separator: " or "))"]
        case "enum": return (rule.array ?? []).contains(value) ? [] : ["is none of the values allowed"]
        case "const": return Self.integral(rule) == Self.integral(value) ? [] : ["is not the constant"]
        case "pattern":
            guard let text = value.string, let pattern = rule.string else { return [] }
            return try Regex(pattern).firstMatch(in: text) == nil ? ["does not match \(pattern)"] : []
        case "minimum":
            guard let number = Self.number(value), let least = Self.number(rule) else { return [] }
            return number < least ? ["is below \(least.formatted())"] : []
        case "maximum":
            guard let number = Self.number(value), let most = Self.number(rule) else { return [] }
            return number > most ? ["is above \(most.formatted())"] : []
        case "uniqueItems":
            guard let elements = value.array else { return [] }
            return Set(elements).count < elements.count ? ["has equal elements"] : []
        case "maxProperties":
            guard let members = value.object, case .integer(let most) = rule else { return [] }
            return members.count > most ? ["has more than \(most) members"] : []
        default: return []
        }
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    /// A number without a fraction as an integer: to a schema, 1.0 is 1.
    private static func integral(_ value: JSONValue) -> JSONValue {
        if case .number(let number) = value, let integer = Int(exactly: number) {
            .integer(integer)
        } else {
            value
        }
    }

    private static func isType(_ name: String, _ value: JSONValue) -> Bool {
        switch integral(value) {
        case .null: name == "null"
        case .bool: name == "boolean"
        case .integer: name == "integer" || name == "number"
        case .number(let number): name == "number" || (name == "integer" && number.rounded() == number)
        case .string: name == "string"
        case .array: name == "array"
        case .object: name == "object"
        }
    }

    private func resolve(_ reference: JSONValue) throws -> JSONValue {
        let prefix = "#/$defs/"
        guard let text = reference.string, text.hasPrefix(prefix),
            let schema = root["$defs"]?[String(text.dropFirst(prefix.count))]
        else { throw SchemaError(description: "'\(reference)' is not one of $defs") }
        return schema
    }
}
