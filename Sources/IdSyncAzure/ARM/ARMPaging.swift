import Foundation
import IdSyncCore

/// Where a list goes on; ARM's own link, used unchanged.
package struct NextLink: Sendable, Equatable {
    fileprivate let link: String
    fileprivate let call: ARMCall
    /// The links followed so far: a list that leads back to one of them would never end.
    fileprivate let followed: Set<String>
}

/// One page of a list before its items are decoded, so that the next one can be fetched meanwhile.
package struct ARMRawPage: Sendable {
    /// The answer.
    package let answer: ARMAnswer
    /// Where the list goes on; nil on the last page.
    package let next: NextLink?

    /// Decodes the items; `value` may be missing or null only on a page that still goes on (RPC allows empty pages).
    ///
    /// A last page without `value` is no list: taking it for an empty one would let idsync conclude that nothing
    /// exists, or that nobody uses what is to be deleted.
    ///
    /// - Throws: `ARMFailure.malformed` with path, status and request id.
    package func items<Item: Decodable & Sendable>(of type: Item.Type) throws(ARMFailure) -> [Item] {
        if let items = try answer.decode(ListEnvelope<Item>.self).value { return items }
        guard next != nil else { throw answer.malformed(.shape("'value' is missing, so this is not a list")) }
        return []
    }
}

extension ARMClient {
    /// The first page of a list, not yet decoded.
    ///
    /// - Throws: `ARMFailure`.
    package func firstPage(
        path: String,
        apiVersion: String,
        query: [(name: String, value: String)] = []
    ) async throws(ARMFailure) -> ARMRawPage {
        let answer = try await get(path: path, apiVersion: apiVersion, query: query)
        return try rawPage(answer, listPath: path, followed: [])
    }

    /// The page that a link leads to, not yet decoded.
    ///
    /// - Throws: `ARMFailure`; `foreignURL` when the link leads to another host, before anything is sent.
    package func page(after link: NextLink) async throws(ARMFailure) -> ARMRawPage {
        let answer = try await follow(link.link, named: "nextLink", from: link.call)
        return try rawPage(answer, listPath: link.call.path, followed: link.followed.union([link.link]))
    }

    /// Checks the structure of a page and finds its link without building its values.
    private func rawPage(
        _ answer: ARMAnswer,
        listPath: String,
        followed: Set<String>
    ) throws(ARMFailure) -> ARMRawPage {
        let bytes = [UInt8](answer.body)
        let scan = JSONScan(bytes, member: "nextLink")
        guard scan.outcome == .complete, bytes.contains(UInt8(ascii: "{")) else {
            throw answer.malformed(BodyProblem(answer.body) ?? .shape("the top level is not an object"))
        }
        guard let range = scan.value,
            let link = try? JSONDecoder().decode(String.self, from: Data(bytes[range])),
            !link.isEmpty
        else { return ARMRawPage(answer: answer, next: nil) }
        let call = ARMCall(
            method: .get,
            path: listPath,
            attempts: answer.attempts,
            requestID: answer.requestID
        )
        _ = try pinned(link, named: "nextLink", from: call)
        guard !followed.contains(link) else {
            throw answer.malformed(.shape("nextLink leads back to a page already read"))
        }
        return ARMRawPage(answer: answer, next: NextLink(link: link, call: call, followed: followed))
    }
}

/// A list as ARM sends it, without the link that the scan has found already.
private struct ListEnvelope<Item: Decodable & Sendable>: Decodable {
    let value: [Item]?
}
