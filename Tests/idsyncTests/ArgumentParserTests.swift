import IdSyncCore
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
        (["zzzzzz"], "unknown command 'zzzzzz'"),
        (["plan", "--paralelism", "4"], "unknown option --paralelism; did you mean --parallelism?"),
        (["plan", "-z"], "unknown option -z"),
        (["plan", "--plam", "x"], "unknown option --plam"),
        (["plan", "--out"], "--out needs a value: --out PATH"),
        (["plan", "--emulator="], "--emulator needs a value: --emulator FILE"),
        (["plan", "--emulator", ""], "--emulator needs a value: --emulator FILE"),
        (["plan", "-o="], "-o needs a value: -o text|json"),
        (
            ["plan", "--max-deletes", "1000000001"],
            "--max-deletes '1000000001' is neither a count nor a percentage like 25%"
        ),
        (["plan", "--no-save=yes"], "--no-save takes no value"),
        (["plan", "--out", "a", "--out", "b"], "--out is given twice, as 'a' and as 'b'"),
        (["validate", "--plan", "x"], "idsync validate does not take --plan"),
        (["plan", "--parallelism", "0"], "--parallelism '0' is not a number from 1 to 64"),
        (["plan", "-o", "yaml"], "--output 'yaml' is not one of: text, json"),
        (["plan", "--timeout", "5"], "--timeout '5' is not a duration like 30s, 10m or 2h"),
        (["plan", "--max-deletes", "x"], "--max-deletes 'x' is neither a count nor a percentage like 25%"),
        (
            ["plan", "--max-unassigns=101%"],
            "--max-unassigns '101%' is neither a count nor a percentage like 25%"
        ),
        (
            ["plan", "--emulator", "a", "--endpoint", "b"],
            "--emulator and --endpoint cannot be used together"
        ),
        (["plan", "-q", "-v"], "-q and -v cannot be used together"),
        (["plan", "--no-save", "--out", "a"], "--no-save and --out cannot be used together"),
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
            for option in Option.all {
                #expect(
                    text.contains("--\(option.name) ") == option.shown.contains(command),
                    "\(option.name)"
                )
                #expect(option.applies(to: command) || !option.shown.contains(command), "\(option.name)")
            }
        }
        #expect(Set(Option.all.map(\.name)).count == Option.all.count)
        for code in ExitCode.allCases { #expect(Help.exitCodes.contains("\(code.rawValue) ")) }
        for topic in HelpTopic.allCases { #expect(!topic.text.isEmpty) }
    }

    @Test(
        "An option that is wrong sends to the help of its command",
        arguments: [
            (["plan", "--zap"], CommandName.plan), (["--zap", "plan"], .plan), (["plan", "-z"], .plan),
            (["apply", "--plan="], .apply), (["plan", "--no-save=1"], .plan), (["--zap"], nil),
            (["help", "--zap"], nil), (["drift", "x"], nil),
        ]
    )
    func hint(line: [String], command: CommandName?) {
        #expect(throws: UsageError.self) { try ArgumentParser.parse(line) }
        do throws(UsageError) { _ = try ArgumentParser.parse(line) } catch {
            #expect(error.command == command)
        }
    }

    @Test("Every command has two examples that it understands, and its help has them")
    func examples() throws {
        for command in CommandName.allCases {
            #expect(command.examples.count == 2)
            for example in command.examples {
                #expect(Help.command(command).contains(example.line))
                let words = example.line.split(separator: " ").map(String.init).prefix { $0 != ">" }
                #expect(words.first == "idsync")
                let invocation = try ArgumentParser.parse(Array(words.dropFirst()))
                #expect(invocation.command == command)
                _ = try Settings(invocation)
                for option in Option.all where invocation.has(option.name) {
                    #expect(option.shown.contains(command), "\(example.line)")
                }
            }
        }
    }

    @Test("Every code has its help, and no line of a help text is too wide")
    func codes() {
        for guide in CodeGuide.all {
            #expect(Help.codes.contains(guide.code))
            #expect(Help.code(guide).hasPrefix(guide.code))
        }
        let texts =
            [Help.overview, Help.codes] + CommandName.allCases.map(Help.command)
            + CodeGuide.all.map(Help.code)
            + HelpTopic.allCases.map(\.text)
        for line in texts.flatMap({ $0.split(separator: "\n") }) { #expect(line.count <= 120, "\(line)") }
    }
}
