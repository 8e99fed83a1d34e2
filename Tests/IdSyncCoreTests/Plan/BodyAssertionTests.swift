import IdSyncCore
import TestSupport
import Testing

/// The assertion must catch bodies that a broken encoder could make; each row here is a way that tools lost identities.
struct BodyAssertionTests {
    private static let one = Build.identity("ID1")
    private static let two = Build.identity("ID2")
    private static let live = Build.block(system: true, [one, two])

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let shape: IdentityShape
        let body: JSONValue
        let finds: [String]
    }

    static let table: [Bad] = [
        Bad(
            testDescription: "type UserAssigned drops the system identity (F19)",
            shape: .dictionary,
            body: ["identity": ["type": "UserAssigned"]],
            finds: ["the system-assigned identity would be removed"]
        ),
        Bad(
            testDescription: "type SystemAssigned drops every user-assigned one (F20)",
            shape: .dictionary,
            body: ["identity": ["type": "SystemAssigned"]],
            finds: ["\(one) would be removed", "\(two) would be removed"]
        ),
        Bad(
            testDescription: "a null map drops all",
            shape: .dictionary,
            body: ["identity": ["type": "SystemAssigned, UserAssigned", "userAssignedIdentities": nil]],
            finds: ["\(one) would be removed", "\(two) would be removed"]
        ),
        Bad(
            testDescription: "a list that forgets one",
            shape: .array,
            body: [
                "identity": [
                    "type": "SystemAssigned, UserAssigned", "identityIds": [.string(one.description)],
                ]
            ],
            finds: ["\(two) would be removed"]
        ),
        Bad(
            testDescription: "no type",
            shape: .dictionary,
            body: ["identity": ["userAssignedIdentities": [:]]],
            finds: ["identity.type is missing"]
        ),
        Bad(
            testDescription: "more than identity",
            shape: .dictionary,
            body: ["identity": ["type": "None"], "location": "westus"],
            finds: ["the body is not exactly an identity block"]
        ),
    ]

    @Test("A body that drops what nobody named is caught", arguments: table)
    func caught(bad: Bad) {
        #expect(
            BodyAssertion.violations(
                of: bad.body,
                on: Self.live,
                permitting: MachineDelta(),
                shape: bad.shape
            )
                == bad.finds
        )
    }

    @Test("Unseen identities keep the UserAssigned flag alive (F11)")
    func hidden() {
        let block = IdentityBlock(type: .known(system: true, user: true))
        let rules = MachineRules(desired: Build.desired(system: false), shape: .dictionary)
        let body = IdentityBody.encode(rules.delta(on: block), on: block, shape: .dictionary)
        #expect(body == ["identity": ["type": "UserAssigned"]])
        #expect(
            BodyAssertion.violations(
                of: ["identity": ["type": "None"]],
                on: block,
                permitting: MachineDelta(system: false),
                shape: .dictionary
            ) == ["user-assigned identities that the answer did not list would be removed"]
        )
    }

    @Test("More than 100 identities go in several requests, additions first, the type right in each")
    func chunks() throws {
        let new = (1...150).map { Build.identity("new\($0)") }
        let old = (1...120).map { Build.identity("old\($0)") }
        let live = Build.machine(Build.block(system: true, old))
        let delta = MachineDelta(system: false, add: new, remove: live.block.attached)
        let requests = MachineRequests.requests(delta, to: live.id, on: live, apiVersions: APIVersions())
        let maps = try requests.map { try #require($0.body?["identity"]?["userAssignedIdentities"]?.object) }
        #expect(maps.map(\.count) == [100, 100, 70])
        #expect(maps.map { $0.values.count { $0 == .null } } == [0, 50, 70])
        #expect(requests.map(\.ifMatch) == ["\"1\"", nil, nil])
        let types = requests.map { $0.body?["identity"]?["type"]?.string }
        #expect(
            types == ["SystemAssigned, UserAssigned", "SystemAssigned, UserAssigned", "UserAssigned"]
        )
    }
}
