import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM as calls of a handler instead of the end of the process.
///
/// There is one for the whole process and its sources are never cancelled: on Linux a source that follows a cancelled
/// one of the same signal hears nothing. While no handler is set, a signal ends the process with its code.
///
/// Unchecked: Dispatch sources are thread-safe objects that Linux does not mark as Sendable; they are made once and
/// only kept.
final class Signals: @unchecked Sendable {
    typealias Handler = @Sendable (Int32) -> Void

    /// The signals of this process; listening begins with the first use.
    static let shared = Signals()

    private let sources: [any DispatchSourceSignal]
    private let handler: HandlerBox

    private init() {
        let queue = DispatchQueue(label: "idsync.signals")
        let box = HandlerBox()
        handler = box
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { box.call(number) }
            source.resume()
            return source
        }
    }

    /// Hands signals to a handler from now on; nil gives them their usual meaning back.
    func handle(_ handler: Handler?) { self.handler.set(handler) }

    /// Returns when a signal arrives.
    func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        handle { continuation.yield($0) }
        for await _ in stream { break }
        handle(nil)
    }
}

/// The handler of the moment.
private final class HandlerBox: Sendable {
    private let current = Mutex<Signals.Handler?>(nil)

    func set(_ handler: Signals.Handler?) { current.withLock { $0 = handler } }

    func call(_ number: Int32) {
        guard let handler = current.withLock({ $0 }) else { exit(ExitCode(signal: number).rawValue) }
        handler(number)
    }
}
