package import Foundation

/// Builds request URLs from resource ids and query items.
package enum ARMPath {
    /// The percent-encoded form of a path of names: every segment is encoded on its own.
    ///
    /// Resource groups may hold Unicode letters, `(`, `)` and `.` (FACTS section 7).
    package static func encoded(_ path: String) -> String {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            // A segment of dots would be taken as a step up in the path.
            if !segment.isEmpty, segment.allSatisfy({ $0 == "." }) {
                return segment.map { _ in "%2E" }.joined()
            }
            return encode(String(segment), keeping: "()!*',;:@&=+$")
        }
        let text = segments.joined(separator: "/")
        return text.hasPrefix("/") ? text : "/" + text
    }

    /// The request URL; nil only when the endpoint cannot be extended, which a parsed one always can.
    package static func url(
        endpoint: ARMEndpoint,
        path: String,
        apiVersion: String,
        query: [(name: String, value: String)] = []
    ) -> URL? {
        let items = [(name: "api-version", value: apiVersion)] + query
        // `$filter` keeps its dollar sign; values keep only what no server can misread.
        let pairs = items.map { encode($0.name, keeping: "$") + "=" + encode($0.value, keeping: "") }
        return URL(string: endpoint.description + encoded(path) + "?" + pairs.joined(separator: "&"))
    }

    private static func encode(_ text: String, keeping extra: String) -> String {
        var allowed = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        )
        allowed.insert(charactersIn: extra)
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
