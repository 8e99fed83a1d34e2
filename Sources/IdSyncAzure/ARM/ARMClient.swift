import Foundation
package import IdSyncCore

/// Speaks ARM: paths and versions in, decoded answers or one kind of failure out.
///
/// Retry and pacing are the transport's business. The client adds the token, which goes only to the endpoint, renews it
/// once on a 401, pins every link to the endpoint, and never lets a query string into a message.
package struct ARMClient: Sendable {
    /// The one host that requests go to.
    package let endpoint: ARMEndpoint
    let time: any TimeSource
    /// Where a write waits for its turn before the look that it builds on.
    let turns: any WriteTurns
    private let transport: any Transport
    private let tokens: any TokenProvider
    private let userAgent: String
    private let correlationID: String?
    private let requestTimeout: Duration
    private let requestIDs: @Sendable () -> String

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - endpoint: Where ARM is.
    ///   - transport: Sends requests; wrapped for retry, pacing and read-only commands by the caller.
    ///   - turns: The pacing that stands in the transport, or free turns when there is none.
    ///   - tokens: Gives the bearer token.
    ///   - time: The clock for polling.
    ///   - userAgent: The `User-Agent` header.
    ///   - correlationID: Sent with every request so that ARM's activity log shows the run as one.
    ///   - requestTimeout: How long one attempt may take.
    ///   - requestIDs: Makes `x-ms-client-request-id`; tests give a seeded source.
    package init(
        endpoint: ARMEndpoint,
        transport: any Transport,
        turns: any WriteTurns = FreeTurns(),
        tokens: any TokenProvider,
        time: any TimeSource,
        userAgent: String,
        correlationID: String? = nil,
        requestTimeout: Duration = .seconds(60),
        requestIDs: @escaping @Sendable () -> String = { UUID().uuidString.lowercased() }
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.turns = turns
        self.tokens = tokens
        self.time = time
        self.userAgent = userAgent
        self.correlationID = correlationID
        self.requestTimeout = requestTimeout
        self.requestIDs = requestIDs
    }

    /// Reads one resource or list.
    ///
    /// - Throws: `ARMFailure`; a 404 is `.arm` with class `gone`.
    package func get(
        path: String,
        apiVersion: String,
        query: [(name: String, value: String)] = []
    ) async throws(ARMFailure) -> ARMAnswer {
        let url = try url(.get, path: path, apiVersion: apiVersion, query: query)
        return try await exchange(HTTPRequest(.get, url), path: path)
    }

    /// Sends one request that may have a body.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: The resource id or collection, not percent-encoded.
    ///   - apiVersion: The api-version.
    ///   - ifMatch: The ETag with its quotes, or nil for an unguarded request.
    ///   - body: The JSON body, or nil for none.
    ///   - isRepeatable: Whether transports may send it again on their own.
    /// - Returns: The answer of a 2xx.
    /// - Throws: `ARMFailure`.
    package func send(
        _ method: HTTPMethod,
        path: String,
        apiVersion: String,
        ifMatch: String? = nil,
        body: JSONValue? = nil,
        isRepeatable: Bool = true
    ) async throws(ARMFailure) -> ARMAnswer {
        var request = HTTPRequest(method, try url(method, path: path, apiVersion: apiVersion, query: []))
        request.isRepeatable = isRepeatable
        if let ifMatch { request.headers.append((name: "If-Match", value: ifMatch)) }
        if let body {
            // Without it the session would claim a form (ANCHORS).
            request.headers.append((name: "Content-Type", value: "application/json; charset=utf-8"))
            request.body = body.canonicalData()
        }
        return try await exchange(request, path: path)
    }

    /// Reads a link that ARM handed out, unchanged.
    ///
    /// - Throws: `ARMFailure.foreignURL` when it leads elsewhere; nothing is sent then.
    func follow(_ link: String, named name: String, from call: ARMCall) async throws(ARMFailure) -> ARMAnswer
    {
        let url = try pinned(link, named: name, from: call)
        return try await exchange(HTTPRequest(.get, url), path: url.path(percentEncoded: false))
    }

    /// The URL of a link after the check that it leads back to the endpoint.
    func pinned(_ link: String, named name: String, from call: ARMCall) throws(ARMFailure) -> URL {
        guard let url = endpoint.resolve(link) else {
            throw .foreignURL(link: name, host: "something that is no URL", call)
        }
        guard endpoint.accepts(url) else {
            let scheme = url.scheme.map { $0 + "://" } ?? ""
            let port = url.port.map { ":\($0)" } ?? ""
            let host = scheme + (url.host(percentEncoded: true) ?? "no host") + port
            throw .foreignURL(link: name, host: Scrubber().scrub(host, limit: 200), call)
        }
        return url
    }

    private func url(
        _ method: HTTPMethod,
        path: String,
        apiVersion: String,
        query: [(name: String, value: String)]
    ) throws(ARMFailure) -> URL {
        guard let url = ARMPath.url(endpoint: endpoint, path: path, apiVersion: apiVersion, query: query)
        else {
            let call = ARMCall(method: method, path: path, attempts: 0)
            throw .transport(TransportError(.refused, "the path cannot be put into a URL"), call)
        }
        return url
    }

    private func exchange(_ request: HTTPRequest, path: String) async throws(ARMFailure) -> ARMAnswer {
        let log = AttemptLog(within: AttemptLog.current)
        let token = try await bearer(replacing: nil)
        var (response, secret) = (try await attempt(request, token: token, path: path, log: log), token)
        if response.status == 401 {
            secret = try await bearer(replacing: token)
            // Renewing takes time: what must follow its look at once is handed back, to be looked at again.
            if request.isRepeatable {
                response = try await attempt(request, token: secret, path: path, log: log)
            }
        }
        let scrubber = Scrubber(secrets: [token, secret])
        let call = ARMCall(
            method: request.method,
            path: path,
            attempts: max(1, log.attempts),
            requestID: response.header("x-ms-request-id").map { scrubber.scrub($0, limit: 120) }
        )
        switch response.status {
        case 200..<300: return ARMAnswer(response, call: call, now: time.date(), scrubber: scrubber)
        case 300..<400:
            let host = response.header("location").flatMap(endpoint.resolve)?.host(percentEncoded: true)
            throw .redirect(
                status: response.status,
                host: host.map { scrubber.scrub($0, limit: 200) },
                call
            )
        default:
            throw .arm(
                ARMError(
                    response: response,
                    method: request.method,
                    path: path,
                    attempts: call.attempts,
                    now: time.date(),
                    scrubber: scrubber
                )
            )
        }
    }

    private func bearer(replacing rejected: Secret?) async throws(ARMFailure) -> Secret {
        do throws(CredentialError) {
            guard let rejected else { return try await tokens.bearer() }
            return try await tokens.bearer(replacing: rejected)
        } catch {
            throw .credential(error)
        }
    }

    private func attempt(
        _ request: HTTPRequest,
        token: Secret,
        path: String,
        log: AttemptLog
    ) async throws(ARMFailure) -> HTTPResponse {
        var request = request
        request.timeout = requestTimeout
        request.headers += [
            (name: "Authorization", value: "Bearer \(token.reveal())"),
            (name: "Accept", value: "application/json"),
            (name: "User-Agent", value: userAgent),
            (name: "x-ms-client-request-id", value: requestIDs()),
        ]
        if let correlationID {
            request.headers.append((name: "x-ms-correlation-request-id", value: correlationID))
        }
        let ready = request
        let outcome = await AttemptLog.$current.withValue(log) {
            () async -> Result<HTTPResponse, TransportError> in
            do throws(TransportError) { return .success(try await transport.send(ready)) } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let response): return response
        case .failure(let error):
            let call = ARMCall(method: request.method, path: path, attempts: max(1, log.attempts))
            throw [.cancelled, .withdrawn].contains(error.reason) ? .cancelled(call) : .transport(error, call)
        }
    }
}
