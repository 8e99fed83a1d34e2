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

    /// Writes the document to stdout, with a final line feed; false when it could not be written whole.
    ///
    /// A reader that went away (`| head`) wants no more and is no failure.
    @discardableResult
    func document(_ text: String) -> Bool { write(text, to: .standardOutput) }

    /// Writes a line for people to stderr.
    func say(_ text: String) { _ = write(text, to: .standardError) }

    /// Writes control text to stderr as it is, without a line feed.
    func redraw(_ text: String) {
        lock.withLock { _ in try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
    }

    private func write(_ text: String, to handle: FileHandle) -> Bool {
        lock.withLock { _ in
            do {
                try handle.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
                return true
            } catch {
                // SIGPIPE is ignored, so a reader that went away shows as an error here and nowhere else.
                let posix = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
                return posix.domain == NSPOSIXErrorDomain && posix.code == Int(EPIPE)
            }
        }
    }
}
