import Foundation
import IdSyncCore
import TestSupport
import Testing

/// The documents and their schemas are tested against each other.
@Suite struct DocumentSchemaTests {
    private static func schema(_ name: String) throws -> JSONSchemaCheck {
        var root = URL(filePath: #filePath)
        while root.lastPathComponent != "Tests" { root.deleteLastPathComponent() }
        let file = root.deletingLastPathComponent().appending(path: "schemas/\(name).schema.json")
        return try JSONSchemaCheck(parsing: Data(contentsOf: file))
    }

    private static let plans: [(String, PlanDocument)] = [
        ("plan-everything.json", full),
        ("plan-chunked.json", Sample.document(Sample.chunked)),
        ("plan-no-changes.json", Sample.document(Sample.plan([]))),
        ("plan-every-gate.json", Sample.document(Sample.everyGate)),
        ("plan-hostile-names.json", Sample.document(Sample.hostile)),
    ]

    private static let full = Sample.document(
        Sample.everything,
        target: PlanTarget(
            cloud: "custom",
            resourceManager: "https://arm.example",
            endpoint: "http://127.0.0.1:8080",
            emulator: "state.json"
        ),
        options: PlanOptions(maxDeletes: "5", maxUnassigns: "25%"),
        diagnostics: [
            Diagnostic(.warning, code: "IDS1042", "a long name", at: Sample.place(3), notes: ["shorten it"]),
            Diagnostic(.error, code: "IDS1043", "no place"),
        ]
    )

    @Test(arguments: plans.map(\.0)) func planGoldensAreValid(name: String) throws {
        let document = try #require(Self.plans.first { $0.0 == name }).1
        expectSnapshot(document.json.prettyText() + "\n", named: name)
        #expect(try Self.schema("plan").violations(of: document.json) == [])
    }

    @Test func reportGoldensAreValid() throws {
        let interrupted = Report(
            outcomes: [ChangeOutcome(change: Sample.chunked.changes[0], status: .notStarted)],
            signal: 2
        )
        let documents = [
            ("report-everything.json", Sample.reportDocument(Sample.report, exitCode: 7)),
            ("report-interrupted.json", Sample.reportDocument(interrupted, exitCode: 130)),
            (
                "report-empty.json",
                ReportDocument(
                    report: Report(outcomes: []),
                    planDigest: nil,
                    toolVersion: "1.0.0",
                    exitCode: 3
                )
            ),
        ]
        for (name, document) in documents {
            expectSnapshot(document.json.prettyText() + "\n", named: name)
            #expect(try Self.schema("report").violations(of: document.json) == [])
        }
    }

    /// Every required member of every object is missed when it is gone, and no member may change its kind.
    @Test(arguments: ["plan", "report"]) func damageIsSeen(kind: String) throws {
        let schema = try Self.schema(kind)
        let document =
            kind == "plan" ? Self.full.json : Sample.reportDocument(Sample.report, exitCode: 7).json
        let optional: Set = [
            "source", "ifMatch", "endpoint", "emulator", "options", "maxDeletes", "maxUnassigns", "address",
            "planDigest", "httpStatus", "error", "requestId", "correlationId", "remedy", "clientId",
            "principalId", "tenantId", "id", "removed", "writer",
        ]
        let (removed, retyped) = damaged(document)
        #expect(removed.count > 100 && retyped.count > 100)
        for (path, name, damaged) in removed where !optional.contains(name) && isClosed(path) {
            // The resource of a block or a warning, which the plan as a whole has not.
            if name == "resourceId", path.contains("blocked[") || path.contains("warnings[") { continue }
            #expect(try !schema.violations(of: damaged).isEmpty, "\(path) removed")
        }
        for (path, _, damaged) in retyped where isClosed(path) {
            #expect(try !schema.violations(of: damaged).isEmpty, "\(path) is of another kind")
        }
    }

    /// Tags and bodies are free-form; everything else is described.
    private func isClosed(_ path: String) -> Bool { !path.contains(".tags.") && !path.contains(".body.") }

    private typealias Damage = (path: String, name: String, document: JSONValue)

    /// The document once for each member without it, and once with a number of another kind in its place.
    private func damaged(_ value: JSONValue, at path: String = "$") -> (removed: [Damage], retyped: [Damage])
    {
        var removed: [Damage] = []
        var retyped: [Damage] = []
        func descend(_ child: JSONValue, _ path: String, _ rebuild: (JSONValue) -> JSONValue) {
            let inner = damaged(child, at: path)
            removed += inner.removed.map { ($0.path, $0.name, rebuild($0.document)) }
            retyped += inner.retyped.map { ($0.path, $0.name, rebuild($0.document)) }
        }
        switch value {
        case .object(let members):
            for (name, child) in members {
                var rest = members
                rest[name] = nil
                removed.append(("\(path).\(name)", name, .object(rest)))
                rest[name] = .number(0.5)
                retyped.append(("\(path).\(name)", name, .object(rest)))
                descend(child, "\(path).\(name)") { replacement in
                    .object(members.merging([name: replacement]) { $1 })
                }
            }
        case .array(let elements):
            for (index, child) in elements.enumerated() {
                descend(child, "\(path)[\(index)]") { replacement in
                    var copy = elements
                    copy[index] = replacement
                    return .array(copy)
                }
            }
        default: break
        }
        return (removed, retyped)
    }

    @Test func enumerationsAreThoseOfTheProgram() throws {
        let plan = try Self.schema("plan").root
        let report = try Self.schema("report").root
        let gates = plan["$defs"]?["blocked"]?["properties"]?["gate"]?["enum"]
        #expect(gates == .array(Gate.allCases.map { .string($0.rawValue) }))
        let statuses = report["$defs"]?["change"]?["properties"]?["status"]?["enum"]
        #expect(statuses == .array(ChangeStatus.allCases.map { .string($0.rawValue) }))
        let whys = plan["$defs"]?["removed"]?["properties"]?["why"]?["enum"]
        #expect(whys == .array(RemovedIdentity.Why.allCases.map { .string($0.rawValue) }))
    }

    @Test func unknownKeywordsAreRefused() {
        let schema = Data(#"{"properties":{"a":{"items":{"multipleOf":3}}}}"#.utf8)
        #expect(throws: JSONSchemaCheck.SchemaError.self) { try JSONSchemaCheck(parsing: schema) }
    }

    @Test(arguments: [
        (#"{"type":"integer","minimum":1}"#, "0", "$ is below 1"),
        (#"{"type":"integer","maximum":1}"#, "2", "$ is above 1"),
        (#"{"type":"integer"}"#, "1.5", "$ is not integer"),
        (#"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#, "$.a needs b"),
        (#"{"allOf":[{"type":"string"},{}]}"#, "1", "$ is not string"),
        (#"{"if":{"const":1.0},"then":false}"#, "1", "$ is not allowed"),
        (#"{"enum":["a",1]}"#, "2", "$ is none of the values allowed"),
        (#"{"const":"a"}"#, "\"b\"", "$ is not the constant"),
        (#"{"pattern":"^a+$"}"#, "\"ab\"", "$ does not match ^a+$"),
        (#"{"oneOf":[{"type":"string"},{"pattern":"a"}]}"#, "\"a\"", "$ fits 2 of oneOf"),
        (#"{"anyOf":[{"type":"null"},{"type":"boolean"}]}"#, "1", "$ fits 0 of anyOf"),
        (#"{"additionalProperties":false,"properties":{"a":{}}}"#, #"{"a":1,"b":2}"#, "$.b is not allowed"),
        (
            ##"{"items":{"$ref":"#/$defs/x"},"$defs":{"x":{"type":["array","null"]}}}"##, "[1]",
            "$[0] is not array or null"
        ),
    ])
    func keywords(schema: String, value: String, violation: String) throws {
        let check = try JSONSchemaCheck(parsing: Data(schema.utf8))
        #expect(try check.violations(of: JSONValue(parsing: Data(value.utf8))) == [violation])
    }
}
