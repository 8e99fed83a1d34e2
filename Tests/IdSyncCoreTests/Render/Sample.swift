import Foundation
import YAMLDocument

@testable import IdSyncCore

/// Plans and reports for the rendering tests, made by hand so that they show every row there is.
enum Sample {
    static let subscription = "80c696ff-5efa-4909-a64d-f1b616f423ca"
    static let versions = APIVersions()

    static func id(_ kind: ResourceKind, _ name: String, group: String = "TestRG") -> ResourceID {
        ResourceID(subscription: subscription, resourceGroup: group, kind: kind, name: name)
    }

    static func identity(_ name: String, group: String = "TestRG") -> ResourceID {
        id(.userAssignedIdentity, name, group: group)
    }

    static func place(_ line: Int, _ file: String = "manifest.yaml") -> SourceLocation {
        SourceLocation(file: file, line: line, column: 5)
    }

    static func block(system: Bool = false, _ ids: [ResourceID] = []) -> IdentityBlock {
        IdentityBlock(
            type: .known(system: system, user: !ids.isEmpty),
            attached: ids.map { AttachedIdentity(spelling: $0.description) }
        )
    }

    static func warning(_ code: String, _ message: String, _ address: String?) -> PlanWarning {
        PlanWarning(
            code: code,
            message: message,
            address: address,
            origin: address == nil ? nil : place(40),
            resourceID: address.map { id(.virtualMachine, $0.replacing("vm/", with: "")) }
        )
    }

    /// A change of an identity with the requests that the planner would make.
    static func change(
        _ number: Int,
        _ id: ResourceID,
        _ operation: Change.Operation,
        line: Int = 1,
        dependsOn: [String] = []
    ) -> Change {
        let (method, body): (String, JSONValue?) =
            switch operation {
            case .createIdentity(let location, let tags):
                ("PUT", ["location": .string(location), "tags": .object(tags.mapValues(JSONValue.string))])
            case .updateIdentity(_, _, let tags):
                ("PATCH", ["tags": .object(tags.mapValues(JSONValue.string))])
            case .deleteIdentity, .patchMachine: ("DELETE", JSONValue?.none)
            }
        return Change(
            id: "c\(number)",
            address: "identity/\(id.name)",
            resourceID: id,
            origin: place(line),
            stage: method == "DELETE" ? .deletions : .identities,
            dependsOn: dependsOn,
            operation: operation,
            requests: [
                PlannedRequest(
                    method: method,
                    path: id.description,
                    apiVersion: versions.managedIdentity,
                    body: body
                )
            ]
        )
    }

    /// A change of a VM or scale set with the requests that the planner would make.
    static func patch(
        _ number: Int,
        _ id: ResourceID,
        _ before: IdentityBlock,
        _ delta: MachineDelta,
        kept: [KeptIdentity] = [],
        removed: [RemovedIdentity] = [],
        warnings: [PlanWarning] = [],
        etag: String? = "\"1\"",
        origin: SourceLocation? = place(30),
        dependsOn: [String] = []
    ) -> Change {
        var block = before
        var requests: [PlannedRequest] = []
        for chunk in IdentityBody.chunks(delta, shape: .dictionary) {
            requests.append(
                PlannedRequest(
                    method: "PATCH",
                    path: id.description,
                    apiVersion: versions.compute,
                    ifMatch: requests.isEmpty ? etag : nil,
                    body: IdentityBody.encode(chunk, on: block, shape: .dictionary)
                )
            )
            block = chunk.applied(to: block)
        }
        return Change(
            id: "c\(number)",
            address: "\(id.kind.addressPrefix)/\(id.name)",
            resourceID: id,
            origin: origin,
            stage: .machines,
            dependsOn: dependsOn,
            operation: .patchMachine(before: before, after: delta.applied(to: before), delta: delta),
            kept: kept,
            removed: removed,
            requests: requests,
            warnings: warnings
        )
    }

    static func plan(
        _ changes: [Change],
        blocked: [BlockedItem] = [],
        warnings: [PlanWarning] = [],
        groups: [String] = ["TestRG"]
    ) -> Plan {
        Plan(
            changes: changes,
            blocked: blocked,
            warnings: changes.flatMap(\.warnings) + warnings,
            scopes: groups.map { "/subscriptions/\(subscription)/resourceGroups/\($0)" },
            reads: 41
        )
    }

    static func document(
        _ plan: Plan,
        manifest: String = "version: 1\n",
        target: PlanTarget = azure,
        options: PlanOptions = PlanOptions(),
        diagnostics: [Diagnostic] = []
    ) -> PlanDocument {
        PlanDocument(
            plan: plan,
            createdAt: Date(timeIntervalSince1970: 1_795_224_225),
            toolVersion: "1.0.0",
            manifest: ManifestDigest(files: [
                .init(path: "manifest.yaml", contents: Data(manifest.utf8))
            ]),
            target: target,
            options: options,
            diagnostics: diagnostics
        )
    }

    static let azure = PlanTarget(
        cloud: "AzureCloud",
        resourceManager: Cloud.azureCloud.resourceManager
    )

    static let counts = PlanCounts(
        identitiesRead: 5,
        machinesRead: 4,
        identitiesWanted: 3,
        assignmentsWanted: 6
    )
}
