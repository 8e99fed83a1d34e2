import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM as calls of a handler instead of the end of the process; the newest handler counts.
///
/// The process listens once and for good. On Linux a second source of a signal stays silent after the first one was
/// cancelled, so that a run that reads and then writes would be deaf while it writes.
final class Signals: Sendable {
    private let number: Int

    /// Starts listening; the handler runs on a queue of its own, one signal after the other.
    init(_ handler: @escaping @Sendable (Int32) -> Void) {
        number = Listener.shared.add(handler)
    }

    /// Takes the handler away; a signal then ends the process with its code.
    func end() { Listener.shared.remove(number) }

    /// Returns when one of them arrives.
    static func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let signals = Signals { continuation.yield($0) }
        for await _ in stream { break }
        signals.end()
    }
}

/// The one place that signals arrive at.
///
/// Unchecked: Dispatch sources are thread-safe objects that Linux does not mark as Sendable; they are made here and
/// never touched again.
private final class Listener: @unchecked Sendable {
    static let shared = Listener()

    private let handlers = Mutex<[(number: Int, handle: @Sendable (Int32) -> Void)]>([])
    private let count = Mutex(0)
    private var sources: [any DispatchSourceSignal] = []

    private init() {
        let queue = DispatchQueue(label: "idsync.signals")
        sources = [SIGINT, SIGTERM].map { signal in
            Foundation.signal(signal, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
            source.setEventHandler { [weak self] in self?.arrived(signal) }
            source.resume()
            return source
        }
    }

    func add(_ handler: @escaping @Sendable (Int32) -> Void) -> Int {
        let number = count.withLock { count in
            count += 1
            return count
        }
        handlers.withLock { $0.append((number, handler)) }
        return number
    }

    func remove(_ number: Int) {
        handlers.withLock { $0.removeAll { $0.number == number } }
    }

    private func arrived(_ signal: Int32) {
        guard let handle = handlers.withLock({ $0.last?.handle }) else {
            exit(ExitCode(signal: signal).rawValue)
        }
        handle(signal)
    }
}
