import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The transport over `URLSession`: the only place where idsync touches a network.
///
/// Nothing is cached or stored, redirects are handed back as the 3xx answer that they are (on Linux a followed
/// redirect would carry the `Authorization` header to another host), and an answer has a size limit.
///
/// `URLSession` on Linux keeps asking whether a new connection can be written to for as long as its first exchange waits,
/// which takes most of a core; on a connection that was kept open the wait costs nothing, so every request may use one.
package final class URLSessionTransport: Transport {
    private let session: URLSession
    private let exchanges: ExchangeTable

    /// Makes a transport with its own ephemeral session.
    ///
    /// - Parameters:
    ///   - parallelism: The largest number of connections per host; the session's own default is 6.
    ///   - bodyLimit: The largest answer in bytes; ARM caps a provider's answer at 8 MB (RPC, FACTS section 6).
    ///   - resourceTimeout: The longest one exchange may take whatever its request says.
    package init(
        parallelism: Int = 8,
        bodyLimit: Int = 64 * 1024 * 1024,
        resourceTimeout: Duration = .seconds(600)
    ) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.httpMaximumConnectionsPerHost = max(1, parallelism)
        configuration.timeoutIntervalForResource = resourceTimeout.seconds
        exchanges = ExchangeTable(bodyLimit: bodyLimit)
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit { session.finishTasksAndInvalidate() }

    /// Sends the request once and waits for the whole answer, at most for the request's timeout.
    ///
    /// - Throws: `TransportError` when no whole answer came back; its message has no header, body or query.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if Task.isCancelled { throw TransportError(.withdrawn, "cancelled before the request was sent") }
        let task = session.dataTask(with: Self.urlRequest(for: request))
        // The session's own timeout restarts with every byte, so a server that drips would never time out.
        let watchdog = Task { [exchanges] in
            try await Task.sleep(for: request.timeout)
            exchanges.abort(task, .timedOut, "no whole answer within \(request.timeout.seconds) s")
        }
        defer { watchdog.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchanges.begin(task) { continuation.resume(returning: $0) }
                task.resume()
                // The handler below may have run before the exchange was registered.
                if Task.isCancelled { exchanges.abort(task, .cancelled, "cancelled") }
            }
        } onCancel: {
            exchanges.abort(task, .cancelled, "cancelled")
        }
        return try result.get()
    }

    private static func urlRequest(for request: HTTPRequest) -> URLRequest {
        var urlRequest = URLRequest(url: request.url)
        urlRequest.httpMethod = request.method.rawValue
        // Only a backstop: the session counts whole seconds, and below one it gives up at once.
        urlRequest.timeoutInterval = request.timeout.seconds.rounded(.up) + 30
        urlRequest.httpShouldHandleCookies = false
        for (name, value) in request.headers { urlRequest.setValue(value, forHTTPHeaderField: name) }
        urlRequest.httpBody = request.body
        return urlRequest
    }
}

/// The exchanges in flight, by task; the session's delegate.
private final class ExchangeTable: NSObject, URLSessionDataDelegate, Sendable {
    typealias Completion = @Sendable (Result<HTTPResponse, TransportError>) -> Void

    private struct Exchange {
        var completion: Completion
        var body = Data()
        /// Why the task was cancelled by us; the session only reports "cancelled".
        var abort: TransportError?
    }

    private let exchanges = Mutex<[Int: Exchange]>([:])
    private let bodyLimit: Int

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    func begin(_ task: URLSessionTask, completion: @escaping Completion) {
        exchanges.withLock { $0[task.taskIdentifier] = Exchange(completion: completion) }
    }

    func abort(_ task: URLSessionTask, _ reason: TransportError.Reason, _ message: String) {
        if condemn(task, TransportError(reason, message)) { task.cancel() }
    }

    /// Settles how an exchange under way will end, whatever else happens to it; false when it is over.
    private func condemn(_ task: URLSessionTask, _ error: TransportError) -> Bool {
        exchanges.withLock { table in
            guard table[task.taskIdentifier] != nil else { return false }
            if table[task.taskIdentifier]?.abort == nil { table[task.taskIdentifier]?.abort = error }
            return true
        }
    }

    /// Refuses every redirect: the 3xx answer itself is handed back.
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    /// Never lets a request with a body go out a second time unasked.
    ///
    /// When a connection that was kept open turns out dead, libcurl sends the request again on a new one and asks for the
    /// body once more. Without one the exchange on Linux would spin until its timeout; with one, a write that may have
    /// arrived would be repeated without anybody's look at the state. The loss is an error at once instead.
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        needNewBodyStream completionHandler: @escaping @Sendable (InputStream?) -> Void
    ) {
        let lost = TransportError(.connectionLost, "the connection was lost before an answer came")
        // The session asks on its own queue, on which `cancel` must not be called.
        if condemn(task, lost) { Task.detached { task.cancel() } }
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let tooLong = exchanges.withLock { table in
            table[dataTask.taskIdentifier]?.body.append(data)
            return (table[dataTask.taskIdentifier]?.body.count ?? 0) > bodyLimit
        }
        if tooLong { abort(dataTask, .other, "the answer is longer than \(bodyLimit) bytes") }
    }

    /// Takes the answer that carries a challenge as the answer: idsync has no password to offer.
    ///
    /// Left to itself the session on Linux never ends an exchange that met `Basic realm="…"`.
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        guard challenge.failureResponse is HTTPURLResponse else {
            return completionHandler(.performDefaultHandling, nil)
        }
        finish(task, challenge.failureResponse, nil)
        completionHandler(.cancelAuthenticationChallenge, nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        finish(task, task.response, error)
    }

    private func finish(_ task: URLSessionTask, _ response: URLResponse?, _ error: (any Error)?) {
        guard let exchange = exchanges.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else {
            return
        }
        if let abort = exchange.abort {
            exchange.completion(.failure(abort))
        } else if let error {
            exchange.completion(.failure(TransportError(describing: error)))
        } else if let response = response as? HTTPURLResponse {
            let headers = response.allHeaderFields.map { (name: "\($0.key)", value: "\($0.value)") }
            exchange.completion(
                .success(
                    HTTPResponse(
                        status: response.statusCode,
                        headers: headers.sorted { $0.name < $1.name },
                        body: exchange.body
                    )
                )
            )
        } else {
            exchange.completion(
                .failure(TransportError(.connectionLost, "the server closed without an answer"))
            )
        }
    }
}

extension TransportError {
    /// Maps what `URLSession` reports; on Linux a TLS failure is code -1 and only its text tells why (ANCHORS).
    fileprivate init(describing error: any Error) {
        let text = Scrubber().scrub(error.localizedDescription)
        guard let code = (error as? URLError)?.code else {
            self.init(Self.looksLikeTLS(text) ? .tls : .other, text)
            return
        }
        switch code {
        case .cancelled: self.init(.cancelled, "cancelled")
        // Seen with http://[::1]: the session and libcurl spell the host differently and the request is not sent.
        case .badURL:
            self.init(
                .other,
                "this machine's URLSession cannot use the URL; write localhost instead of [::1]"
            )
        case .timedOut: self.init(.timedOut, text)
        case .cannotConnectToHost: self.init(.connectionRefused, text)
        case .cannotFindHost, .dnsLookupFailed: self.init(.hostNotFound, text)
        case .networkConnectionLost, .notConnectedToInternet, .badServerResponse, .cannotParseResponse,
            .cannotDecodeContentData, .cannotDecodeRawData:
            self.init(.connectionLost, text)
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired:
            self.init(.tls, text)
        default: self.init(Self.looksLikeTLS(text) ? .tls : .other, text)
        }
    }

    private static func looksLikeTLS(_ text: String) -> Bool {
        let text = text.lowercased()
        return text.contains("ssl") || text.contains("tls") || text.contains("certificate")
    }
}
