import Foundation
import TestSupport
import Testing

@testable import IdSyncCore

@Suite struct PlanTextTests {
    private func text(
        _ plan: Plan,
        style: Style = .plain,
        isVerbose: Bool = false,
        target: PlanTarget = Sample.azure
    ) -> String {
        let document = Sample.document(plan, target: target)
        return PlanText(document, counts: Sample.counts, style: style, isVerbose: isVerbose).render()
    }

    @Test func everyOperationKeptReasonAndBlock() {
        expectSnapshot(text(Sample.everything), named: "plan-everything.txt")
    }

    @Test func verboseShowsTheExactRequests() {
        expectSnapshot(text(Sample.everything, isVerbose: true), named: "plan-everything-verbose.txt")
    }

    @Test func colour() {
        let coloured = text(Sample.everything, style: .ansi)
        expectSnapshot(coloured, named: "plan-everything-ansi.txt")
        let bare = coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(bare == text(Sample.everything), "colour changes nothing but colour")
    }

    @Test func blockedRows() { expectSnapshot(text(Sample.everyGate), named: "plan-every-gate.txt") }

    @Test func chunkedPatch() {
        expectSnapshot(text(Sample.chunked, isVerbose: true), named: "plan-chunked.txt")
    }

    @Test func removalOfTheSystemIdentity() {
        let machine = Sample.id(.virtualMachine, "vm-1")
        let change = Sample.patch(
            1,
            machine,
            Sample.block(system: true),
            MachineDelta(system: false),
            removed: [RemovedIdentity(kind: .system, id: nil, why: .system)]
        )
        expectSnapshot(text(Sample.plan([change])), named: "plan-system-removal.txt")
    }

    @Test func severalFilesAndAnEmulator() {
        let ids = [Sample.identity("ID1"), Sample.identity("ID1", group: "OtherRG")]
        let changes = ids.enumerated().map { index, id in
            Change(
                id: "c\(index + 1)",
                address: "identity/\(id.resourceGroup)/ID1",
                resourceID: id,
                origin: Sample.place(7, "teams/a-rather-long-folder-name/file-\(index + 1).yaml"),
                stage: .identities,
                operation: .createIdentity(location: "westus", tags: [:]),
                requests: Sample.change(1, id, .createIdentity(location: "westus", tags: [:])).requests
            )
        }
        let target = PlanTarget(
            cloud: "AzureCloud",
            resourceManager: "https://management.azure.com",
            endpoint: "http://user:secret@127.0.0.1:8080/?sig=secret",
            emulator: "state.json"
        )
        let plan = Sample.plan(changes, groups: ["TestRG", "OtherRG"])
        expectSnapshot(text(plan, target: target), named: "plan-several-files.txt")
    }

    @Test func hostileNamesCannotReachTheTerminal() {
        let result = text(Sample.hostile, isVerbose: true)
        expectSnapshot(result, named: "plan-hostile-names.txt")
        let unsafe = result.unicodeScalars.filter {
            $0 != "\n" && TerminalText.safe(String($0)) != String($0)
        }
        #expect(unsafe.isEmpty)
    }

    @Test func noChangesIsOneLine() {
        #expect(
            text(Sample.plan([])) == "No changes. 3 identities, 6 assignments in sync (41 reads).\n"
        )
        let saved = PlanText(Sample.document(Sample.plan([]))).render()
        #expect(saved == "No changes. 41 reads.\n")
    }

    @Test func noChangesWithWarningsShowsThem() {
        let warnings = [
            Sample.warning(PlanCode.dangling, "carries ID5 (TestRG), which no longer exists", "vm/vm-9"),
            Sample.warning(PlanCode.opaqueKey, "carries 'x', which is not a resource id", "vm/vm-9"),
        ]
        expectSnapshot(text(Sample.plan([], warnings: warnings)), named: "plan-warnings-only.txt")
    }

    @Test func theLastLineCountsInEveryPlan() throws {
        let last = try #require(text(Sample.everything).split(separator: "\n").last)
        #expect(
            last
                == "Plan: 1 to create, 1 to update, 1 to delete, 3 to assign, 2 to unassign. 2 blocked, 3 warnings."
        )
    }

    @Test func manyMachinesGiveThreeLinesEach() {
        let delta = MachineDelta(add: [Sample.identity("ID1")])
        let changes = (1...2_000).map {
            Sample.patch($0, Sample.id(.virtualMachine, "vm-\($0)"), .empty, delta)
        }
        let blocked = (1...2_000).map {
            BlockedItem(address: "vm/vm-\($0)", gate: .missingIdentity, message: "ID2 is missing")
        }
        let plan = Sample.plan(changes, blocked: blocked)
        let document = Sample.document(plan)
        let text = PlanText(document, counts: Sample.counts).render()
        #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 2_000 * 3 + 9)
    }

    @Test func everyReasonToLeave() {
        expectSnapshot(text(Sample.leavings), named: "plan-every-reason.txt")
    }

    @Test func severalSubscriptionsStandOnEveryRow() {
        expectSnapshot(text(Sample.twoSubscriptions), named: "plan-two-subscriptions.txt")
    }

    @Test func subscriptionsThatBeginAlikeAreSpelledOut() {
        let other = String(Sample.subscription.dropLast()) + "b"
        let ids = [Sample.subscription, other].map {
            ResourceID(subscription: $0, resourceGroup: "RG", kind: .virtualMachine, name: "vm")
        }
        let places = Places(
            Plan(changes: ids.map { Sample.patch(1, $0, .empty, MachineDelta(system: true)) })
        )
        #expect(ids.map(places.place) == ["\(Sample.subscription)/RG", "\(other)/RG"])
    }

    @Test func aWarningOfManyMachinesIsOneLineUnlessVerbose() {
        let plan = Sample.manyWarnings
        expectSnapshot(text(plan), named: "plan-shared-warnings.txt")
        let lines = text(plan, isVerbose: true).split(separator: "\n")
        #expect(lines.count { $0.contains("[IDS3001]") } == 20)
        #expect(!lines.contains { $0.contains("20 VMs:") })
        #expect(plan.summary.warnings == 21)
    }

    @Test func whatIsLostIsNamedOnce() {
        #expect(LossText.line([]) == nil)
        let deletes = (1...9).map {
            Sample.change(
                $0,
                Sample.identity("old\($0)"),
                .deleteIdentity(DoomedIdentity(location: "westus", tags: [:]))
            )
        }
        #expect(
            LossText.line(deletes)
                == "Lost for good: identities old1, old2, old3, old4, old5, old6, old7, old8 and 1 more."
        )
        let off = ["a", "b"].map {
            Sample.patch(
                1,
                Sample.id(.virtualMachine, $0),
                Sample.block(system: true),
                MachineDelta(system: false)
            )
        }
        #expect(
            LossText.line([deletes[0]] + off)
                == "Lost for good: identity old1; the system-assigned identities of a, b."
        )
    }

    @Test func noLineIsWiderThanThePageUnlessOneWordIs() {
        for plan in [
            Sample.everything, Sample.everyGate, Sample.leavings, Sample.twoSubscriptions,
            Sample.manyWarnings,
        ] {
            for line in text(plan).split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
        }
    }

    @Test func countsComeFromTheStates() {
        let present = Sample.identity("ID1")
        let gone = Sample.identity("ID2")
        let machine = Sample.id(.virtualMachine, "vm")
        let desired = DesiredState(
            identities: [
                DesiredIdentity(id: present, location: "westus", origin: Sample.place(1)),
                DesiredIdentity(id: gone, location: nil, presence: .absent, origin: Sample.place(2)),
            ],
            machines: [
                DesiredMachine(
                    id: machine,
                    systemAssigned: true,
                    userAssigned: [IdentityReference(id: present, origin: Sample.place(3))],
                    origin: Sample.place(3)
                )
            ]
        )
        let live = LiveState(
            identities: [
                present: .found(LiveIdentity(id: present, location: "westus")), gone: .absent("NotFound"),
            ],
            machines: [machine: .found(LiveMachine(id: machine, block: .empty))]
        )
        let expected = PlanCounts(
            identitiesRead: 1,
            machinesRead: 1,
            identitiesWanted: 1,
            assignmentsWanted: 2
        )
        #expect(PlanCounts(desired: desired, live: live) == expected)
    }
}
