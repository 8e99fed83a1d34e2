package import IdSyncCore

/// One call as its failures name it: never with a query string.
package struct ARMCall: Sendable, Equatable, CustomStringConvertible {
    /// The method.
    package let method: HTTPMethod
    /// The path without its query.
    package let path: String
    /// How often the request was sent.
    package let attempts: Int
    /// `x-ms-request-id` of the answer, when there was one.
    package let requestID: String?

    /// Makes a call.
    package init(method: HTTPMethod, path: String, attempts: Int = 1, requestID: String? = nil) {
        self.method = method
        self.path = path
        self.attempts = attempts
        self.requestID = requestID
    }

    /// `GET /subscriptions/…`.
    package var description: String { "\(method.rawValue) \(path)" }
}

/// What a call to ARM ends with when it does not end well.
package enum ARMFailure: Error, Sendable, Equatable {
    /// ARM refused, or a long-running operation failed.
    case arm(ARMError)
    /// No answer came back.
    case transport(TransportError, ARMCall)
    /// No token could be had.
    case credential(CredentialError)
    /// The answer was not what ARM sends.
    case malformed(BodyProblem, status: Int, requestID: String?, ARMCall)
    /// ARM handed out a link to another host, or one that leads in a circle; it was not followed.
    case foreignURL(link: String, host: String, ARMCall)
    /// The server answered with a redirect; it was not followed. Only the target's host is kept.
    case redirect(status: Int, host: String?, ARMCall)
    /// The operation did not end in time; its state is unknown.
    case deadline(after: Duration, operation: String?, ARMCall)
    /// The run was cancelled.
    case cancelled(ARMCall)

    /// The message for people: method, path, status, ARM code and request id; scrubbed.
    package var message: String {
        switch self {
        case .arm(let error): return error.summary
        case .transport(let error, let call):
            let attempts = call.attempts > 1 ? " (after \(call.attempts) attempts)" : ""
            return "\(call): \(Self.reason(error.reason)): \(error.message)\(attempts)"
        case .credential(let error): return error.description
        case .malformed(let problem, let status, let requestID, let call):
            return "\(call): \(status), but \(problem)"
                + IDSuffix.text(requestID: requestID, correlationID: nil)
        case .foreignURL(let link, let host, let call):
            return "\(call): \(link) leads to \(host), which is not the endpoint; it was not followed"
                + IDSuffix.text(requestID: call.requestID, correlationID: nil)
        case .redirect(let status, let host, let call):
            return "\(call): \(status) redirect to \(host ?? "an unknown host") refused; check the endpoint"
                + IDSuffix.text(requestID: call.requestID, correlationID: nil)
        case .deadline(let limit, let operation, let call):
            let which = operation.map { " (\($0))" } ?? ""
            return "\(call): the operation\(which) did not end within \(Int(limit.seconds)) s; "
                + "its state is unknown: run the plan again"
        case .cancelled(let call): return "\(call): cancelled"
        }
    }

    /// What to do about it, when the message alone does not tell.
    package var remedy: String? {
        switch self {
        case .arm(let error): error.remedy
        case .transport(let error, _) where error.reason == .tls:
            "check the proxy and the certificate authorities of this machine: the certificate was not accepted"
        case .transport(let error, _) where error.reason == .hostNotFound:
            "check --endpoint and cloud, and whether this machine can resolve the name"
        case .malformed(.html, _, _, _): "a proxy or a sign-in page answered instead of ARM"
        default: nil
        }
    }

    /// The class that decides what the executor does.
    package var errorClass: ErrorClass {
        switch self {
        case .arm(let error): error.errorClass
        case .credential: .authentication
        case .transport(let error, _):
            switch error.reason {
            case .timedOut, .connectionRefused, .hostNotFound, .connectionLost, .other: .transient
            case .refused: .bug
            case .outdated: .race
            case .congested: .throttled
            case .cancelled, .withdrawn, .stopped, .tls: .other
            }
        case .malformed, .foreignURL, .redirect, .deadline, .cancelled: .other
        }
    }

    /// Whether a write was held back because the look that it builds on was too old.
    var isOutdated: Bool {
        if case .transport(let error, _) = self { error.reason == .outdated } else { false }
    }

    /// The code of a call that was cancelled.
    static let cancelledCode = "cancelled"

    /// Whether the run was cancelled.
    package var isCancelled: Bool {
        if case .cancelled = self { true } else { false }
    }

    /// The same failure as the live state records it.
    package var readFailure: ReadFailure {
        ReadFailure(kind: readFailureKind, message: message)
    }

    private var readFailureKind: ReadFailure.Kind {
        switch self {
        case .arm(let error):
            switch error.errorClass {
            case .authentication: .authentication
            case .permission: .permission
            case .transient, .throttled: .unavailable
            default: error.status == 403 ? .permission : .rejected
            }
        case .credential: .authentication
        case .malformed, .foreignURL, .redirect: .malformed
        case .transport, .deadline, .cancelled: .unavailable
        }
    }

    private static func reason(_ reason: TransportError.Reason) -> String {
        switch reason {
        case .cancelled, .withdrawn: "cancelled"
        case .timedOut: "no answer in time"
        case .connectionRefused: "connection refused"
        case .hostNotFound: "host not found"
        case .connectionLost: "connection lost"
        case .tls: "TLS failed"
        case .refused, .stopped, .outdated, .congested: "not sent"
        case .other: "no answer"
        }
    }
}
