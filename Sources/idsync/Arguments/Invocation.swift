/// A parsed command line.
struct Invocation: Sendable, Equatable {
    /// The command.
    let command: CommandName
    /// What is not an option, in order.
    let operands: [String]
    /// Option values by long name; a switch has the value "".
    let values: [String: String]

    /// Whether a switch was given.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// The value of an option.
    subscript(name: String) -> String? { values[name] }
}

/// A command line that cannot be understood (exit 64).
struct UsageError: Error, Equatable, Sendable {
    /// What is wrong, and what to do.
    let message: String
    /// The command that it is about, for the hint to its help.
    let command: CommandName?

    init(_ message: String, command: CommandName? = nil) {
        self.message = message
        self.command = command
    }
}
