import Foundation

/// A transport that repeats what is worth repeating; see `RetryPolicy`.
package struct RetryingTransport: Transport {
    private let transport: any Transport
    private let policy: RetryPolicy
    private let time: any TimeSource
    private let jitter: @Sendable () -> Double

    /// Wraps a transport.
    ///
    /// - Parameters:
    ///   - transport: Sends each single attempt.
    ///   - policy: When to repeat.
    ///   - time: The clock that waits.
    ///   - jitter: Random numbers from 0 up to 1; tests give a seeded source.
    package init(
        wrapping transport: any Transport,
        policy: RetryPolicy = RetryPolicy(),
        time: any TimeSource,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.transport = transport
        self.policy = policy
        self.time = time
        self.jitter = jitter
    }

    /// Sends the request as often as the policy allows and hands back the last outcome.
    ///
    /// - Throws: `TransportError` of the last attempt, or `withdrawn` when the task was cancelled during a wait.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        var waited = Duration.zero
        var attempt = 0
        while true {
            attempt += 1
            AttemptLog.current?.attempted()
            let outcome = await attemptOnce(request)
            AttemptLog.current?.ended(outcome)
            guard request.isRepeatable,
                let wait = policy.wait(
                    after: outcome,
                    attempt: attempt,
                    waited: waited,
                    jitter: jitter(),
                    now: time.date()
                )
            else { return try outcome.get() }
            do { try await time.sleep(for: wait) } catch {
                throw TransportError(.withdrawn, "cancelled while waiting to retry")
            }
            waited += wait
            AttemptLog.current?.waits(wait)
        }
    }

    private func attemptOnce(_ request: HTTPRequest) async -> Result<HTTPResponse, TransportError> {
        do throws(TransportError) {
            return .success(try await transport.send(request))
        } catch {
            return .failure(error)
        }
    }
}
