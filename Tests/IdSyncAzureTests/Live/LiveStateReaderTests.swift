import ARMEmulator
import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

/// How many requests reading takes, and that nothing is lost or invented on the way.
struct LiveStateReaderTests {
    private static let one = Build.identity("ID1")

    private func vms(_ count: Int, group: String = "TestRG") -> [ResourceID] {
        (1...count).map { Build.vm("vm\($0)", group: group) }
    }

    private func world(_ ids: [ResourceID], pageSize: Int = 50) throws -> World {
        try World(
            machines: ids.map { Build.machine(Build.block(system: true, [Self.one]), id: $0) },
            identities: [Self.one]
        ) { $0.settings.pageSize = pageSize }
    }

    struct Cost: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// VMs per group that exist, and how many of them are declared.
        let groups: [(existing: Int, declared: Int)]
        let requests: Int
    }

    static let costs: [Cost] = [
        Cost(testDescription: "one declared in a big group: one GET", groups: [(500, 1)], requests: 1),
        Cost(testDescription: "all of a group: its pages", groups: [(200, 200)], requests: 4),
        Cost(testDescription: "two of a small group: one page", groups: [(20, 2)], requests: 1),
        Cost(
            testDescription: "three of a big group: pages until GETs cost no more",
            groups: [(1000, 3)],
            requests: 4
        ),
        Cost(
            testDescription: "many groups with a few each: one list of the subscription",
            groups: Array(repeating: (5, 5), count: 20),
            requests: 2
        ),
        Cost(
            testDescription: "a few declared in many groups of a huge subscription",
            groups: Array(repeating: (100, 1), count: 5),
            requests: 6
        ),
    ]

    @Test("Requests for VMs", arguments: costs)
    func cost(row: Cost) async throws {
        let existing = row.groups.enumerated().flatMap { vms($1.existing, group: "g\($0)") }
        let declared = row.groups.enumerated().flatMap { vms($1.declared, group: "g\($0)") }
        let world = try world(existing)
        let live = try await world.live(for: world.desired(declared.map { Build.desired($0, system: true) }))
        #expect(live.machines.count == declared.count)
        #expect(live.machines.values.allSatisfy { $0.value != nil })
        let sent = world.log.entries.filter { $0.path.contains("/virtualMachines") }.count
        #expect(sent == row.requests)
        #expect(live.reads == world.log.entries.count)
        #expect(world.log.writes.isEmpty)
    }

    @Test("Absence is told from a missing group, by list and by GET")
    func absence() async throws {
        let world = try world(vms(3))
        let missing = [Build.vm("nope"), Build.vm("nope2"), Build.vm("x", group: "NoGroup")]
        let live = try await world.live(
            for: world.desired((vms(3) + missing).map { Build.desired($0, system: true) })
        )
        #expect(live.machines[missing[0]] == .absent("ResourceNotFound"))
        #expect(live.machines[missing[1]] == .absent("ResourceNotFound"))
        #expect(live.machines[missing[2]] == .absent("ResourceGroupNotFound"))
        #expect(live.machines[vms(3)[0]]?.value != nil)
    }

    @Test("A list that may not be read falls back to GETs; a server that talks nonsense is asked once")
    func failures() async throws {
        let ids = vms(5)
        let forbidden = try World(machines: ids.map { Build.machine(.empty, id: $0) }) {
            $0.faults = [
                FaultRule(
                    path: "*/virtualMachines",
                    times: nil,
                    action: .answer(FaultAnswer(status: 403, code: "AuthorizationFailed"))
                )
            ]
        }
        let desired = forbidden.desired(ids.map { Build.desired($0, system: true) })
        #expect(try await forbidden.live(for: desired).machines.values.allSatisfy { $0.value != nil })
        for action in [
            FaultAction.garbage, .html(200), .redirect("https://evil.example"),
            .foreignNextLink("https://evil.example"),
        ] {
            let world = try World(machines: ids.map { Build.machine(.empty, id: $0) }) {
                $0.settings.pageSize = 2
                $0.faults = [FaultRule(path: "*/virtualMachines*", times: nil, action: action)]
            }
            let live = try await world.live(for: world.desired(ids.map { Build.desired($0, system: true) }))
            let failures = live.machines.values.compactMap { lookup -> ReadFailure? in
                if case .unreadable(let failure) = lookup { failure } else { nil }
            }
            #expect(failures.count == 5, "\(action)")
            #expect(
                failures.allSatisfy { $0.kind == .malformed && $0.message.contains("/virtualMachines") },
                "\(failures)"
            )
            #expect(world.log.entries.count == 1)
        }
    }

    @Test("The users of an identity to be deleted are searched in the whole subscription")
    func whereUsed() async throws {
        let user = Build.vm("elsewhere", group: "OtherRG")
        let world = try world(vms(3) + [user])
        let desired = world.desired(
            [Build.desired(vms(3)[0])],
            identities: [
                DesiredIdentity(id: Self.one, location: nil, presence: .absent, origin: Build.origin())
            ]
        )
        let live = try await world.live(for: desired)
        #expect(Set(live.machines.keys) == Set(vms(3) + [user]))
        #expect(live.whereUsedGap == nil)
        let (_, plan) = try await world.plan(desired)
        #expect(plan.blocked.map(\.gate) == [.inUse])
        let blind = try World(machines: [Build.machine(.empty)], identities: [Self.one]) {
            $0.faults = [
                FaultRule(
                    path: "*/virtualMachineScaleSets",
                    times: nil,
                    action: .answer(FaultAnswer(status: 403, code: "AuthorizationFailed"))
                )
            ]
        }
        #expect(try await blind.live(for: desired).whereUsedGap?.kind == .permission)
    }

    struct Variant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String
        let type: IdentityType
        let attached: [String]
    }

    private static let id1 =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1"

    static let variants: [Variant] = [
        Variant(testDescription: "no identity", body: "{}", type: .none, attached: []),
        Variant(testDescription: "null identity", body: #"{"identity": null}"#, type: .none, attached: []),
        Variant(testDescription: "empty identity", body: #"{"identity": {}}"#, type: .none, attached: []),
        Variant(testDescription: "None", body: #"{"identity": {"type": "None"}}"#, type: .none, attached: []),
        Variant(
            testDescription: "null map",
            body: #"{"identity": {"type": "SystemAssigned", "userAssignedIdentities": null}}"#,
            type: .known(system: true, user: false),
            attached: []
        ),
        Variant(
            testDescription: "null value and garbage key",
            body:
                #"{"identity": {"type": "userassigned", "userAssignedIdentities": {"garbage": 7, "\#(id1)": null}}}"#,
            type: .known(system: false, user: true),
            attached: [id1.lowercased(), "garbage"]
        ),
        Variant(
            testDescription: "array with a null and a double in other case",
            body:
                #"{"identity": {"type": "UserAssigned", "identityIds": ["\#(id1)", null, "\#(id1.uppercased())"]}}"#,
            type: .known(system: false, user: true),
            attached: [id1.lowercased()]
        ),
        Variant(
            testDescription: "both shapes at once",
            body:
                #"{"identity": {"type": "UserAssigned", "identityIds": ["a"], "userAssignedIdentities": {"b": {}}}}"#,
            type: .known(system: false, user: true),
            attached: ["a", "b"]
        ),
        Variant(
            testDescription: "unknown type",
            body: #"{"identity": {"type": "Foo"}}"#,
            type: .unknown("Foo"),
            attached: []
        ),
        Variant(
            testDescription: "properties of odd types",
            body: #"{"properties": 3, "etag": 4, "managedBy": []}"#,
            type: .none,
            attached: []
        ),
    ]

    @Test("Tolerant decoding never loses an identity", arguments: variants)
    func decoding(variant: Variant) throws {
        let id = Build.vm().description
        let text = #"{"id": "\#(id)", "x": 1, \#(variant.body.dropFirst())"#.replacingOccurrences(
            of: ", }",
            with: "}"
        )
        let machine = try JSONDecoder().decode(WireMachine.self, from: Data(text.utf8)).machine
        #expect(machine.block.type == variant.type)
        #expect(machine.block.attached.map(\.key) == variant.attached)
    }

    @Test("One damaged element does not take its page with it")
    func damaged() throws {
        let page = """
            [{"id": "\(Build.vm("a"))", "identity": {"type": 7}}, {"nothing": 1}, {"id": "\(Build.vm("b"))"}]
            """
        let items = try JSONDecoder().decode([LossyItem<WireMachine>].self, from: Data(page.utf8))
        let ids = items.map { item -> String? in
            switch item.result {
            case .success(let wire): "ok \(wire.machine.id.name)"
            case .failure(let damage): damage.id.map { "bad \($0.suffix(1))" }
            }
        }
        #expect(ids == ["bad a", nil, "ok b"])
    }
}

/// Answers that look like lists and are none, and lists that fail: nothing may be concluded from them.
struct UntrustworthyListTests {
    private static let old = Build.identity("OLD")

    private func world(_ body: JSONValue, path: String) throws -> World {
        try World(
            machines: [
                Build.machine(Build.block(), id: Build.vm("a")),
                Build.machine(Build.block([Self.old]), id: Build.vm("other")),
            ],
            identities: [Self.old]
        ) {
            $0.faults = [
                FaultRule(
                    method: .get,
                    path: path,
                    times: nil,
                    action: .answer(FaultAnswer(status: 200, body: body))
                )
            ]
        }
    }

    @Test(
        "A last page without `value` is no empty list",
        arguments: [["foo": 1], [:], ["value": nil], ["error": ["code": "x"]]] as [JSONValue]
    )
    func noValue(body: JSONValue) async throws {
        let world = try world(body, path: "*/virtualMachines")
        let desired = world.desired(
            [Build.desired(Build.vm("a")), Build.desired(Build.vm("other"))],
            identities: [
                DesiredIdentity(id: Self.old, location: nil, presence: .absent, origin: Build.origin())
            ]
        )
        let (_, plan) = try await world.plan(desired)
        #expect(plan.blocked.map(\.gate).contains(.whereUsed))
        #expect(!plan.changes.contains { $0.action == "delete" })
        let other = world.desired([Build.desired(Build.vm("a")), Build.desired(Build.vm("b"))])
        #expect(try await world.live(for: other).machines.values.allSatisfy { $0.value == nil })
    }

    @Test("A list that keeps failing is not replaced by one GET per machine")
    func failingList() async throws {
        let ids = (1...30).map { Build.vm("vm\($0)") }
        let world = try World(machines: ids.map { Build.machine(.empty, id: $0) }) {
            $0.faults = [
                FaultRule(path: "*/virtualMachines*", times: nil, action: .answer(FaultAnswer(status: 503)))
            ]
        }
        let live = try await world.live(for: world.desired(ids.map { Build.desired($0, system: true) }))
        #expect(world.log.entries.count <= 10)
        #expect(live.wholeFailure?.kind == .unavailable)
    }
}
