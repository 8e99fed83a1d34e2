package import Foundation
package import IdSyncCore

/// A successful answer (2xx) of ARM.
package struct ARMAnswer: Sendable {
    /// The call that it answers.
    package let call: ARMCall
    /// The status, 200 to 299.
    package let status: Int
    /// The `ETag` header with its quotes.
    package let etag: String?
    /// `x-ms-request-id`.
    package let requestID: String?
    /// `x-ms-correlation-request-id`.
    package let correlationID: String?
    /// The body as it came.
    package let body: Data
    /// How often the request was sent.
    package var attempts: Int { call.attempts }
    /// The headers that a long-running operation is followed by.
    let asyncOperation: String?
    let location: String?
    let retryAfter: Duration?
    /// Knows the token that the request carried, for whatever the answer may echo.
    let scrubber: Scrubber

    init(_ response: HTTPResponse, call: ARMCall, now: Date, scrubber: Scrubber) {
        self.call = call
        self.scrubber = scrubber
        status = response.status
        etag = response.header("etag")
        requestID = call.requestID
        correlationID = response.header("x-ms-correlation-request-id").map {
            scrubber.scrub($0, limit: 120)
        }
        body = response.body
        asyncOperation = response.header("azure-asyncoperation")
        location = response.header("location")
        retryAfter = RetryAfter.header(of: response, now: now)
    }

    /// Whether ARM may have written it: a proxy's page with a 2xx says nothing about the request.
    var isFromARM: Bool { body.isEmpty || BodyProblem(body) == nil }

    /// The body as JSON.
    ///
    /// - Throws: `ARMFailure.malformed` with path, status and request id.
    package func json() throws(ARMFailure) -> JSONValue { try decode(JSONValue.self) }

    /// The body decoded into a wire type.
    ///
    /// - Throws: `ARMFailure.malformed` with path, status and request id.
    package func decode<Value: Decodable>(_ type: Value.Type) throws(ARMFailure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw malformed(BodyProblem(body) ?? .shape(place(of: error)))
        }
    }

    /// The failure that says that this answer is not what ARM sends.
    package func malformed(_ problem: BodyProblem) -> ARMFailure {
        .malformed(problem, status: status, requestID: requestID, call)
    }

    private func place(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it cannot be decoded" }
        switch error {
        case .keyNotFound(let key, let context): return "\(path(context, key)) is missing"
        case .valueNotFound(_, let context): return "\(path(context)) is null"
        case .typeMismatch(_, let context): return "\(path(context)) has another type"
        case .dataCorrupted(let context): return "\(path(context)) cannot be read"
        @unknown default: return "it cannot be decoded"
        }
    }

    private func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
        let keys = context.codingPath + [last].compactMap(\.self)
        guard !keys.isEmpty else { return "the top level" }
        let text = keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return "'\(scrubber.scrub(text, limit: 200))'"
    }
}
