import Foundation
import IdSyncCore

/// A transport that cannot write: `plan`, `drift`, `import`, `refs` and `doctor` get only this one.
///
/// GET passes, and so does POST to a path that ends in one of the allowed suffixes (reads that ARM spells as POST).
package struct ReadOnlyTransport: Transport {
    /// The reads that ARM spells as POST: Resource Graph queries and the preview list of associated resources.
    package static let readPosts = [
        "/providers/Microsoft.ResourceGraph/resources", "/listAssociatedResources",
    ]

    private let transport: any Transport
    private let suffixes: [String]

    /// Wraps a transport; a suffix always begins at a path segment and is compared without case.
    package init(wrapping transport: any Transport, allowingPostTo suffixes: [String] = readPosts) {
        self.transport = transport
        self.suffixes = suffixes.map { Folding.fold($0.hasPrefix("/") ? $0 : "/" + $0) }
    }

    /// Sends a read.
    ///
    /// - Throws: `TransportError` with reason `refused` for everything that could write, before anything is sent.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        guard allows(request) else {
            throw TransportError(
                .refused,
                "\(request.method.rawValue) \(request.url.path(percentEncoded: false)) "
                    + "was not sent: this command only reads"
            )
        }
        return try await transport.send(request)
    }

    private func allows(_ request: HTTPRequest) -> Bool {
        switch request.method {
        case .get: return true
        case .post:
            // The encoded path: `%2F` inside a name must not look like a segment border.
            let path = Folding.fold(request.url.path(percentEncoded: true))
            return suffixes.contains { path.hasSuffix($0) }
        case .put, .patch, .delete: return false
        }
    }
}
