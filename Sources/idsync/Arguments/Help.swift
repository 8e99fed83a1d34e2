import IdSyncCore

/// The help texts; the tables of options, commands and exit codes are their only source.
enum Help {
    /// The overview.
    static var overview: String {
        var lines = [
            "idsync \(Version.number): Azure managed identities from a manifest",
            "",
            "Usage: idsync COMMAND [OPTIONS] [PATH…]",
            "",
            "Commands:",
        ]
        lines += table(CommandName.allCases.map { ($0.rawValue, $0.summary) }) + [""] + paths + defaultPaths
        lines += [
            "",
            "Start with: idsync demo",
            "More: idsync help COMMAND, idsync help TOPIC (\(HelpTopic.names)),",
            "      idsync help CODE (such as IDS1103)",
        ]
        return lines.joined(separator: "\n")
    }

    /// What a PATH is.
    static let paths = [
        "PATH is a manifest file, a directory, or - for standard input. Of a directory, its *.yaml, *.yml and *.json",
        "files are read as one manifest; its subdirectories are not searched.",
    ]

    /// What no PATH means.
    static let defaultPaths = [
        "Without PATH: $IDSYNC_MANIFEST, else idsync.yaml|yml|json, else manifest.yaml|yml|json here."
    ]

    /// Help for one command.
    static func command(_ command: CommandName) -> String {
        let operands = command.operands.isEmpty ? "" : " " + command.operands
        var lines = ["Usage: idsync \(command.rawValue) [OPTIONS]\(operands)", "", sentence(command.summary)]
        if let help = command.operandHelp { lines += [""] + help }
        let options = Option.all.filter { $0.shown.contains(command) }
        lines += ["", "Options:"] + table(options.map { (label($0), $0.help) })
        lines += ["", "Examples:"] + table(command.examples.map { ($0.line, $0.does) })
        return lines.joined(separator: "\n")
    }

    /// Every code with its title.
    static var codes: String {
        let rows = CodeGuide.all.map { guide in
            (guide.code, guide.title + (guide.gate.map { " (gate \($0.rawValue))" } ?? ""))
        }
        return (["Codes; 'idsync help CODE' explains one of them:", ""] + table(rows)).joined(separator: "\n")
    }

    /// What one code means and what to do.
    static func code(_ guide: CodeGuide) -> String {
        let name = guide.gate.map { "\(guide.code) \($0.rawValue)" } ?? guide.code
        var lines = ["\(name): \(guide.title)", "", sentence(guide.kind.rawValue), ""]
        lines += wrapped(guide.meaning) + [""] + wrapped("What to do: " + guide.advice)
        return lines.joined(separator: "\n")
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

    /// Rows of two columns, indented.
    private static func table(_ rows: [(String, String)]) -> [String] {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  " + pad($0.0, width) + "  " + $0.1 }
    }

    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    /// A text in lines of at most 100 characters.
    private static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < 100 {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private static func label(_ option: Option) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        return short + "--" + option.name + (option.value.map { " " + $0 } ?? "")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
