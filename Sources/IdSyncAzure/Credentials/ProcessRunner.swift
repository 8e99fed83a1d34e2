package import Foundation

/// A program to run: found on `PATH`, never through a shell.
package struct ProcessCommand: Sendable, Equatable {
    /// The program's name without folders.
    package let name: String
    /// The arguments, passed as they are.
    package let arguments: [String]
    /// Variables added to those of this process.
    package let extraEnvironment: [String: String]
    /// How long it may run before it is killed.
    package let timeout: Duration

    /// Makes a command.
    package init(
        name: String,
        arguments: [String],
        extraEnvironment: [String: String] = [:],
        timeout: Duration
    ) {
        self.name = name
        self.arguments = arguments
        self.extraEnvironment = extraEnvironment
        self.timeout = timeout
    }
}

/// What a program that ended by itself left; both outputs can hold secrets.
package struct ProcessOutput: Sendable, CustomReflectable, CustomStringConvertible {
    /// The exit status; for a signal, 128 plus its number.
    package let status: Int32
    /// Everything written to standard output.
    package let standardOutput: Data
    /// Everything written to standard error.
    package let standardError: Data

    /// Makes an output.
    package init(status: Int32, standardOutput: Data, standardError: Data) {
        self.status = status
        self.standardOutput = standardOutput
        self.standardError = standardError
    }

    /// The status only.
    package var description: String { "exit status \(status)" }

    /// A mirror with the status only.
    package var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}

/// Why a program gave no output.
package enum ProcessFailure: Error, Sendable, Equatable {
    /// No such program on `PATH`.
    case notFound
    /// It ran longer than allowed and was killed.
    case timedOut
    /// The task was cancelled, and the program killed.
    case cancelled
    /// It could not be started, or wrote too much; the text says which.
    case failed(String)
}

/// Runs a program to its end.
package protocol ProcessRunner: Sendable {
    /// Runs the program with no standard input.
    ///
    /// - Throws: `ProcessFailure` when it did not run to its end.
    func run(_ command: ProcessCommand) async throws(ProcessFailure) -> ProcessOutput
}
