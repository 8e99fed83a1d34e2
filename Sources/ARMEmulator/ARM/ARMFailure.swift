import Foundation
import IdSyncAzure
import IdSyncCore

/// An error as ARM answers it: a status and the error envelope.
struct ARMFailure: Error, Sendable, Equatable {
    let status: Int
    let code: String
    let message: String
    var target: String?
    var details: [JSONValue] = []
    /// Seconds for `Retry-After`.
    var retryAfter: Int?
    /// Whether ARM's front end refused, before the provider saw the request; it then says `x-ms-failure-cause`.
    var isGateway = false

    init(_ status: Int, _ code: String, _ message: String, target: String? = nil, isGateway: Bool = false) {
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.isGateway = isGateway
    }

    /// The error object without its envelope, as operations carry it.
    var inner: JSONValue {
        var error: [String: JSONValue] = ["code": .string(code), "message": .string(message)]
        if let target { error["target"] = .string(target) }
        if !details.isEmpty { error["details"] = .array(details) }
        return .object(error)
    }

    /// The answer.
    var response: HTTPResponse {
        var response = HTTPResponse(status: status, json: .object(["error": inner]))
        if let retryAfter { response.headers.append(("retry-after", "\(retryAfter)")) }
        if isGateway { response.headers.append(("x-ms-failure-cause", "gateway")) }
        if status == 401 {
            let advice =
                "Bearer authorization_uri=\"https://login.microsoftonline.com/\", error=\"invalid_token\","
                + " error_description=\"\(message)\""
            response.headers.append(("www-authenticate", advice))
        }
        return response
    }
}

extension HTTPResponse {
    /// A JSON answer with sorted members: equal values give equal bytes.
    init(status: Int, json: JSONValue, headers: [(name: String, value: String)] = []) {
        let type: [(name: String, value: String)] = [("content-type", "application/json; charset=utf-8")]
        self.init(status: status, headers: type + headers, body: json.canonicalData())
    }
}
