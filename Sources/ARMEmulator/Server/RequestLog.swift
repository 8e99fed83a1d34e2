package import Foundation
package import IdSyncAzure
import Synchronization

/// The requests that an emulator answered, in order.
package final class RequestLog: Sendable {
    /// One request with the status of its answer.
    package struct Entry: Sendable {
        /// The method.
        package let method: HTTPMethod
        /// The path as sent.
        package let path: String
        /// The query as sent, without the question mark.
        package let query: String
        /// The header fields as sent.
        package let headers: [(name: String, value: String)]
        /// The body as sent.
        package let body: Data?
        /// The status of the answer; 0 when a fault gave none.
        package let status: Int

        /// The value of a request header field, without case.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    private let noted = Mutex<[Entry]>([])

    /// Makes an empty log.
    package init() {}

    /// Everything so far.
    package var entries: [Entry] { noted.withLock { $0 } }

    /// The requests that were not GETs.
    package var writes: [Entry] { entries.filter { $0.method != .get } }

    /// Forgets everything.
    package func clear() { noted.withLock { $0 = [] } }

    /// Notes a request and its answer.
    func note(_ request: HTTPRequest, _ reply: EmulatorReply) {
        let answered = reply.delivery == .whole || reply.response.status != 0
        let entry = Entry(
            method: request.method,
            path: request.url.path(percentEncoded: true),
            query: request.url.query(percentEncoded: true) ?? "",
            headers: request.headers,
            body: request.body,
            status: answered ? reply.response.status : 0
        )
        noted.withLock { $0.append(entry) }
    }
}
