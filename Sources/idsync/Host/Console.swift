import Dispatch
import Foundation
import IdSyncCore
import Synchronization

/// stdout and stderr of the process, written whole and in order; a closed pipe is not an error worth a trap.
///
/// One line at the bottom of a terminal may be drawn anew again and again; whatever else is written takes its place.
final class Console: Sendable {
    /// What a stream can show.
    struct Stream: Sendable {
        let descriptor: Int32
        let isTerminal: Bool
        let isColoured: Bool
        /// Whether a line can be drawn over: a terminal that is not dumb.
        let canRedraw: Bool

        /// How text for people is to look on it.
        var style: Style { isColoured ? .ansi : .plain }
    }

    let output: Stream
    let errors: Stream
    /// Whether a bottom line is drawn; the lock also keeps writes whole.
    private let isLive = Mutex(false)

    /// Goes to the first column and erases the line.
    private static let erase = "\r\u{1B}[K"
    /// Columns of a bottom line; a longer one would break and could not be erased.
    private static let liveWidth = 78

    /// Decides colour per stream: never with NO_COLOR, TERM=dumb or --no-color, always with CLICOLOR_FORCE.
    init(variables: [String: String], noColor: Bool) {
        let forced = variables["CLICOLOR_FORCE"].map { $0 != "0" && !$0.isEmpty } ?? false
        let isDumb = variables["TERM"] == "dumb"
        let refused = noColor || !(variables["NO_COLOR"] ?? "").isEmpty || isDumb
        func stream(_ descriptor: Int32) -> Stream {
            let isTerminal = isatty(descriptor) == 1
            return Stream(
                descriptor: descriptor,
                isTerminal: isTerminal,
                isColoured: !refused && (isTerminal || forced),
                canRedraw: isTerminal && !isDumb
            )
        }
        output = stream(1)
        errors = stream(2)
    }

    /// Writes the document to stdout, with a final line feed; false when it could not be written whole.
    ///
    /// A reader that went away (`| head`) wants no more and is no failure.
    @discardableResult
    func document(_ text: String) -> Bool { write(Self.whole(text), to: .standardOutput) }

    /// Writes a line for people to stderr.
    func say(_ text: String) { _ = write(Self.whole(text), to: .standardError) }

    /// Writes what went wrong to stderr: `error: …`.
    func fail(_ message: String) { say(errors.style.paint("error:", .refused) + " " + message) }

    /// Writes a question to stderr; the answer is typed behind it.
    func ask(_ text: String) { _ = write(text, to: .standardError) }

    /// Writes a line because of a signal: not behind the `^C` that the terminal shows.
    func interrupt(_ text: String) {
        freshLine()
        say(text)
    }

    /// Begins a line of its own on a terminal whose cursor may be anywhere.
    func freshLine() {
        guard errors.isTerminal else { return }
        _ = write(errors.canRedraw ? Self.erase : "\n", to: .standardError)
    }

    /// Writes a last line to stderr right before the process ends; does not wait for a reader that does not read.
    func lastWord(_ text: String) {
        let start = errors.canRedraw ? Self.erase : errors.isTerminal ? "\n" : ""
        let data = Data((start + Self.whole(text)).utf8)
        let written = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            try? FileHandle.standardError.write(contentsOf: data)
            written.signal()
        }
        _ = written.wait(timeout: .now() + .milliseconds(200))
    }

    /// Draws the bottom line of a terminal anew.
    func live(_ text: String) {
        let shown = text.count > Self.liveWidth ? text.prefix(Self.liveWidth - 1) + "…" : text
        isLive.withLock { isLive in
            isLive = true
            try? FileHandle.standardError.write(contentsOf: Data((Self.erase + shown).utf8))
        }
    }

    /// Takes the bottom line away.
    func clearLive() { isLive.withLock { Self.clear(&$0) } }

    private static func clear(_ isLive: inout Bool) {
        guard isLive else { return }
        isLive = false
        try? FileHandle.standardError.write(contentsOf: Data(erase.utf8))
    }

    private static func whole(_ text: String) -> String { text.hasSuffix("\n") ? text : text + "\n" }

    private func write(_ text: String, to handle: FileHandle) -> Bool {
        isLive.withLock { isLive in
            Self.clear(&isLive)
            do {
                try handle.write(contentsOf: Data(text.utf8))
                return true
            } catch {
                // SIGPIPE is ignored, so a reader that went away shows as an error here and nowhere else.
                let posix = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
                return posix.domain == NSPOSIXErrorDomain && posix.code == Int(EPIPE)
            }
        }
    }
}
