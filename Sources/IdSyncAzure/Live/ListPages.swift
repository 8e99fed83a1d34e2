import Foundation
import IdSyncCore

/// The pages of one ARM list, fetched one at a time so that the caller can stop early.
struct ListPages<Wire: WireResource>: Sendable {
    let reader: LiveStateReader
    let scope: String
    let kind: ResourceKind
    /// How many pages were fetched.
    private(set) var count = 0
    private var next: NextLink?
    private var isAtEnd = false

    init(reader: LiveStateReader, scope: String, kind: ResourceKind) {
        self.reader = reader
        self.scope = scope
        self.kind = kind
    }

    /// The next page, or nil after the last one.
    mutating func next() async throws(ARMFailure) -> [LossyItem<Wire>]? {
        guard !isAtEnd else { return nil }
        let page: ARMPage<LossyItem<Wire>>
        if let next {
            page = try await reader.client.page(after: next)
        } else {
            page = try await reader.client.page(
                path: "\(scope)/providers/\(kind.namespace)/\(kind.typeName)",
                apiVersion: reader.apiVersions.version(for: kind)
            )
        }
        count += 1
        next = page.next
        isAtEnd = page.next == nil
        return page.items
    }
}
