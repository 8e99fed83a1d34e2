/// The JSON Schema (2020-12) of the manifest for editors, built from the tables that the reader checks by.
package enum ManifestSchema {
    /// The schema as text, as in `schemas/manifest.schema.json` and as `idsync schema` prints it.
    package static var text: String { value.prettyText() + "\n" }

    /// The schema.
    package static var value: JSONValue {
        var root = object(ManifestFields.object)
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        root["$id"] = "urn:idsync:schema:manifest:1"
        root["title"] = "idsync manifest"
        root["description"] = .string(
            "Which Azure managed identities exist and which virtual machines have them, format version 1. "
                + "A file may name this schema for editors with a top-level \"$schema\"; idsync ignores it."
        )
        return .object(root)
    }

    private static func object(_ spec: ObjectSpec) -> [String: JSONValue] {
        var schema: [String: JSONValue] = [
            "type": "object",
            "additionalProperties": false,
            "properties": .object(
                Dictionary(spec.fields.map { ($0.name, field($0)) }, uniquingKeysWith: { first, _ in first })
            ),
        ]
        let required = spec.fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema.merging(spec.conditions) { $1 }
    }

    private static func field(_ spec: FieldSpec) -> JSONValue {
        var schema = type(spec.type)
        schema["description"] = .string(spec.summary)
        schema["examples"] = .array(spec.examples)
        return .object(schema)
    }

    private static func type(_ type: FieldType) -> [String: JSONValue] {
        switch type {
        case .anyText: ["type": "string"]
        case .text(let rule): text(rule)
        case .choice(let choices): choice(choices)
        case .boolean: ["type": "boolean"]
        case .constant(let constant): ["const": .integer(constant)]
        case .texts(let rule): ["type": "array", "uniqueItems": true, "items": .object(text(rule))]
        case .objects(let spec): ["type": "array", "items": .object(object(spec))]
        case .object(let spec): object(spec)
        case .choiceOrObject(let choices, let spec):
            ["anyOf": [.object(choice(choices)), .object(object(spec))]]
        case .tags:
            [
                "type": "object",
                "maxProperties": .integer(Tags.most),
                "propertyNames": ["pattern": .string(TextRule.tagName.pattern)],
                "additionalProperties": .object(text(.tagValue)),
            ]
        case .limit:
            [
                "anyOf": [
                    [
                        "type": "integer",
                        "minimum": .integer(Limits.counts.lowerBound),
                        "maximum": .integer(Limits.counts.upperBound),
                    ],
                    ["type": "string", "pattern": "^(100|[1-9]?[0-9])%$"],
                ]
            ]
        }
    }

    private static func text(_ rule: TextRule) -> [String: JSONValue] {
        ["type": "string", "pattern": .string(rule.pattern)]
    }

    private static func choice(_ choices: [String]) -> [String: JSONValue] {
        ["enum": .array(choices.map(JSONValue.string))]
    }
}
