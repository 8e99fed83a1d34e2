import IdSyncCore
import TestSupport
import Testing

/// The rows of the operations list: live state and manifest give exactly this request, for both API shapes.
struct OperationsTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let number: String
        let compute: String
        let live: IdentityBlock
        let wanted: DesiredMachine
        let identity: JSONValue

        var testDescription: String { "row \(number) at \(compute)" }
    }

    private static let id1 = Build.identity("ID1")
    private static let id2 = Build.identity("ID2")
    private static let one = JSONValue.string(id1.description)
    private static let two = JSONValue.string(id2.description)
    private static let both = JSONValue.string("SystemAssigned, UserAssigned")
    private static let modern = ["2018-06-01", "2023-09-01", "2024-07-01"]
    private static let old = ["2017-12-01", "2018-04-01"]

    private static func map(_ entries: [(ResourceID, JSONValue)]) -> JSONValue {
        .object(Dictionary(entries.map { ($0.0.description, $0.1) }, uniquingKeysWith: { $1 }))
    }

    private static func rows(
        _ number: String,
        _ versions: [String],
        _ live: IdentityBlock,
        _ wanted: DesiredMachine,
        _ identity: JSONValue
    ) -> [Row] {
        versions.map { Row(number: number, compute: $0, live: live, wanted: wanted, identity: identity) }
    }

    static let table: [Row] = [
        rows("6", modern + old, Build.block(), Build.desired(system: true), ["type": "SystemAssigned"]),
        rows("7", modern, Build.block([id1, id2]), Build.desired(system: true), ["type": both]),
        rows(
            "7b",
            old,
            Build.block([id1, id2]),
            Build.desired(system: true),
            ["type": both, "identityIds": [one, two]]
        ),
        rows("8", modern + old, Build.block(system: true), Build.desired(system: false), ["type": "None"]),
        rows(
            "9",
            modern,
            Build.block(system: true, [id1]),
            Build.desired(system: false),
            ["type": "UserAssigned"]
        ),
        rows(
            "9b",
            old,
            Build.block(system: true, [id1]),
            Build.desired(system: false),
            ["type": "UserAssigned", "identityIds": [one]]
        ),
        rows(
            "10",
            modern,
            Build.block(),
            Build.desired(have: [id1]),
            ["type": "UserAssigned", "userAssignedIdentities": map([(id1, [:])])]
        ),
        rows(
            "10b",
            old,
            Build.block(),
            Build.desired(have: [id1]),
            ["type": "UserAssigned", "identityIds": [one]]
        ),
        rows(
            "11",
            modern,
            Build.block(system: true, [id1]),
            Build.desired(have: [id2]),
            ["type": both, "userAssignedIdentities": map([(id2, [:])])]
        ),
        rows(
            "11b",
            old,
            Build.block(system: true, [id1]),
            Build.desired(have: [id2]),
            ["type": both, "identityIds": [one, two]]
        ),
        rows(
            "12",
            modern,
            Build.block(system: true, [id1, id2]),
            Build.desired(remove: [id2]),
            ["type": both, "userAssignedIdentities": map([(id2, nil)])]
        ),
        rows(
            "12b",
            old,
            Build.block(system: true, [id1, id2]),
            Build.desired(remove: [id2]),
            ["type": both, "identityIds": [one]]
        ),
        rows(
            "13",
            modern,
            Build.block(system: true, [id1]),
            Build.desired(remove: [id1]),
            ["type": "SystemAssigned", "userAssignedIdentities": nil]
        ),
        rows(
            "13b",
            old,
            Build.block(system: true, [id1]),
            Build.desired(remove: [id1]),
            ["type": "SystemAssigned"]
        ),
        rows(
            "14",
            modern,
            Build.block([id1]),
            Build.desired(remove: [id1]),
            ["type": "None", "userAssignedIdentities": nil]
        ),
        rows("14b", old, Build.block([id1]), Build.desired(remove: [id1]), ["type": "None"]),
        rows(
            "15",
            modern,
            Build.block([id1]),
            Build.desired(have: [id2], remove: [id1]),
            ["type": "UserAssigned", "userAssignedIdentities": map([(id1, nil), (id2, [:])])]
        ),
        rows(
            "15b",
            old,
            Build.block([id1]),
            Build.desired(have: [id2], remove: [id1]),
            ["type": "UserAssigned", "identityIds": [two]]
        ),
    ].flatMap { $0 }

    @Test("PATCH of a VM", arguments: table)
    func machine(row: Row) throws {
        let plan = Build.plan(
            DesiredState(machines: [row.wanted], apiVersions: APIVersions(compute: row.compute)),
            Build.state([Build.machine(row.live)], identities: [Self.id1, Self.id2])
        )
        let change = try #require(plan.changes.first)
        #expect(plan.changes.count == 1)
        #expect(plan.blocked.isEmpty)
        let hasETag = row.compute >= "2023-09-01"
        #expect(
            change.requests == [
                PlannedRequest(
                    method: "PATCH",
                    path:
                        "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/"
                        + "Microsoft.Compute/virtualMachines/myVM",
                    apiVersion: row.compute,
                    ifMatch: hasETag ? "\"1\"" : nil,
                    body: ["identity": row.identity]
                )
            ]
        )
    }

    @Test(
        "PUT and DELETE of an identity",
        arguments: ["2015-08-31-preview", "2018-11-30", "2023-01-31", "2024-11-30"]
    )
    func identity(version: String) {
        let path =
            "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/"
            + "Microsoft.ManagedIdentity/userAssignedIdentities/ID"
        let desired = DesiredState(
            identities: [
                DesiredIdentity(
                    id: Self.id1,
                    location: "westus",
                    tags: ["owner": "me"],
                    origin: Build.origin()
                ),
                DesiredIdentity(id: Self.id2, location: nil, presence: .absent, origin: Build.origin()),
                DesiredIdentity(id: Build.identity("ID3"), location: "West US", origin: Build.origin()),
            ],
            apiVersions: APIVersions(managedIdentity: version)
        )
        let live = Build.state([], identities: [Self.id2], absent: [Self.id1, Build.identity("ID3")])
        let requests = Build.plan(desired, live).changes.flatMap(\.requests)
        #expect(
            requests == [
                PlannedRequest(
                    method: "PUT",
                    path: path + "1",
                    apiVersion: version,
                    body: ["location": "westus", "tags": ["owner": "me"]]
                ),
                PlannedRequest(
                    method: "PUT",
                    path: path + "3",
                    apiVersion: version,
                    body: ["location": "West US"]
                ),
                PlannedRequest(method: "DELETE", path: path + "2", apiVersion: version, body: nil),
            ]
        )
    }
}
