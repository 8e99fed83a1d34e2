import Foundation
import Synchronization

/// stdout and stderr of the process, written whole and in order; a closed pipe is not an error worth a trap.
final class Console: Sendable {
    /// Whether a stream is a terminal, and may be coloured.
    struct Stream: Sendable {
        let descriptor: Int32
        let isTerminal: Bool
        let isColoured: Bool
    }

    let output: Stream
    let errors: Stream
    private let lock = Mutex<Void>(())

    /// Decides colour per stream: never with NO_COLOR, TERM=dumb or --no-color, always with CLICOLOR_FORCE.
    init(variables: [String: String], noColor: Bool) {
        let forced = variables["CLICOLOR_FORCE"].map { $0 != "0" && !$0.isEmpty } ?? false
        let refused = noColor || !(variables["NO_COLOR"] ?? "").isEmpty || variables["TERM"] == "dumb"
        func stream(_ descriptor: Int32) -> Stream {
            let isTerminal = isatty(descriptor) == 1
            return Stream(
                descriptor: descriptor,
                isTerminal: isTerminal,
                isColoured: !refused && (isTerminal || forced)
            )
        }
        output = stream(1)
        errors = stream(2)
    }

    /// Writes the document to stdout, with a final line feed.
    func document(_ text: String) { write(text, to: .standardOutput) }

    /// Writes a line for people to stderr.
    func say(_ text: String) { write(text, to: .standardError) }

    /// Writes control text to stderr as it is, without a line feed.
    func redraw(_ text: String) {
        lock.withLock { _ in try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
    }

    private func write(_ text: String, to handle: FileHandle) {
        lock.withLock { _ in
            // SIGPIPE is ignored, so a reader that went away shows as an error here and nowhere else.
            try? handle.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
        }
    }
}
