import Foundation
import Synchronization

/// A transport that spaces requests by the published limits of ARM and its providers; see `PacingModel`.
///
/// One value serves all reads and writes of a run. It stands inside `RetryingTransport`, so that every attempt is paced.
package final class PacedTransport: Transport {
    private let transport: any Transport
    private let time: any TimeSource
    private let isEnabled: Bool
    private let model = Mutex(PacingModel())

    /// Wraps a transport.
    ///
    /// - Parameters:
    ///   - transport: Sends the requests.
    ///   - time: The clock that waits.
    ///   - enabled: False lets everything through at once: a loopback endpoint or an emulator has no limits.
    package init(wrapping transport: any Transport, time: any TimeSource, enabled: Bool) {
        self.transport = transport
        self.time = time
        isEnabled = enabled
    }

    /// Sends the request when its buckets have tokens, and learns from the answer.
    ///
    /// - Throws: `TransportError` of the wrapped transport, or `withdrawn` when the task was cancelled while waiting.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        guard isEnabled else { return try await transport.send(request) }
        let keys = BucketKey.keys(method: request.method, url: request.url)
        try await waitForTurn(keys)
        let response = try await transport.send(request)
        learn(from: response, keys: keys)
        return response
    }

    private func waitForTurn(_ keys: [BucketKey]) async throws(TransportError) {
        var reservation = model.withLock { $0.reserve(keys, at: time.now()) }
        while reservation.wait > .zero {
            do { try await time.sleep(for: reservation.wait) } catch {
                model.withLock { $0.release(reservation) }
                throw TransportError(.withdrawn, "cancelled while waiting for its turn")
            }
            guard let renewed = model.withLock({ $0.renew(reservation, at: time.now()) }) else { return }
            reservation = renewed
        }
    }

    private func learn(from response: HTTPResponse, keys: [BucketKey]) {
        let feedback = PacingFeedback(keys: keys, response: response, now: time.date())
        let now = time.now()
        model.withLock { model in
            for (key, count) in feedback.remaining { model.correct(key, remaining: count, at: now) }
            for key in feedback.frozen { model.freeze(key, for: feedback.wait, at: now) }
        }
    }
}
