import IdSyncCore

/// Parses a command line: options anywhere, `--flag value` and `--flag=value`, `-o json` and `-ojson`, `--` ends options.
struct ArgumentParser {
    private var remaining: ArraySlice<String>
    private var values: [String: String] = [:]
    private var words: [String] = []
    /// The command that the line is about, for the hint of an option that is wrong before it is reached.
    private let command: CommandName?

    private init(_ arguments: [String]) {
        remaining = arguments[...]
        command = arguments.lazy.compactMap(CommandName.init).first { $0 != .help }
    }

    /// Parses the arguments after the program name.
    static func parse(_ arguments: [String]) throws(UsageError) -> Invocation {
        var parser = ArgumentParser(arguments)
        return try parser.run()
    }

    private mutating func run() throws(UsageError) -> Invocation {
        var onlyWords = false
        while let argument = remaining.popFirst() {
            if onlyWords || argument == "-" || !argument.hasPrefix("-") {
                words.append(argument)
            } else if argument == "--" {
                onlyWords = true
            } else if argument == "--version" {
                words.insert(CommandName.version.rawValue, at: 0)
            } else if argument.hasPrefix("--") {
                try long(argument.dropFirst(2))
            } else {
                try short(argument.dropFirst())
            }
        }
        return try finish()
    }

    private mutating func long(_ text: Substring) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = Option.all.first(where: { $0.name == name }) else {
            let known = Option.all.filter { command.map($0.applies) ?? true }.map(\.name)
            let near = Suggestion.near(name, among: known).first
            throw UsageError(
                "unknown option --\(name)" + (near.map { "; did you mean --\($0)?" } ?? ""),
                command: command
            )
        }
        try set(option, spelled: "--\(name)", attached: parts.count == 2 ? String(parts[1]) : nil)
    }

    private mutating func short(_ letters: Substring) throws(UsageError) {
        var letters = letters
        while let letter = letters.popFirst() {
            guard let option = Option.all.first(where: { $0.short == letter }) else {
                throw UsageError("unknown option -\(letter)", command: command)
            }
            guard option.value != nil else {
                try set(option, spelled: "-\(letter)", attached: nil)
                continue
            }
            if letters.first == "=" { letters.removeFirst() }
            try set(option, spelled: "-\(letter)", attached: letters.isEmpty ? nil : String(letters))
            return
        }
    }

    private mutating func set(_ option: Option, spelled: String, attached: String?) throws(UsageError) {
        let value: String
        if let name = option.value {
            guard let given = attached ?? remaining.popFirst(), !given.isEmpty else {
                throw UsageError("\(spelled) needs a value: \(spelled) \(name)", command: command)
            }
            value = given
        } else {
            guard attached == nil else {
                throw UsageError("\(spelled) takes no value", command: command)
            }
            value = ""
        }
        if let earlier = values[option.name], earlier != value {
            throw UsageError(
                "--\(option.name) is given twice, as '\(earlier)' and as '\(value)'",
                command: command
            )
        }
        values[option.name] = value
    }

    private func finish() throws(UsageError) -> Invocation {
        guard let first = words.first else {
            return Invocation(command: .help, operands: [], values: values.filter { $0.key != "help" })
        }
        guard let command = CommandName(rawValue: first) else {
            let near = Suggestion.near(first, among: CommandName.allCases.map(\.rawValue)).first
            throw UsageError("unknown command '\(first)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
        if values["help"] != nil {
            return Invocation(command: .help, operands: command == .help ? [] : [first], values: [:])
        }
        for option in Option.all where values[option.name] != nil && !option.applies(to: command) {
            throw UsageError("idsync \(command.rawValue) does not take --\(option.name)", command: command)
        }
        return Invocation(command: command, operands: Array(words.dropFirst()), values: values)
    }
}
