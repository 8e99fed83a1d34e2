/// One command-line option, in one table: the parser, the help and the completeness test all read it.
struct Option: Sendable, Equatable {
    /// The long name without dashes.
    let name: String
    /// The one-letter name, if any.
    let short: Character?
    /// What the value is called in help; nil for a switch.
    let value: String?
    /// The commands that take it; empty means every command.
    let commands: Set<CommandName>
    /// The commands in whose help it stands: those where it has an effect.
    ///
    /// The common options are taken by every command, so that a script can add them to all of its calls.
    let shown: Set<CommandName>
    /// One line for help.
    let help: String

    init(
        _ name: String,
        short: Character? = nil,
        value: String? = nil,
        for commands: Set<CommandName> = [],
        shown: Set<CommandName>? = nil,
        _ help: String
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.commands = commands
        self.shown = shown ?? (commands.isEmpty ? Set(CommandName.allCases) : commands)
        self.help = help
    }

    /// Whether a command takes the option.
    func applies(to command: CommandName) -> Bool { commands.isEmpty || commands.contains(command) }

    private static let live: Set<CommandName> = [.plan, .apply]
    private static let runs: Set<CommandName> = [.plan, .apply, .demo]

    /// Every option of every command, in the order that help shows them.
    static let all: [Option] = [
        Option(
            "output",
            short: "o",
            value: "text|json",
            shown: Set(CommandName.allCases).subtracting([.schema, .demo]),
            "the one document on stdout (default text)"
        ),
        Option("out", value: "PATH", for: [.plan], "save the plan there instead of .idsync/plan.json"),
        Option("no-save", for: [.plan], "do not save the plan"),
        Option("detailed-exitcode", for: [.plan], "exit 2 when changes are pending"),
        Option("plan", value: "FILE", for: [.apply], "carry out exactly this saved plan"),
        Option("auto-approve", for: [.apply], "do not ask before applying a fresh plan"),
        Option("skip-blocked", for: live, "leave blocked targets out instead of refusing the whole plan"),
        Option("max-deletes", value: "N|P%", for: live, "refuse to delete more identities than this"),
        Option(
            "max-unassigns",
            value: "N|P%",
            for: live,
            "refuse to remove more identities from VMs than this"
        ),
        Option("endpoint", value: "URL", for: live, "the ARM base URL (http only on loopback)"),
        Option("emulator", value: "FILE", for: live, "use the in-process ARM with its state in FILE"),
        Option(
            "auth",
            value: "MODE",
            for: live,
            "auto, token, secret, federated, github, azure-devops, managed-identity or cli"
        ),
        Option(
            "parallelism",
            value: "N",
            for: live.union([.demo]),
            "requests in flight (default 8, at most 64)"
        ),
        Option(
            "timeout",
            value: "DURATION",
            for: live,
            "stop beginning new work after this long (30s, 10m, 2h)"
        ),
        Option("port", value: "N", for: [.emulate], "the loopback port (default 0: any free one)"),
        Option("state", value: "FILE", for: [.emulate], "the state to serve and to write back"),
        Option(
            "faults",
            value: "FILE",
            for: [.emulate, .plan, .apply],
            "faults for the emulator to rehearse with"
        ),
        Option("no-color", shown: runs, "no colour (also NO_COLOR, TERM=dumb)"),
        Option(
            "quiet",
            short: "q",
            shown: runs.union([.validate, .emulate]),
            "only errors on stderr: no progress, notes or warnings"
        ),
        Option("verbose", short: "v", shown: runs, "also show the exact request of every change"),
        Option(
            "log-level",
            value: "LEVEL",
            shown: runs,
            "error, warning, info, debug or trace, on stderr (default warning)"
        ),
        Option("help", short: "h", "help for the command"),
    ]
}
