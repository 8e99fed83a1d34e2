import Foundation
import IdSyncAzure
import IdSyncCore
import YAMLDocument

/// What every command gets: the parsed line, the streams, the variables and the clock.
struct Run: Sendable {
    let invocation: Invocation
    let settings: Settings
    let console: Console
    let variables: [String: String]
    let time: any TimeSource

    /// Whether stdout is to carry JSON.
    var isJSON: Bool { settings.output == .json }

    /// A note or progress line on stderr, unless `-q`.
    func note(_ text: String) {
        if !invocation.has("quiet") { console.say(text) }
    }

    /// Ends a command with a document on stdout and a code.
    ///
    /// A document that cannot be written must not hide that Azure was: the last line of the text goes to stderr, and
    /// what would be exit 0 becomes 7, not 1.
    func finish(_ code: ExitCode, text: String, json: JSONValue, wroteToAzure: Bool = false) -> ExitCode {
        guard console.document(isJSON ? json.prettyText() : text) else {
            let lastLine = text.split(separator: "\n").last ?? ""
            console.fail(
                "stdout could not be written; the command itself ended with exit \(code.rawValue)"
                    + (wroteToAzure ? "; its report ends: \(lastLine)" : "")
            )
            guard code == .done || code == .changesPending else { return code }
            return wroteToAzure ? .partial : .internalError
        }
        return code
    }
}

/// A command that ended early; the message goes to stderr, and to stdout as a document when JSON was asked for.
struct Failure: Error, Sendable {
    let code: ExitCode
    let message: String
    var diagnostics: [Diagnostic] = []
    /// The sources that the diagnostics point into, for their snippets.
    var sources: [SourceText] = []
    /// Whether the user said no, which is no error.
    var isAnswer = false
}
