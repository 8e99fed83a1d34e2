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
                Applied: 0 of 2, 2 already done. 0 failed, 0 stale, 0 blocked, 0 not started. Azure was not modified.

                """
        )
    }

    @Test func oneOutcomeAsProgress() {
        let texts = Sample.report.outcomes.map { OutcomeBrief.text($0, showsTime: true) }
        #expect(
            texts == [
                "+ ID1 applied, 1.4 s", "~ mi-api already done, 0.0 s", "~ vm-1 applied, 2 min 5 s",
                "~ vm-2 FAILED, 61 s", "~ vm-3 STALE, 0.0 s", "~ web BLOCKED, 0.0 s",
                "- OLD not started, 0.0 s",
            ]
        )
        #expect(OutcomeBrief.text(Sample.report.outcomes[0], showsTime: false) == "+ ID1 applied")
    }

    @Test func failures() {
        expectSnapshot(ReportText(Sample.failures).render(), named: "report-failures.txt")
    }

    @Test(arguments: [
        (1, false, "Azure was modified."), (0, true, "Azure may have been modified."),
        (0, false, "Azure was not modified."),
    ])
    func modification(writes: Int, isUncertain: Bool, words: String) {
        let outcome = ChangeOutcome(
            change: Sample.chunked.changes[0],
            status: .failed,
            writes: writes,
            isUncertain: isUncertain
        )
        let document = ReportDocument(
            report: Report(outcomes: [outcome]),
            planDigest: nil,
            toolVersion: "1.0.0",
            exitCode: 7
        )
        #expect(ReportText(document).render().hasSuffix("0 not started. \(words)\n"))
    }

    @Test(arguments: [
        ("connectionLost", "no answer from ARM"), ("outdated", "the request was not sent"),
        ("congested", "the request was not sent"),
        ("redirect", "ARM answered with a redirect, which was not followed"),
    ])
    func sentences(code: String, sentence: String) throws {
        let id = Sample.id(.virtualMachine, "vm")
        let outcome = ChangeOutcome(
            change: Sample.patch(1, id, .empty, MachineDelta(system: true)),
            status: .failed,
            error: ReportError(code: code, message: "PATCH \(id): what happened")
        )
        let failure = FailureText(ReportRow(outcome))
        #expect(failure.sentence == sentence)
        #expect(failure.message == "PATCH: what happened")
    }

    @Test func noStatusOfSuccessShowsBesideAFailure() {
        let failed = ReportText(Sample.failures).render().split(separator: "\n").filter {
            $0.contains("FAILED") || $0.hasPrefix("      ARM")
        }
        #expect(!failed.contains { $0.contains("200") || $0.contains("202") })
    }

    @Test func linesKeepToThePageAndCommandsStayWhole() throws {
        let text = ReportText(Sample.failures).render() + ReportText(document).render()
        let lines = text.split(separator: "\n")
        for line in lines where !line.contains("--scope") { #expect(line.count <= 100, "\(line)") }
        let start = try #require(lines.firstIndex { $0.contains("az role assignment create") })
        let command = lines[start...].prefix { $0.hasSuffix(" \\") || $0.contains("--scope") }
        #expect(command.dropLast().allSatisfy { $0.hasSuffix(" \\") })
        let joined = command.map { $0.hasSuffix("\\") ? String($0.dropLast()) : String($0) }.joined()
        let words = joined.split(separator: " ").drop { $0 != "az" }.joined(separator: " ")
        let remedy = try #require(Sample.failures.rows[0].error?.remedy)
        #expect(remedy.hasSuffix("\n" + words))
    }

    @Test func emulatedTimesAreLeftOut() {
        let context = ReportContext(isEmulated: true)
        let lines =
            ReportText(Sample.failures, context: context).render()
            + ReportText(document, context: context).render()
        #expect(!lines.contains(/[0-9] s\b|[0-9] min\b/))
    }

    /// What to do next, by the cause.
    @Test(
        arguments: [
            ([.applied, .alreadyDone], [], ReportContext(), nil),
            ([.applied, .notStarted], [], ReportContext(), "run the same command again to finish"),
            (
                [.applied, .stale], [], .init(planCommand: "idsync plan m.yaml"),
                "idsync plan m.yaml, have it approved, apply again"
            ),
            (
                [.applied, .blocked], [], .init(planCommand: "idsync plan m.yaml"),
                "idsync plan m.yaml, which shows what blocks now"
            ),
            (
                [.applied, .failed, .notStarted], [], ReportContext(),
                "solve what failed and run the same command again; what is done is not done twice"
            ),
            (
                [.notStarted], [.missingTarget], ReportContext(),
                "solve what is BLOCKED, or add --skip-blocked to go on without it"
            ),
            (
                [.notStarted], [.limits], ReportContext(),
                "take less away at once, or raise the limit if that is meant"
            ),
            ([.notStarted], [.limits, .missingTarget], ReportContext(), "solve what is BLOCKED"),
            (
                [.notStarted], [.limits, .missingTarget], .init(skipsBlocked: true),
                "take less away at once, or raise the limit if that is meant"
            ),
            ([], [.missingTarget], ReportContext(), "solve what is BLOCKED"),
            ([.applied], [.missingTarget], .init(skipsBlocked: true), nil),
            ([], [.missingTarget], .init(skipsBlocked: true), nil),
            (
                [.notStarted], [.missingTarget], .init(skipsBlocked: true),
                "run the same command again to finish"
            ),
        ] as [([ChangeStatus], [Gate], ReportContext, String?)]
    )
    func next(statuses: [ChangeStatus], gates: [Gate], context: ReportContext, expected: String?) {
        let change = Sample.chunked.changes[0]
        let document = ReportDocument(
            report: Report(outcomes: statuses.map { ChangeOutcome(change: change, status: $0) }),
            planDigest: nil,
            toolVersion: "1.0.0",
            blocked: gates.map { BlockedItem(address: "x", gate: $0, message: "m") },
            exitCode: 0
        )
        let lines = ReportText(document, context: context).render().split(separator: "\n")
        #expect(lines.last { $0.hasPrefix("next: ") }?.dropFirst(6).description == expected)
    }

    @Test(arguments: [
        (0, "0.0 s"), (49, "0.0 s"), (50, "0.1 s"), (1400, "1.4 s"), (9949, "9.9 s"), (9950, "10 s"),
        (59_949, "60 s"),
        (61_040, "61 s"), (119_499, "119 s"), (119_500, "2 min 0 s"), (725_000, "12 min 5 s"),
    ])
    func times(milliseconds: Int, text: String) {
        #expect(Elapsed.text(milliseconds: milliseconds) == text)
    }

    @Test(arguments: [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (90, "1 min 30 s"), (3600, "1 h"), (3900, "1 h 5 min"),
    ])
    func elapsed(seconds: Int, text: String) { #expect(Elapsed.text(since: .seconds(seconds)) == text) }
}
