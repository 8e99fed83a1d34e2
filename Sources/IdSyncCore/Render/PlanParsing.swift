import Foundation
import YAMLDocument

// The inverse of PlanJSON: the same members, read back. What PlanJSON writes, this reads to an equal document; the
// two facts that the document does not hold are ARM's own spelling of an attached id (the requests do) and the
// principals of a VM's identities, and neither is needed to show or to check a saved plan.

extension PlanDocument {
    init(reading document: JSONReader) throws(Diagnostic) {
        let options = document.optional("options")
        self.init(
            plan: try Plan(reading: document),
            createdAt: try Self.date(document["createdAt"]),
            toolVersion: try document["tool"]["version"].text(),
            manifest: try ManifestDigest(reading: document["manifest"]),
            target: try PlanTarget(reading: document["target"]),
            options: PlanOptions(
                maxDeletes: try options?.optional("maxDeletes")?.text(),
                maxUnassigns: try options?.optional("maxUnassigns")?.text(),
                skipBlocked: options?.optional("skipBlocked")?.value == true
            ),
            diagnostics: try document["diagnostics"].map(Diagnostic.init(reading:))
        )
    }

    private static func date(_ reader: JSONReader) throws(Diagnostic) -> Date {
        guard let date = try? Date(try reader.text(), strategy: .iso8601) else {
            throw reader.wrong("a time such as 2026-11-21T01:23:45Z")
        }
        return date
    }
}

extension Plan {
    fileprivate init(reading document: JSONReader) throws(Diagnostic) {
        self.init(
            changes: try document["changes"].map(Change.init(reading:)),
            blocked: try document["blocked"].map(BlockedItem.init(reading:)),
            warnings: try document["warnings"].map(PlanWarning.init(reading:)),
            scopes: try document["scopes"].texts(),
            reads: try document["requests"]["reads"].integer()
        )
    }
}

extension ManifestDigest {
    fileprivate init(reading manifest: JSONReader) throws(Diagnostic) {
        self.init(
            files: try manifest["files"].map { file throws(Diagnostic) in
                File(path: try file["path"].text(), digest: try file["digest"].text())
            }
        )
        guard try manifest["digest"].text() == digest else {
            throw manifest["digest"].wrong("the digest of the files listed")
        }
    }
}

extension PlanTarget {
    fileprivate init(reading target: JSONReader) throws(Diagnostic) {
        self.init(
            cloud: try target["cloud"].text(),
            resourceManager: try target["resourceManager"].text(),
            endpoint: try target.optional("endpoint")?.text(),
            emulator: try target.optional("emulator")?.text()
        )
    }
}

extension Change {
    fileprivate init(reading change: JSONReader) throws(Diagnostic) {
        guard let stage = Stage(rawValue: try change["stage"].integer()) else {
            throw change["stage"].wrong("a stage that this version knows")
        }
        var requests = [try PlannedRequest(reading: change["request"])]
        if let further = change.optional("furtherRequests") {
            requests += try further.map(PlannedRequest.init(reading:))
        }
        self.init(
            id: try change["id"].text(),
            address: try change["address"].text(),
            resourceID: try change["resourceId"].resourceID(),
            origin: try change.optional("source").map(SourceLocation.init(reading:)),
            stage: stage,
            dependsOn: try change["dependsOn"].texts(),
            operation: try Self.operation(change),
            kept: try change["kept"].map(KeptIdentity.init(reading:)),
            removed: try change.optional("removed")?.map(RemovedIdentity.init(reading:)) ?? [],
            requests: requests,
            warnings: try change["warnings"].map(PlanWarning.init(reading:))
        )
    }

    private static func operation(_ change: JSONReader) throws(Diagnostic) -> Operation {
        let (before, after) = (change["before"], change["after"])
        switch try change["action"].text() {
        case "create":
            return .createIdentity(
                location: try after["location"].text(),
                tags: try after["tags"].textMap()
            )
        case "update":
            return .updateIdentity(
                location: try after["location"].text(),
                from: try before["tags"].textMap(),
                to: try after["tags"].textMap()
            )
        case "delete":
            return .deleteIdentity(
                DoomedIdentity(
                    location: try before["location"].text(),
                    tags: try before["tags"].textMap(),
                    principalID: try before.optional("principalId")?.text()
                )
            )
        case "assign":
            return .patchMachine(
                before: try IdentityBlock(reading: before),
                after: try IdentityBlock(reading: after),
                delta: try MachineDelta(reading: change)
            )
        default: throw change["action"].wrong("an action that this version knows")
        }
    }
}

extension IdentityBlock {
    fileprivate init(reading block: JSONReader) throws(Diagnostic) {
        self.init(
            type: IdentityType(parsing: try block["type"].text()),
            attached: try block["userAssigned"].texts().map { AttachedIdentity(spelling: $0) }
        )
    }
}

extension MachineDelta {
    fileprivate init(reading change: JSONReader) throws(Diagnostic) {
        var system: Bool?
        var add: [ResourceID] = []
        for entry in try change["assign"].elements() {
            if entry.value.string == "system" {
                system = true
            } else {
                add.append(try entry.resourceID())
            }
        }
        let texts = try change["unassign"].texts()
        if texts.contains("system") { system = false }
        let leaving = texts.filter { $0 != "system" }.map { AttachedIdentity(spelling: $0) }
        // What both leaves and comes is re-attached.
        let coming = Set(add.map(\.key))
        let reattach = leaving.filter { coming.contains($0.key) }
        let renewed = Set(reattach.map(\.key))
        self.init(
            system: system,
            add: add.filter { !renewed.contains($0.key) },
            remove: leaving.filter { !renewed.contains($0.key) },
            reattach: reattach
        )
    }
}

extension KeptIdentity {
    fileprivate init(reading kept: JSONReader) throws(Diagnostic) {
        self.init(
            kind: try kept["kind"].choice(Kind.self),
            id: try kept.optional("id")?.text(),
            why: try kept["why"].text()
        )
    }
}

extension RemovedIdentity {
    fileprivate init(reading removed: JSONReader) throws(Diagnostic) {
        self.init(
            kind: try removed["kind"].choice(KeptIdentity.Kind.self),
            id: try removed.optional("id")?.text(),
            why: try removed["why"].choice(Why.self),
            writer: try removed.optional("writer")?.text()
        )
    }
}

extension PlannedRequest {
    fileprivate init(reading request: JSONReader) throws(Diagnostic) {
        self.init(
            method: try request["method"].text(),
            path: try request["path"].text(),
            apiVersion: try request["apiVersion"].text(),
            ifMatch: try request.optional("ifMatch")?.text(),
            body: request["body"].isNull ? JSONValue?.none : request["body"].value
        )
    }
}

extension PlanWarning {
    fileprivate init(reading warning: JSONReader) throws(Diagnostic) {
        self.init(
            code: try warning["code"].text(),
            message: try warning["message"].text(),
            address: try warning.optional("address")?.text(),
            origin: try warning.optional("source").map(SourceLocation.init(reading:)),
            resourceID: try warning.optional("resourceId")?.resourceID()
        )
    }
}

extension BlockedItem {
    init(reading item: JSONReader) throws(Diagnostic) {
        self.init(
            address: try item["address"].text(),
            gate: try item["gate"].choice(Gate.self),
            message: try item["message"].text(),
            evidence: try item["evidence"].texts(),
            origin: try item.optional("source").map(SourceLocation.init(reading:)),
            resourceID: try item.optional("resourceId")?.resourceID()
        )
    }
}

extension Diagnostic {
    init(reading diagnostic: JSONReader) throws(Diagnostic) {
        self.init(
            try diagnostic["severity"].choice(Severity.self),
            code: try diagnostic["code"].text(),
            try diagnostic["message"].text(),
            at: try diagnostic.optional("source").map(SourceLocation.init(reading:)),
            notes: try diagnostic["notes"].texts()
        )
    }
}

extension SourceLocation {
    init(reading source: JSONReader) throws(Diagnostic) {
        self.init(
            file: try source["file"].text(),
            line: try source["line"].integer(),
            column: try source["column"].integer()
        )
    }
}
