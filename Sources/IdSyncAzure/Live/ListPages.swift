import Foundation
import IdSyncCore

/// The pages of one ARM list, one at a time so that the caller can stop early.
///
/// The link of a page is found without decoding it, so the next page is on its way while this one is decoded.
struct ListPages<Wire: WireResource>: Sendable {
    let reader: LiveStateReader
    let scope: String
    let kind: ResourceKind
    /// How many pages were asked for.
    private(set) var count = 0
    private var state = State.start

    private enum State: Sendable {
        case start
        case coming(Task<Result<ARMRawPage, ARMFailure>, Never>)
        case at(NextLink)
        case end
    }

    init(reader: LiveStateReader, scope: String, kind: ResourceKind) {
        self.reader = reader
        self.scope = scope
        self.kind = kind
    }

    /// The next page, or nil after the last one; ahead means that the page after it is surely wanted too.
    mutating func next(fetchingAhead: Bool) async throws(ARMFailure) -> [LossyItem<Wire>]? {
        guard let raw = try await nextRaw() else { return nil }
        state = .end
        if let link = raw.next {
            state = .at(link)
            if fetchingAhead {
                count += 1
                let client = reader.client
                state = .coming(Task { await Self.fetch(link, client) })
            }
        }
        return try raw.items(of: LossyItem<Wire>.self)
    }

    private mutating func nextRaw() async throws(ARMFailure) -> ARMRawPage? {
        switch state {
        case .end: return nil
        case .start:
            count += 1
            return try await reader.client.firstPage(
                path: "\(scope)/providers/\(kind.namespace)/\(kind.typeName)",
                apiVersion: reader.apiVersions.version(for: kind)
            )
        case .at(let link):
            count += 1
            return try await reader.client.page(after: link)
        case .coming(let task):
            let result = await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            return try result.get()
        }
    }

    private static func fetch(_ link: NextLink, _ client: ARMClient) async -> Result<ARMRawPage, ARMFailure> {
        do throws(ARMFailure) { return .success(try await client.page(after: link)) } catch {
            return .failure(error)
        }
    }
}
