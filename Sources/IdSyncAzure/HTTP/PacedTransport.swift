import Foundation
package import IdSyncCore
import Synchronization

/// A transport that spaces requests by the published limits of ARM and its providers; see `PacingModel`.
///
/// One value serves all reads and writes of a run. It stands inside `RetryingTransport`, so that every attempt is paced.
package final class PacedTransport: Transport {
    private let transport: any Transport
    private let time: any TimeSource
    private let isEnabled: Bool
    /// Longer than a retry would wait altogether, nothing waits for its turn.
    private let longestWait = RetryPolicy().budget
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
        let keys = BucketKey.keys(method: request.method, path: request.url.path(percentEncoded: false))
        if WriteTurn.current?.serves(keys) != true { _ = try await wait(for: keys) }
        let response = try await transport.send(request)
        learn(from: response, keys: keys)
        return response
    }

    private func wait(for keys: [BucketKey]) async throws(TransportError) -> PacingModel.Reservation {
        var reservation = model.withLock { $0.reserve(keys, at: time.now()) }
        while reservation.wait > .zero {
            guard reservation.wait <= longestWait else {
                let seconds = Int(reservation.wait.seconds.rounded(.up))
                model.withLock { $0.release(reservation) }
                throw TransportError(.congested, "the service wants no request for another \(seconds) s")
            }
            do { try await time.sleep(for: reservation.wait) } catch {
                model.withLock { $0.release(reservation) }
                throw TransportError(.withdrawn, "cancelled while waiting for its turn")
            }
            guard let renewed = model.withLock({ $0.renew(reservation, at: time.now()) }) else { break }
            reservation = renewed
        }
        return reservation
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

extension PacedTransport: WriteTurns {
    /// Waits until the buckets of a write have tokens, and keeps one of each for it.
    ///
    /// - Throws: `TransportError` when the task was cancelled meanwhile or the wait would be too long.
    package func turn(_ method: HTTPMethod, _ id: ResourceID) async throws(TransportError) -> WriteTurn {
        let keys = BucketKey.keys(method: method, path: id.description)
        guard isEnabled else { return WriteTurn(keys: keys) }
        return turn(keys, try await wait(for: keys))
    }

    /// A turn when all buckets have tokens now, else nil.
    package func turnNow(_ method: HTTPMethod, _ id: ResourceID) -> WriteTurn? {
        let keys = BucketKey.keys(method: method, path: id.description)
        guard isEnabled else { return WriteTurn(keys: keys) }
        let reservation = model.withLock { model -> PacingModel.Reservation? in
            let reservation = model.reserve(keys, at: time.now())
            if reservation.wait > .zero {
                model.release(reservation)
                return nil
            }
            return reservation
        }
        return reservation.map { turn(keys, $0) }
    }

    private func turn(_ keys: [BucketKey], _ reservation: PacingModel.Reservation) -> WriteTurn {
        WriteTurn(keys: keys) { [weak self] in self?.model.withLock { $0.release(reservation) } }
    }
}
