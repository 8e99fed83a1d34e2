/// The help texts; the tables of options, commands and exit codes are their only source.
enum Help {
    /// The overview.
    static var overview: String {
        let width = CommandName.allCases.map(\.rawValue.count).max() ?? 0
        let commands = CommandName.allCases.map { "  " + pad($0.rawValue, width) + "  " + $0.summary }
        return
            ([
                "idsync \(Version.number): Azure managed identities from a manifest",
                "",
                "Usage: idsync COMMAND [OPTIONS] [PATH…]",
                "",
                "Commands:",
            ] + commands + [
                "",
                "PATH is a manifest file, a directory of them, or - for standard input. Without one: $IDSYNC_MANIFEST,",
                "else idsync.yaml|yml|json, else manifest.yaml|yml|json here.",
                "",
                "Start with: idsync demo",
                "More: idsync help COMMAND, idsync help exit-codes, idsync help environment, idsync help credentials",
            ]).joined(separator: "\n")
    }

    /// Help for one command.
    static func command(_ command: CommandName) -> String {
        let options = Option.all.filter { $0.applies(to: command) }
        let labels = options.map(label)
        let width = labels.map(\.count).max() ?? 0
        let lines = zip(labels, options).map { "  " + pad($0, width) + "  " + $1.help }
        let operands = command.operands.isEmpty ? "" : " " + command.operands
        return
            ([
                "Usage: idsync \(command.rawValue) [OPTIONS]\(operands)",
                "",
                command.summary.prefix(1).uppercased() + command.summary.dropFirst() + ".",
                "",
                "Options:",
            ] + lines).joined(separator: "\n")
    }

    /// The exit codes.
    static var exitCodes: String {
        let rows = ExitCode.allCases.map { code in
            pad(String(code.rawValue), 4) + "  " + pad(code.written, 12) + "  " + code.meaning
        }
        return
            ([
                "Exit codes say whether Azure was written:",
                "",
                pad("code", 4) + "  " + pad("written", 12) + "  meaning",
            ] + rows).joined(separator: "\n")
    }

    private static func label(_ option: Option) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        return short + "--" + option.name + (option.value.map { " " + $0 } ?? "")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
