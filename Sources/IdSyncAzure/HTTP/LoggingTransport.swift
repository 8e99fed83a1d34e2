import Foundation

/// Logs each exchange: method, host and path at `debug`, allowed headers and body sizes at `trace`.
///
/// Never a query string (operation URLs are signed), never a body, and only headers of an allow-list: what is not
/// known to be harmless is not shown (F73).
package struct LoggingTransport: Transport {
    private let transport: any Transport
    private let log: Log
    private let time: any TimeSource

    private static let shownHeaders: Set<String> = [
        "content-type", "content-length", "etag", "if-match", "retry-after", "user-agent", "x-ms-request-id",
        "x-ms-correlation-request-id", "x-ms-client-request-id", "x-ms-ratelimit-remaining-resource",
        "x-ms-ratelimit-remaining-subscription-reads", "x-ms-ratelimit-remaining-subscription-writes",
        "x-ms-ratelimit-remaining-subscription-deletes",
    ]

    /// Wraps a transport.
    package init(wrapping transport: any Transport, log: Log, time: any TimeSource) {
        self.transport = transport
        self.log = log
        self.time = time
    }

    /// Sends the request and logs how it went.
    ///
    /// - Throws: `TransportError` of the wrapped transport.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let began = time.now()
        log.write(
            .trace,
            "> \(Self.line(request)) \(Self.shown(request.headers)) body \(request.body?.count ?? 0) B"
        )
        do throws(TransportError) {
            let response = try await transport.send(request)
            log.write(.debug, "\(Self.line(request)) -> \(response.status) \(elapsed(began))")
            log.write(
                .trace,
                "< \(response.status) \(Self.shown(response.headers)) body \(response.body.count) B"
            )
            return response
        } catch {
            log.write(.debug, "\(Self.line(request)) -> \(error.reason.rawValue) \(elapsed(began))")
            throw error
        }
    }

    private func elapsed(_ began: Duration) -> String {
        let duration = time.now() - began
        return
            "\(duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000) ms"
    }

    private static func line(_ request: HTTPRequest) -> String {
        "\(request.method.rawValue) \(request.url.host() ?? "")\(request.url.path(percentEncoded: false))"
    }

    private static func shown(_ headers: [(name: String, value: String)]) -> String {
        headers.filter { shownHeaders.contains($0.name.lowercased()) }
            .map { "\($0.name.lowercased()): \($0.value)" }.joined(separator: ", ")
    }
}
