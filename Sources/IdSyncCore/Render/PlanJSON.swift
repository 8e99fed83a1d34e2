import Foundation
import YAMLDocument

extension PlanDocument {
    /// The version of the document format that this program writes.
    package static let format = "idsync.plan/1"

    /// Everything but the digest; see DESIGN section 7 and `schemas/plan.schema.json`.
    var undigestedJSON: JSONValue {
        let summary = plan.summary
        return .members([
            "format": .string(Self.format),
            "tool": ["name": "idsync", "version": .string(toolVersion)],
            "createdAt": .string(createdAt.formatted(.iso8601)),
            "scopes": .texts(plan.scopes.sorted()),
            "manifest": manifest.json,
            "target": target.json,
            "options": options == PlanOptions() ? JSONValue?.none : options.json,
            "summary": summary.json,
            "changes": .array(plan.changes.map(\.json)),
            "blocked": .array(plan.blocked.map(\.json)),
            "warnings": .array(plan.warnings.map(\.json)),
            "diagnostics": .array(diagnostics.map(\.json)),
            "requests": ["reads": .integer(plan.reads), "writesPlanned": .integer(summary.writes)],
        ])
    }
}

extension ManifestDigest {
    var json: JSONValue {
        let files = files.map { file -> JSONValue in
            ["path": .string(file.path), "digest": .string(file.digest)]
        }
        return ["digest": .string(digest), "files": .array(files)]
    }
}

extension PlanTarget {
    var json: JSONValue {
        .members([
            "cloud": .string(cloud),
            "resourceManager": .string(resourceManager),
            "endpoint": endpoint.map(JSONValue.string),
            "emulator": emulator.map(JSONValue.string),
        ])
    }
}

extension PlanOptions {
    var json: JSONValue {
        .members([
            "maxDeletes": maxDeletes.map(JSONValue.string),
            "maxUnassigns": maxUnassigns.map(JSONValue.string),
            "skipBlocked": skipBlocked ? JSONValue.bool(true) : JSONValue?.none,
        ])
    }
}

extension PlanSummary {
    /// The counts; `adopt` is 0 as long as nothing can be adopted.
    var json: JSONValue {
        [
            "create": .integer(create), "update": .integer(update), "delete": .integer(delete),
            "assign": .integer(assign), "unassign": .integer(unassign), "adopt": 0,
            "vmPatches": .integer(vmPatches), "kept": .integer(kept),
            "blocked": .integer(blocked), "warnings": .integer(warnings),
            "hasChanges": .bool(hasChanges), "destructive": .bool(destructive),
        ]
    }
}

extension Change {
    /// The change as it stands in the plan document.
    package var json: JSONValue {
        var members: [String: JSONValue?] = [
            "id": .string(id), "address": .string(address), "action": .string(action),
            "resourceId": .string(resourceID.description),
            "source": origin?.json,
            "stage": .integer(stage.rawValue),
            "dependsOn": .texts(dependsOn),
            "before": beforeJSON, "after": afterJSON,
            "assign": .texts(assigned), "unassign": .texts(unassigned),
            "kept": .array(kept.map(\.json)),
            "request": requests.first?.json,
            "warnings": .array(warnings.map(\.json)),
        ]
        if !removed.isEmpty { members["removed"] = .array(removed.map(\.json)) }
        if requests.count > 1 {
            members["furtherRequests"] = .array(requests.dropFirst().map(\.json))
        }
        return .members(members)
    }

    /// The state that the plan read; null for what does not exist.
    var beforeJSON: JSONValue {
        switch operation {
        case .createIdentity: .null
        case .updateIdentity(let location, let from, _): .identity(location, from)
        case .deleteIdentity(let doomed):
            .identity(doomed.location, doomed.tags, principalID: doomed.principalID)
        case .patchMachine(let before, _, _): before.json
        }
    }

    /// The state that the plan wants; null for what is to be gone.
    var afterJSON: JSONValue {
        switch operation {
        case .createIdentity(let location, let tags): .identity(location, tags)
        case .updateIdentity(let location, _, let to): .identity(location, to)
        case .deleteIdentity: .null
        case .patchMachine(_, let after, _): after.json
        }
    }

    /// What a VM gains: `system` for the system-assigned identity, then full ids.
    package var assigned: [String] {
        guard let delta else { return [] }
        return (delta.system == true ? ["system"] : [])
            + (delta.add + delta.reattach.compactMap(\.id)).sorted().map(\.description)
    }

    /// What a VM loses: `system` for the system-assigned identity, then full ids.
    package var unassigned: [String] {
        guard let delta else { return [] }
        return (delta.system == false ? ["system"] : [])
            + delta.leaving.sorted { $0.key < $1.key }.map(\.display)
    }
}

extension IdentityBlock {
    /// `{type, userAssigned}`, the ids canonical and in the order of the block.
    var json: JSONValue {
        ["type": .string(type.wireText), "userAssigned": .texts(attached.map(\.display))]
    }
}

extension KeptIdentity {
    var json: JSONValue {
        .members([
            "id": id.map(JSONValue.string), "kind": .string(kind.rawValue), "why": .string(why),
        ])
    }
}

extension RemovedIdentity {
    var json: JSONValue {
        .members([
            "id": id.map(JSONValue.string), "kind": .string(kind.rawValue), "why": .string(why.rawValue),
            "writer": writer.map(JSONValue.string),
        ])
    }
}

extension PlannedRequest {
    var json: JSONValue {
        .members([
            "method": .string(method), "path": .string(path), "apiVersion": .string(apiVersion),
            "ifMatch": ifMatch.map(JSONValue.string),
            "body": body ?? .null,
        ])
    }
}

extension PlanWarning {
    var json: JSONValue {
        .members([
            "code": .string(code), "message": .string(message),
            "address": address.map(JSONValue.string), "source": origin?.json,
            "resourceId": resourceID.map { .string($0.description) },
        ])
    }
}

extension BlockedItem {
    /// The item as it stands in the plan and report documents.
    package var json: JSONValue {
        .members([
            "address": .string(address), "gate": .string(gate.rawValue), "code": .string(gate.code),
            "message": .string(message), "evidence": .texts(evidence), "source": origin?.json,
            "resourceId": resourceID.map { .string($0.description) },
        ])
    }
}

extension JSONValue {
    /// An array of strings.
    static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }

    /// `{location, tags, principalId?}` of a user-assigned identity.
    fileprivate static func identity(
        _ location: String,
        _ tags: [String: String],
        principalID: String? = nil
    ) -> JSONValue {
        .members([
            "location": .string(location), "tags": .object(tags.mapValues(JSONValue.string)),
            "principalId": principalID.map(JSONValue.string),
        ])
    }
}
