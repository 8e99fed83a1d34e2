import Foundation
import IdSyncCore
import TestSupport
import Testing

@Suite struct CeilingTests {
    static let machine = Sample.id(.virtualMachine, "myVM")
    static let (f, g) = (Sample.identity("F", group: "rg-f"), Sample.identity("G"))
    static let delta = MachineDelta(add: [Sample.identity("ID1")])

    private func saved(_ document: PlanDocument) throws -> SavedPlan {
        try SavedPlan(parsing: document.json.canonicalData())
    }

    func verdicts(_ approved: Plan, _ fresh: Plan, live: LiveState = LiveState()) throws -> [String] {
        try Ceiling.compare(
            saved: saved(Sample.document(approved)),
            fresh: Sample.document(fresh),
            live: live
        )
        .map(\.description)
    }

    static func vm(
        _ before: IdentityBlock,
        _ delta: MachineDelta = delta,
        id: ResourceID = machine,
        etag: String? = "\"1\""
    ) -> Plan {
        Sample.plan([Sample.patch(1, id, before, delta, etag: etag)])
    }

    static func identity(_ operation: Change.Operation) -> Plan {
        Sample.plan([Sample.change(1, Sample.identity("ID1"), operation)])
    }

    @Test func anEqualChangeGoesWithItsFreshETag() throws {
        let fresh = Self.vm(.empty, etag: "\"2\"")
        let result = Ceiling.compare(
            saved: try saved(Sample.document(Self.vm(.empty))),
            fresh: Sample.document(fresh),
            live: LiveState()
        )
        #expect(result == [CeilingVerdict(change: fresh.changes[0], outcome: .go)])
    }

    @Test func everythingGoesAgainstItself() throws {
        for plan in [Sample.everything, Sample.chunked, Sample.hostile] {
            let result = Ceiling.compare(
                saved: try saved(Sample.document(plan)),
                fresh: Sample.document(plan),
                live: LiveState()
            )
            #expect(result == plan.changes.map { CeilingVerdict(change: $0, outcome: .go) })
        }
    }

    @Test func spellingOfIdsAndLocationsDoesNotMatter() throws {
        let loud = ResourceID(
            subscription: Sample.subscription.uppercased(),
            resourceGroup: "TESTRG",
            kind: .virtualMachine,
            name: "MYVM"
        )
        let before = Sample.block([Self.g])
        let shout = IdentityBlock(
            type: before.type,
            attached: [AttachedIdentity(spelling: Self.g.description.uppercased())]
        )
        let removal = MachineDelta(remove: before.attached)
        let loudRemoval = MachineDelta(remove: shout.attached)
        let fresh = Sample.plan([
            Change(
                id: "c1",
                address: "vm/myVM",
                resourceID: loud,
                origin: nil,
                stage: .machines,
                operation: Self.vm(shout, loudRemoval).changes[0].operation,
                requests: Self.vm(shout, loudRemoval, id: loud).changes[0].requests
            )
        ])
        #expect(try verdicts(Self.vm(before, removal), fresh) == ["vm/myVM: as approved"])
        #expect(
            try verdicts(
                Self.identity(.deleteIdentity(DoomedIdentity(location: "westus", tags: [:]))),
                Self.identity(.deleteIdentity(DoomedIdentity(location: "West US", tags: [:])))
            ) == ["identity/ID1: as approved"]
        )
    }

    @Test func aBlockThatTheApprovedPlanDidNotShowIsTheReason() throws {
        let block = BlockedItem(address: "vm/myVM", gate: .missingTarget, message: "it does not exist")
        let other = BlockedItem(address: "vm/myVM", gate: .missingIdentity, message: "ID8 does not exist")
        let done = Self.live(Self.delta.applied(to: .empty))
        let approved = Self.vm(.empty)
        #expect(
            try verdicts(approved, Sample.plan([], blocked: [block]))
                == ["vm/myVM: it is blocked now (missing-target): it does not exist"]
        )
        let partly = Sample.plan(approved.changes, blocked: [other])
        #expect(
            try verdicts(partly, Sample.plan([], blocked: [other]), live: done) == ["vm/myVM: already done"]
        )
        #expect(
            try verdicts(partly, Sample.plan([], blocked: [block, other]))
                == ["vm/myVM: it is blocked now (missing-target): it does not exist"]
        )
        #expect(try verdicts(partly, partly) == ["vm/myVM: as approved"])
    }

    @Test func aSecondIdentityThatGoesMissingIsToldFromTheFirst() throws {
        let missing = { (name: String) in
            BlockedItem(
                address: "vm/myVM",
                gate: .missingIdentity,
                message: "identity '\(name)' does not exist",
                evidence: [Sample.identity(name).description]
            )
        }
        let approved = Sample.plan(Self.vm(.empty).changes, blocked: [missing("BBB")])
        let fresh = Sample.plan([], blocked: [missing("BBB"), missing("ID1")])
        #expect(
            try verdicts(approved, fresh, live: Self.live(.empty))
                == ["vm/myVM: it is blocked now (missing-identity): identity 'ID1' does not exist"]
        )
    }

    private static let moved = "live state changed since the plan: "

    @Test(arguments: [
        (vm(.empty), vm(Sample.block([f])), "vm/myVM: \(moved)+ rg-f/F attached"),
        (vm(Sample.block([f, g])), vm(Sample.block([f])), "vm/myVM: \(moved)- TestRG/G detached"),
        (
            vm(Sample.block(system: true, [f])), vm(Sample.block([g])),
            "vm/myVM: \(moved)+ TestRG/G attached, - rg-f/F detached, - system-assigned"
        ),
        (
            vm(.empty), vm(IdentityBlock(type: .known(system: false, user: true))),
            "vm/myVM: \(moved)type None -> UserAssigned"
        ),
        (
            vm(.empty), vm(.empty, MachineDelta(system: true, add: [f])),
            "vm/myVM: the change is not the approved one: now also assigns system, now also assigns rg-f/F, "
                + "no longer assigns TestRG/ID1"
        ),
        (
            vm(Sample.block([g])), vm(Sample.block([g]), MachineDelta(remove: Sample.block([g]).attached)),
            "vm/myVM: the change is not the approved one: now also unassigns TestRG/G, no longer assigns TestRG/ID1"
        ),
        (
            vm(.empty), request(vm(.empty), apiVersion: "2018-06-01"),
            "vm/myVM: the request is not the approved one: api-version 2024-07-01 -> 2018-06-01"
        ),
        (
            vm(.empty), request(vm(.empty), method: "PUT"),
            "vm/myVM: the request is not the approved one: method PATCH -> PUT"
        ),
        (
            vm(.empty), request(vm(.empty), body: ["identity": ["type": "None"]]),
            "vm/myVM: the request is not the approved one: its body"
        ),
        (
            identity(.updateIdentity(location: "w", from: ["a": "x"], to: ["a": "y"])),
            identity(.updateIdentity(location: "w", from: ["a": "X", "b": "1"], to: ["a": "y", "b": "1"])),
            "identity/ID1: \(moved)tag a: \"x\" -> \"X\", tag b: (absent) -> \"1\""
        ),
        (
            identity(.deleteIdentity(DoomedIdentity(location: "w", tags: [:]))),
            identity(.deleteIdentity(DoomedIdentity(location: "e", tags: [:]))),
            "identity/ID1: \(moved)location w -> e"
        ),
        (
            identity(.createIdentity(location: "w", tags: [:])),
            identity(.updateIdentity(location: "w", from: [:], to: ["a": "b"])),
            "identity/ID1: \(moved)update is needed now, create was approved"
        ),
        (
            identity(.createIdentity(location: "w", tags: ["a": "b"])),
            identity(.createIdentity(location: "w", tags: ["a": "B"])),
            "identity/ID1: the request is not the approved one: its body"
        ),
        (Sample.plan([]), vm(.empty), "vm/myVM: \(moved)assign is needed now and was not approved"),
    ])
    func whatMovedIsSaid(approved: Plan, fresh: Plan, verdict: String) throws {
        #expect(try verdicts(approved, fresh) == [verdict])
    }

    private static func request(
        _ plan: Plan,
        method: String = "PATCH",
        apiVersion: String = "2024-07-01",
        body: JSONValue? = nil
    ) -> Plan {
        let change = plan.changes[0]
        return Sample.plan([
            Change(
                id: change.id,
                address: change.address,
                resourceID: change.resourceID,
                origin: change.origin,
                stage: change.stage,
                operation: change.operation,
                requests: [
                    PlannedRequest(
                        method: method,
                        path: change.requests[0].path,
                        apiVersion: apiVersion,
                        body: body ?? change.requests[0].body
                    )
                ]
            )
        ])
    }

    @Test func anotherManifestMakesEverythingStale() throws {
        let approved = try saved(Sample.document(Self.vm(.empty)))
        let other = Sample.id(.virtualMachine, "other")
        let fresh = Sample.plan(Self.vm(.empty).changes + Self.vm(.empty, id: other).changes)
        let result = Ceiling.compare(
            saved: approved,
            fresh: Sample.document(fresh, manifest: "version: 1 #\n"),
            live: LiveState()
        )
        #expect(
            result.map(\.description) == [
                "vm/myVM: manifest changed since the plan: file manifest.yaml",
                "vm/other: manifest changed since the plan: file manifest.yaml",
            ]
        )
    }

    @Test func manifestFilesThatCameAndWentAreNamed() throws {
        let approved = try saved(Sample.document(Self.vm(.empty)))
        let fresh = PlanDocument(
            plan: Self.vm(.empty),
            createdAt: .distantPast,
            toolVersion: "1.0.0",
            manifest: ManifestDigest(files: [.init(path: "new.yaml", contents: Data())]),
            target: Sample.azure
        )
        #expect(
            Ceiling.compare(saved: approved, fresh: fresh, live: LiveState()).map(\.description) == [
                "vm/myVM: manifest changed since the plan: file manifest.yaml is gone, file new.yaml is new"
            ]
        )
    }

    @Test func anotherTargetMakesEverythingStale() throws {
        let approved = try saved(Sample.document(Self.vm(.empty)))
        let target = PlanTarget(cloud: "AzureChinaCloud", resourceManager: "https://x", emulator: "s.json")
        #expect(
            Ceiling.compare(
                saved: approved,
                fresh: Sample.document(Self.vm(.empty), target: target),
                live: LiveState()
            )
            .map(\.description) == [
                "vm/myVM: the plan was made for cloud AzureCloud, this run is for cloud AzureChinaCloud  "
                    + "emulator s.json"
            ]
        )
    }
}
