import ARMEmulator
import Foundation
import IdSyncCore
import TestSupport
import Testing

@testable import IdSyncAzure

/// Members of an odd type: none hides another, and none lets something leave that could not be judged.
struct OddAnswerTests {
    private static let one = Build.identity("ID1")

    private func machine(_ members: String) throws -> LiveMachine {
        let text = #"{"id": "\#(Build.vm())", \#(members)}"#
        return try JSONDecoder().decode(WireMachine.self, from: Data(text.utf8)).machine
    }

    private static let attached = #"{"type": "UserAssigned", "userAssignedIdentities": {"\#(one)": {}}}"#

    @Test(
        arguments: [
            (#""properties": 3"#, "'properties' has another type"),
            (#""properties": {"provisioningState": 7}"#, "'properties.provisioningState' has another type"),
            (
                #""properties": {"provisioningState": "Deleting", "securityProfile": []}"#,
                "'properties.securityProfile' has another type"
            ),
            (
                #""properties": {"securityProfile": {"encryptionIdentity": "x"}}"#,
                "'properties.securityProfile.encryptionIdentity' has another type"
            ),
            (
                #""properties": {"securityProfile": {"encryptionIdentity": {"userAssignedIdentityResourceId": 5}}}"#,
                "'properties.securityProfile.encryptionIdentity.userAssignedIdentityResourceId' has another type"
            ),
            (
                #""properties": {"virtualMachineProfile": {"securityProfile": {"encryptionIdentity": 1}}}"#,
                "'properties.virtualMachineProfile.securityProfile.encryptionIdentity' has another type"
            ),
            (#""properties": {"securityProfile": {"encryptionIdentity": null}}"#, nil),
            (#""properties": {"securityProfile": null, "hardwareProfile": 3}"#, nil),
            (#""properties": null"#, nil),
        ] as [(String, String?)]
    )
    func whatCannotBeUnderstoodLeavesADoubt(members: String, doubt: String?) throws {
        let machine = try machine(members + #", "identity": \#(Self.attached)"#)
        #expect(machine.doubt?.message == doubt)
        let removal = MachineRules(desired: Build.desired(remove: [Self.one]), shape: .dictionary)
        let addition = MachineRules(desired: Build.desired(have: [Build.identity("ID2")]), shape: .dictionary)
        if doubt != nil {
            guard case .blocked(let refusals) = removal.verdict(on: machine) else {
                Issue.record("\(members) lets an identity leave")
                return
            }
            #expect(refusals.map(\.gate).contains(.unreadable))
        }
        let isDeleting = members.contains("Deleting")
        #expect(machine.provisioningState == (isDeleting ? "Deleting" : nil))
        #expect((addition.verdict(on: machine) == .go(addition.delta(on: machine.block))) != isDeleting)
    }

    @Test("A system-assigned identity whose principal cannot be read is not switched off")
    func principal() throws {
        let machine = try machine(#""identity": {"type": "SystemAssigned", "principalId": 4}"#)
        #expect(machine.doubt?.message == "'identity.principalId' has another type")
        let rules = MachineRules(desired: Build.desired(system: false), shape: .dictionary)
        #expect(rules.verdict(on: machine) != .go(MachineDelta(system: false)))
    }

    @Test("One id of an attached identity does not hide the other")
    func attachedIDs() throws {
        let machine = try machine(
            #""identity": {"type": "UserAssigned", "userAssignedIdentities": {"\#(Self.one)": {"clientId": 5, "principalId": "p"}}}"#
        )
        #expect(machine.block.attached.map(\.principalID) == ["p"])
        #expect(machine.block.attached.map(\.clientID) == [nil])
    }

    @Test(
        "An identity whose ids cannot be read is not taken for one without ids",
        arguments: [
            #"{"clientId": 5, "principalId": "p"}"#, #"{"principalId": []}"#, "7",
        ]
    )
    func identityIDs(properties: String) {
        let text = #"{"id": "\#(Self.one)", "location": "w", "properties": \#(properties)}"#
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(WireIdentity.self, from: Data(text.utf8))
        }
    }

    @Test("An ETag that guards nothing is none", arguments: ["", "  ", "*", "\"\""])
    func etags(text: String) async throws {
        let quoted = JSONValue.string(text).prettyText()
        #expect(try machine(#""etag": \#(quoted)"#).etag == nil)
        let scripted = ScriptedTransport([.json(200, #"{"id": "\#(Build.vm())"}"#, headers: [("ETag", text)])]
        )
        let client = ARMClient(
            endpoint: try ARMEndpoint(parsing: "https://management.azure.com"),
            transport: scripted,
            tokens: FixedTokens(),
            time: VirtualTime(),
            userAgent: "test"
        )
        let reader = SingleRead(client: client, apiVersions: APIVersions())
        let seen = await reader.get(Build.vm(), as: WireMachine.self)
        #expect(seen.lookup.value?.machine.etag == nil)
        #expect(seen.lookup.value != nil)
    }

    // MARK: lists

    private func list(_ items: [JSONValue]) -> FaultRule {
        FaultRule(
            method: .get,
            path: "*/virtualMachines",
            times: nil,
            action: .answer(FaultAnswer(status: 200, body: ["value": .array(items)]))
        )
    }

    @Test(
        "An element that does not say which it is proves nobody absent",
        arguments: [
            ["name": "b"], ["id": 7], ["id": "nonsense"], 3, nil,
            ["id": "/subscriptions/x/resourceGroups/g/providers/Microsoft.Network/vnets/v"],
        ] as [JSONValue]
    )
    func nameless(item: JSONValue) async throws {
        let names = ["a", "b", "c"].map { Build.vm($0) }
        let world = try World(machines: names.prefix(2).map { Build.machine(.empty, id: $0) }) {
            $0.faults = [list([["id": .string(names[0].description)], item])]
        }
        let live = try await world.live(for: world.desired(names.map { Build.desired($0, system: true) }))
        #expect(live.machines[names[0]]?.value != nil)
        #expect(live.machines[names[1]]?.value != nil)
        #expect(live.machines[names[2]] == .absent("ResourceNotFound"))
        #expect(world.log.entries.count == 3)
        #expect(live.reads == 3)
    }
}
