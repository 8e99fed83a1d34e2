package import Foundation
package import IdSyncCore

/// A successful answer (2xx) of ARM.
package struct ARMAnswer: Sendable {
    /// The call that it answers.
    package let call: ARMCall
    /// The status, 200 to 299.
    package let status: Int
    /// The `ETag` header with its quotes; nil when it guards nothing.
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
        etag = ETag.usable(response.header("etag"))
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
            throw malformed(
                BodyProblem(body) ?? .shape(scrubber.scrub(DecodingProblem.text(error), limit: 300))
            )
        }
    }

    /// The failure that says that this answer is not what ARM sends.
    package func malformed(_ problem: BodyProblem) -> ARMFailure {
        .malformed(problem, status: status, requestID: requestID, call)
    }
}

/// Which texts are ETags that a write can be guarded with.
enum ETag {
    /// The ETag, or nil for none, a blank one, and `*`, which matches whatever is there and so guards nothing.
    static func usable(_ text: String?) -> String? {
        guard let text else { return nil }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.isEmpty || trimmed == "*" || trimmed == "\"\"" ? nil : text
    }
}
