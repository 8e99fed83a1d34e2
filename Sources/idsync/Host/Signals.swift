import Dispatch
import Foundation

/// Waits for the signal that ends a server.
enum Signals {
    /// Returns when SIGINT or SIGTERM arrives.
    static func wait() async {
        var sources: [any DispatchSourceSignal] = []
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let queue = DispatchQueue(label: "idsync.signals")
            let once = Once { continuation.resume() }
            for number in [SIGINT, SIGTERM] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { once.run() }
                source.resume()
                sources.append(source)
            }
        }
        for source in sources { source.cancel() }
    }
}
