import Dispatch
import Foundation

/// SIGINT and SIGTERM as calls of a handler instead of the end of the process.
///
/// Unchecked: Dispatch sources are thread-safe objects that Linux does not mark as Sendable; they are made here and
/// only ever cancelled afterwards.
final class Signals: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]
    private static let numbers = [SIGINT, SIGTERM]

    /// Starts listening; the handler runs on a queue of its own, one signal after the other.
    init(_ handler: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "idsync.signals")
        sources = Self.numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { handler(number) }
            source.resume()
            return source
        }
    }

    /// Gives the signals back to their default, which ends the process.
    func end() {
        for source in sources { source.cancel() }
        for number in Self.numbers { signal(number, SIG_DFL) }
    }

    /// Returns when one of them arrives.
    static func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let signals = Signals { continuation.yield($0) }
        for await _ in stream { break }
        signals.end()
    }
}
