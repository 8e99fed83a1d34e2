import Foundation
import IdSyncAzure
import IdSyncCore

/// One request, taken apart.
struct RequestContext: Sendable {
    let method: HTTPMethod
    /// The path as the caller spelled it, still percent-encoded.
    let path: String
    /// The query as the caller spelled it.
    let query: String
    /// `scheme://host[:port]` as the caller used it; absolute URLs in answers start with it.
    let origin: String
    let now: Duration
    private let request: HTTPRequest
    /// Query members by folded name, decoded.
    private let members: [String: String]

    init(_ request: HTTPRequest, now: Duration) {
        self.request = request
        self.now = now
        method = request.method
        let parts = URLComponents(url: request.url, resolvingAgainstBaseURL: true)
        path = parts?.percentEncodedPath ?? "/"
        query = parts?.percentEncodedQuery ?? ""
        let port = parts?.port.map { ":\($0)" } ?? ""
        origin = "\(parts?.scheme ?? "https")://\(parts?.host ?? "management.azure.com")\(port)"
        members = Dictionary(
            (parts?.queryItems ?? []).map { (Folding.fold($0.name), $0.value ?? "") },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// A member of the query, by its name without case.
    func query(_ name: String) -> String? { members[Folding.fold(name)] }

    /// A header field.
    func header(_ name: String) -> String? { request.header(name) }

    /// The bearer token, or nil when there is none.
    var bearer: String? {
        guard let field = header("Authorization") else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, Folding.fold(String(parts[0])) == "bearer" else { return nil }
        return String(parts[1])
    }

    /// The members of the JSON body.
    ///
    /// - Throws: `ARMFailure` 415 for another media type, 400 for no body, bad JSON, or anything but an object.
    func body() throws(ARMFailure) -> [String: JSONValue] {
        let type = header("Content-Type") ?? ""
        let essence = type.split(separator: ";").first.map { $0.filter { !$0.isWhitespace } } ?? ""
        guard Folding.fold(essence) == "application/json" else { throw .mediaType(type) }
        guard let data = request.body, !data.isEmpty else { throw .content("the body is empty") }
        guard let value = try? JSONValue(parsing: data) else { throw .content("the body is not JSON") }
        guard case .object(let members) = value else { throw .content("the body is not an object") }
        return members
    }
}
