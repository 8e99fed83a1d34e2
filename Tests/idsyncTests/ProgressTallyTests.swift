import IdSyncCore
import TestSupport
import Testing

@testable import idsync

/// What an apply says while it runs.
struct ProgressTallyTests {
    private static func changes(_ count: Int, stage: Stage = .machines, from first: Int = 1) -> [Change] {
        (first..<first + count).map { number in
            let delta = MachineDelta(system: true)
            let id = Build.vm("web-\(number)")
            return Change(
                id: "c\(number)",
                address: "vm/web-\(number)",
                resourceID: id,
                origin: nil,
                stage: stage,
                operation: .patchMachine(
                    before: .empty,
                    after: delta.applied(to: .empty),
                    delta: delta
                ),
                requests: []
            )
        }
    }

    private func tally(_ changes: [Change]) -> ProgressTally {
        ProgressTally(changes, style: .plain, showsTimes: true, at: .zero)
    }

    @Test("One short line per change, the counts in the order of completion, no word about what never began")
    func lines() {
        let changes = Self.changes(4)
        var tally = tally(changes)
        let error = ReportError(code: "AuthorizationFailed", message: "a long story")
        let outcomes = [
            ChangeOutcome(change: changes[2], status: .applied, duration: .seconds(33)),
            ChangeOutcome(change: changes[0], status: .failed, duration: .seconds(9), error: error),
            ChangeOutcome(change: changes[3], status: .notStarted, error: error),
            ChangeOutcome(change: changes[1], status: .alreadyDone),
        ]
        #expect(
            outcomes.map { tally.finished($0, at: .seconds(1)) } == [
                "1 of 4 done: ~ web-3 applied, 33 s", "2 of 4 done: ~ web-1 FAILED, 9.0 s", nil,
                "3 of 4 done: ~ web-2 already done, 0.0 s",
            ]
        )
        #expect(tally.isOver)
    }

    @Test("The heartbeat comes after 30 s without news and names what is under way, of one stage only")
    func heartbeat() {
        let changes = Self.changes(5) + Self.changes(1, stage: .deletions, from: 6)
        var tally = tally(changes)
        #expect(tally.heartbeat(at: .seconds(29)) == nil)
        #expect(
            tally.heartbeat(at: .seconds(30))
                == "still working after 30 s: web-1, web-2, web-3, … (0 of 6 done)"
        )
        #expect(tally.heartbeat(at: .seconds(45)) == nil)
        for index in [0, 2, 3] {
            let outcome = ChangeOutcome(change: changes[index], status: .applied)
            _ = tally.finished(outcome, at: .seconds(50))
        }
        #expect(tally.heartbeat(at: .seconds(60)) == nil)
        #expect(
            tally.heartbeat(at: .seconds(90))
                == "still working after 1 min 30 s: web-2, web-5 (3 of 6 done)"
        )
        for index in [1, 4] {
            _ = tally.finished(ChangeOutcome(change: changes[index], status: .applied), at: .seconds(91))
        }
        #expect(tally.liveLine(at: .seconds(92)).hasSuffix(": web-6"))
    }

    @Test("What is left is told only once enough has ended, and never grows while nothing ends")
    func estimate() {
        let changes = Self.changes(40)
        var tally = tally(changes)
        for index in 0..<7 {
            _ = tally.finished(ChangeOutcome(change: changes[index], status: .applied), at: .seconds(index))
        }
        #expect(tally.liveLine(at: .seconds(7)) == "[7/40] 7 s: web-8, web-9, web-10, …")
        _ = tally.finished(ChangeOutcome(change: changes[7], status: .applied), at: .seconds(8))
        #expect(tally.liveLine(at: .seconds(8)) == "[8/40] 8 s, about 32 s left: web-9, web-10, web-11, …")
        #expect(tally.liveLine(at: .seconds(18)) == "[8/40] 18 s, about 22 s left: web-9, web-10, web-11, …")
        #expect(tally.liveLine(at: .seconds(60)) == "[8/40] 1 min: web-9, web-10, web-11, …")
    }

    @Test("An emulated run shows no times")
    func emulated() {
        let changes = Self.changes(1)
        var tally = ProgressTally(changes, style: .plain, showsTimes: false, at: .zero)
        let outcome = ChangeOutcome(change: changes[0], status: .applied, duration: .seconds(240))
        #expect(tally.finished(outcome, at: .zero) == "1 of 1 done: ~ web-1 applied")
    }
}
