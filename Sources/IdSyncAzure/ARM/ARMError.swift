package import Foundation
package import IdSyncCore

/// A refusal by ARM, decoded, classified and scrubbed.
package struct ARMError: Error, Sendable, Equatable {
    /// The method of the request.
    package let method: HTTPMethod
    /// The path of the request, without its query.
    package let path: String
    /// The HTTP status; 200 when a long-running operation reported the failure.
    package let status: Int
    /// ARM's code; nil when the body had none.
    package let code: String?
    /// ARM's message, or what the body was instead.
    package let message: String
    /// The part of the request that the error is about.
    package let target: String?
    /// The details and inner errors, flattened.
    package let details: [ARMErrorDetail]
    /// The names of the policies that forbade the request.
    package let policies: [String]
    /// The identities that the error names, for culprit isolation.
    package let identities: [ResourceID]
    /// How long the server asks to wait, from headers or words.
    package let retryAfter: Duration?
    /// `x-ms-request-id`.
    package let requestID: String?
    /// `x-ms-correlation-request-id`.
    package let correlationID: String?
    /// How often the request was sent.
    package let attempts: Int
    /// What the refusal means.
    package let errorClass: ErrorClass
    /// The caller's object id as a 403 names it.
    let callerObjectID: String?

    /// Decodes the answer to a request.
    package init(
        response: HTTPResponse,
        method: HTTPMethod,
        path: String,
        attempts: Int,
        now: Date,
        scrubber: Scrubber = Scrubber()
    ) {
        let body = ARMErrorBody(response.body)
        self.init(
            body: body,
            fallback: BodyProblem(response.body)?.description ?? "no error message in the body",
            response: response,
            call: (method, path, attempts),
            retryAfter: RetryAfter.header(of: response, now: now),
            scrubber: scrubber
        )
    }

    /// Decodes the `error` of a long-running operation that failed or was canceled.
    package init(
        operationStatus: String,
        error: JSONValue?,
        response: HTTPResponse,
        method: HTTPMethod,
        path: String,
        attempts: Int,
        scrubber: Scrubber = Scrubber()
    ) {
        var body = error.flatMap(ARMErrorBody.init) ?? ARMErrorBody(code: nil, message: nil)
        let isCanceled = Folding.fold(operationStatus) == "canceled"
        body.code = body.code ?? (isCanceled ? "Canceled" : "OperationFailed")
        self.init(
            body: body,
            fallback: "the operation ended with status \(operationStatus)",
            response: response,
            call: (method, path, attempts),
            retryAfter: nil,
            scrubber: scrubber
        )
    }

    private init(
        body: ARMErrorBody?,
        fallback: String,
        response: HTTPResponse,
        call: (method: HTTPMethod, path: String, attempts: Int),
        retryAfter: Duration?,
        scrubber: Scrubber
    ) {
        let texts = ErrorClass.texts(of: body)
        let all = texts.joined(separator: "\n")
        (method, path, attempts) = call
        status = response.status
        code = body?.code.map { scrubber.scrub($0, limit: 120) }
        message = scrubber.scrub(body?.message ?? texts.first ?? fallback)
        target = body?.target.map { scrubber.scrub($0, limit: 400) }
        details = (body?.details ?? []).map { detail in
            ARMErrorDetail(
                code: detail.code.map { scrubber.scrub($0, limit: 120) },
                message: detail.message.map { scrubber.scrub($0) },
                target: detail.target.map { scrubber.scrub($0, limit: 400) }
            )
        }
        policies = (body?.policies ?? []).map { scrubber.scrub($0, limit: 200) }
        identities = IdentityMentions.identities(in: all)
        callerObjectID = IdentityMentions.callerObjectID(in: all)
        self.retryAfter = retryAfter ?? RetryAfter.words(in: all)
        requestID = response.header("x-ms-request-id").map { scrubber.scrub($0, limit: 120) }
        correlationID = response.header("x-ms-correlation-request-id").map { scrubber.scrub($0, limit: 120) }
        errorClass = ErrorClass(status: response.status, body: body)
    }

    /// Whether ARM itself said that the resource does not exist; a 404 without a code is that of a proxy on the way.
    package var saysAbsent: Bool { status == 404 && code != nil }

    /// One line for people: method, path, status, code, message, policies and the ids that support asks for.
    package var summary: String {
        var text = "\(method.rawValue) \(path): \(status)"
        if let code { text += " \(code)" }
        text += ": \(message)"
        if !policies.isEmpty { text += " (policy: \(policies.joined(separator: ", ")))" }
        return text + IDSuffix.text(requestID: requestID, correlationID: correlationID)
    }
}

extension ARMErrorBody {
    fileprivate init(code: String?, message: String?) {
        self.code = code
        self.message = message
    }
}

/// The ids that every message ends with.
enum IDSuffix {
    static func text(requestID: String?, correlationID: String?) -> String {
        let parts = [requestID.map { "request id \($0)" }, correlationID.map { "correlation id \($0)" }]
        let shown = parts.compactMap(\.self)
        return shown.isEmpty ? "" : " (\(shown.joined(separator: ", ")))"
    }
}
