import Foundation
import TestSupport
import Testing

@testable import IdSyncCore

@Suite struct ReportTextTests {
    private let document = Sample.reportDocument(Sample.report, exitCode: 7)

    @Test func everyStatus() {
        expectSnapshot(ReportText(document).render(), named: "report-everything.txt")
    }

    @Test func colour() {
        let coloured = ReportText(document, style: .ansi).render()
        expectSnapshot(coloured, named: "report-everything-ansi.txt")
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == ReportText(document).render())
    }

    @Test func interrupted() {
        let changes = Sample.chunked.changes
        let report = Report(outcomes: [ChangeOutcome(change: changes[0], status: .notStarted)], signal: 15)
        let text = ReportText(Sample.reportDocument(report, exitCode: 143)).render()
        expectSnapshot(text, named: "report-interrupted.txt")
    }

    @Test func converged() throws {
        let changes = Sample.everything.changes
        let report = Report(
            outcomes: [
                ChangeOutcome(change: changes[0], status: .alreadyDone),
                ChangeOutcome(change: changes[1], status: .alreadyDone),
            ]
        )
        let document = ReportDocument(report: report, planDigest: nil, toolVersion: "1.0.0", exitCode: 0)
        #expect(
            ReportText(document).render() == """
                idsync 1.0.0 apply
                [1/2] + ID1     already done
                [2/2] ~ mi-api  already done
                Applied: 0 of 2, 2 already done. 0 failed, 0 not started. Azure was not modified.

                """
        )
    }

    @Test func oneOutcomeAsProgress() {
        let report = Sample.report
        let line = OutcomeLine(changes: report.outcomes.map(\.change))
        #expect(
            line.lines(for: report.outcomes[0], number: 3) == [
                "[3/7] + ID1     created                   1.4 s"
            ]
        )
        let big = OutcomeLine(
            changes: Sample.chunked.changes + report.outcomes.map(\.change) + Sample.chunked.changes
        )
        let outcome = ChangeOutcome(
            change: Sample.chunked.changes[0],
            status: .applied,
            duration: .milliseconds(40)
        )
        #expect(
            big.lines(for: outcome, number: 1) == [
                "[1/9] ~ big     + ID1001, + ID1002, + ID1003, + ID1004, and 127 more  0.0 s"
            ]
        )
    }

    @Test(arguments: [
        (0, "0.0 s"), (49, "0.0 s"), (50, "0.1 s"), (1400, "1.4 s"), (59_949, "59.9 s"), (59_950, "60 s"),
        (61_040, "61 s"), (119_499, "119 s"), (119_500, "2 min 0 s"), (725_000, "12 min 5 s"),
    ])
    func times(milliseconds: Int, text: String) {
        #expect(OutcomeLine.time(milliseconds) == text)
    }
}
