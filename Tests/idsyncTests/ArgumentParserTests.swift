import Testing

@testable import idsync

/// What a user may type, what it means, and what is said when it means nothing.
struct ArgumentParserTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let line: [String]
        let expected: Invocation

        var testDescription: String { line.joined(separator: " ") }
    }

    static let good: [Good] = [
        Good(line: [], expected: Invocation(command: .help, operands: [], values: [:])),
        Good(line: ["--version"], expected: Invocation(command: .version, operands: [], values: [:])),
        Good(line: ["-h"], expected: Invocation(command: .help, operands: [], values: [:])),
        Good(
            line: ["plan", "--help"],
            expected: Invocation(command: .help, operands: ["plan"], values: [:])
        ),
        Good(
            line: ["-o", "json", "plan", "a.yaml", "--parallelism=4", "b.yaml"],
            expected: Invocation(
                command: .plan,
                operands: ["a.yaml", "b.yaml"],
                values: ["output": "json", "parallelism": "4"]
            )
        ),
        Good(
            line: ["plan", "-ojson", "-v", "-"],
            expected: Invocation(command: .plan, operands: ["-"], values: ["output": "json", "verbose": ""])
        ),
        Good(
            line: ["plan", "-o=json"],
            expected: Invocation(command: .plan, operands: [], values: ["output": "json"])
        ),
        Good(
            line: ["validate", "--", "-x.yaml"],
            expected: Invocation(command: .validate, operands: ["-x.yaml"], values: [:])
        ),
        Good(
            line: ["apply", "--plan", "p.json", "--plan", "p.json", "-q"],
            expected: Invocation(command: .apply, operands: [], values: ["plan": "p.json", "quiet": ""])
        ),
    ]

    @Test("Understood", arguments: good)
    func understood(row: Good) throws {
        #expect(try ArgumentParser.parse(row.line) == row.expected)
    }

    static let bad: [(line: [String], message: String)] = [
        (["plna"], "unknown command 'plna'; did you mean 'plan'?"),
        (["zzzzzz"], "unknown command 'zzzzzz'; see idsync help"),
        (["plan", "--paralelism", "4"], "unknown option --paralelism; did you mean --parallelism?"),
        (["plan", "-z"], "unknown option -z"),
        (["plan", "--out"], "--out needs a value: --out PATH"),
        (["plan", "--no-save=yes"], "--no-save takes no value"),
        (["plan", "--out", "a", "--out", "b"], "--out is given twice, as 'a' and as 'b'"),
        (["validate", "--plan", "x"], "idsync validate does not take --plan"),
        (["plan", "--parallelism", "0"], "--parallelism '0' is not a number from 1 to 64"),
        (["plan", "-o", "yaml"], "--output 'yaml' is none of: text, json"),
        (["plan", "--timeout", "5"], "--timeout '5' is not a duration like 30s, 10m or 2h"),
        (["plan", "--max-deletes", "x"], "--max-deletes 'x' is neither a count nor a percentage like 25%"),
        (
            ["plan", "--max-unassigns=101%"],
            "--max-unassigns '101%' is neither a count nor a percentage like 25%"
        ),
        (["plan", "--emulator", "a", "--endpoint", "b"], "--emulator and --endpoint exclude each other"),
        (["plan", "-q", "-v"], "-q and -v exclude each other"),
        (["plan", "--no-save", "--out", "a"], "--no-save and --out exclude each other"),
    ]

    @Test("Refused", arguments: bad)
    func refused(line: [String], message: String) {
        do throws(UsageError) {
            let invocation = try ArgumentParser.parse(line)
            let settings = try Settings(invocation)
            Issue.record("understood as \(invocation) \(settings)")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test("Every command and option has help, and every option belongs to a command")
    func help() {
        for command in CommandName.allCases {
            let text = Help.command(command)
            for option in Option.all where option.applies(to: command) {
                #expect(text.contains("--\(option.name)"))
            }
        }
        #expect(Set(Option.all.map(\.name)).count == Option.all.count)
        for code in ExitCode.allCases { #expect(Help.exitCodes.contains("\(code.rawValue) ")) }
        for topic in HelpTopic.allCases { #expect(!topic.text.isEmpty) }
    }
}
