import Foundation

/// How often and after how long a token request is sent again.
///
/// 408, 429 and 5xx are passing faults. The metadata service also answers 404 and 410 while it is being
/// updated; 410 is waited for at least 70 seconds (FACTS section 9, SDK-I imds.py).
struct RetrySchedule: Sendable {
    /// The waits between tries after a passing fault.
    let waits: [Duration]
    /// The waits between tries after 410, which a metadata service gives while it is being updated.
    let updateWaits: [Duration]
    /// Whether 404 is a passing fault.
    let retriesNotFound: Bool

    /// The longest wait that a `Retry-After` header can ask for.
    static let longestWait = Duration.seconds(60)

    /// For the authority and for assertion endpoints.
    static let authority = RetrySchedule(
        waits: [.seconds(1), .seconds(2), .seconds(4)],
        updateWaits: [],
        retriesNotFound: false
    )

    /// For the metadata service.
    static let metadata = RetrySchedule(
        waits: [.seconds(1), .seconds(2), .seconds(4), .seconds(8)],
        updateWaits: Array(repeating: .seconds(10), count: 8),
        retriesNotFound: true
    )

    /// For App Service and Arc endpoints.
    static let local = RetrySchedule(
        waits: [.seconds(1), .seconds(2), .seconds(4)],
        updateWaits: [],
        retriesNotFound: false
    )

    fileprivate func isPassing(_ status: Int) -> Bool {
        status == 408 || status == 429 || status >= 500 || (status == 404 && retriesNotFound)
    }
}

/// Sends token requests, again where the fault may pass; the waits are on the injected clock.
struct PatientSender: Sendable {
    let transport: any Transport
    let time: any TimeSource

    /// How long one try may take.
    static let timeout = Duration.seconds(30)

    /// Sends until the answer is not a passing fault or the schedule is used up; gives the last answer.
    ///
    /// - Throws: `CredentialError` when no answer came back.
    func send(_ request: HTTPRequest, _ schedule: RetrySchedule) async throws(CredentialError) -> HTTPResponse
    {
        var waits = schedule.waits[...]
        var updateWaits = schedule.updateWaits[...]
        while true {
            let wait: Duration
            do throws(TransportError) {
                let response = try await transport.send(request)
                let scheduled: Duration?
                if response.status == 410 {
                    scheduled = updateWaits.popFirst()
                } else {
                    scheduled = schedule.isPassing(response.status) ? waits.popFirst() : nil
                }
                guard let scheduled else { return response }
                wait = max(scheduled, Self.retryAfter(response) ?? .zero)
            } catch {
                guard error.reason == .timedOut || error.reason == .connectionLost,
                    let scheduled = waits.popFirst()
                else { throw Self.unreachable(request, error) }
                wait = scheduled
            }
            do {
                try await time.sleep(for: wait)
            } catch {
                throw CredentialError.cancelled
            }
        }
    }

    /// The host of a request for messages; never its path and query, which can carry secrets.
    static func host(_ request: HTTPRequest) -> String { request.url.host ?? "the endpoint" }

    static func unreachable(_ request: HTTPRequest, _ error: TransportError) -> CredentialError {
        [.cancelled, .withdrawn].contains(error.reason)
            ? .cancelled
            : CredentialError("\(host(request)) did not answer: \(Scrubber().quote(error.message))")
    }

    private static func retryAfter(_ response: HTTPResponse) -> Duration? {
        guard let text = response.header("Retry-After"), let seconds = UInt32(text) else { return nil }
        return min(.seconds(Int64(seconds)), RetrySchedule.longestWait)
    }
}
