package import Foundation

/// An HTTP method that ARM uses.
package enum HTTPMethod: String, Sendable, Hashable {
    case get = "GET"
    case put = "PUT"
    case patch = "PATCH"
    case post = "POST"
    case delete = "DELETE"
}

/// One HTTP request; header names are matched without case.
package struct HTTPRequest: Sendable {
    /// The method.
    package var method: HTTPMethod
    /// The absolute URL, used unchanged.
    package var url: URL
    /// Header fields in the order they are sent.
    package var headers: [(name: String, value: String)]
    /// The body, or nil for none.
    package var body: Data?
    /// How long to wait for the answer.
    package var timeout: Duration
    /// Whether a transport may send it again on its own; false for a write that needs a fresh look before each attempt.
    package var isRepeatable = true

    /// Makes a request; the timeout defaults to one minute.
    package init(
        _ method: HTTPMethod,
        _ url: URL,
        headers: [(name: String, value: String)] = [],
        body: Data? = nil,
        timeout: Duration = .seconds(60)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }

    /// The value of a header field, without case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// One HTTP answer.
package struct HTTPResponse: Sendable {
    /// The status code.
    package var status: Int
    /// Header fields; names in any case.
    package var headers: [(name: String, value: String)]
    /// The body, empty when there is none.
    package var body: Data

    /// Makes a response.
    package init(status: Int, headers: [(name: String, value: String)] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of a header field, without case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// No answer came back.
package struct TransportError: Error, Sendable, Equatable {
    /// Why there was no answer.
    package enum Reason: String, Sendable, Equatable {
        /// The task was cancelled while the request was under way.
        case cancelled
        /// The task was cancelled before the request was sent.
        case withdrawn
        case timedOut
        case connectionRefused
        case hostNotFound
        case connectionLost
        case tls
        /// The request was never sent because a rule forbids it (a write in a read-only command).
        case refused
        /// The request was not sent because the run is to stop.
        case stopped
        /// The request was not sent because what it builds on was read too long ago.
        case outdated
        /// The request was not sent because the service wants none for longer than anybody should wait.
        case congested
        case other
    }

    /// Why there was no answer.
    package let reason: Reason
    /// The detail for people; never a header, a body or a query string.
    package let message: String

    /// Makes an error.
    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// Whether the server may have got the request all the same.
    package var mayHaveArrived: Bool {
        switch reason {
        case .withdrawn, .connectionRefused, .hostNotFound, .tls, .refused, .stopped, .outdated, .congested:
            false
        case .cancelled, .timedOut, .connectionLost, .other: true
        }
    }
}

/// Sends one HTTP request: the one boundary between idsync and a network.
///
/// Retry, pacing and read-only rules wrap a transport; fakes and the in-process emulator replace it. A redirect
/// is handed back as the 3xx answer that it is, never followed.
package protocol Transport: Sendable {
    /// Sends the request and waits for the whole answer.
    ///
    /// - Throws: `TransportError` when no answer came back.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
}
