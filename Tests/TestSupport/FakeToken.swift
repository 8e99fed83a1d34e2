import Foundation
import IdSyncAzure
package import IdSyncCore

/// Makes tokens that look like those of Entra; the signature is a constant.
package enum FakeToken {
    /// A JWT with the given claims.
    package static func jwt(_ claims: JSONValue) -> String {
        let header: JSONValue = ["alg": "RS256", "typ": "JWT"]
        return [header.canonicalData(), claims.canonicalData(), Data("canary-signature".utf8)]
            .map(base64URL).joined(separator: ".")
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}

/// What the fake authority reads and writes on the wire; written apart from the code under test.
enum FakeWire {
    /// A JSON answer.
    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "application/json; charset=utf-8")],
            body: value.canonicalData()
        )
    }

    /// An error answer as Entra writes it.
    static func refusal(_ code: Int, _ text: String) -> HTTPResponse {
        json(
            [
                "error": "invalid_client", "error_codes": [.integer(code)],
                "error_description": .string(
                    "AADSTS\(code): \(text). Trace ID: 0 Correlation ID: c0ffee Timestamp: 2024-01-01 00:00:00Z"
                ),
                "correlation_id": "c0ffee",
            ],
            status: code == 90_002 || code == 700_016 ? 400 : 401
        )
    }

    /// The fields of a form, or nil when a field comes twice or is not percent encoding.
    static func form(_ body: Data?) -> [String: String]? {
        guard let body, let text = String(data: body, encoding: .utf8) else { return nil }
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, !pair.contains("+"),
                let name = String(parts[0]).removingPercentEncoding,
                let value = String(parts[1]).removingPercentEncoding,
                fields.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return fields
    }

    /// The fields of a query string.
    static func query(_ request: HTTPRequest) -> [String: String] {
        form(request.url.query(percentEncoded: true).map { Data($0.utf8) }) ?? [:]
    }
}
