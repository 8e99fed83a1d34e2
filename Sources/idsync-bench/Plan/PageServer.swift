import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization

/// Serves ARM list pages and single resources from text that is made once, so that serving costs next to nothing.
///
/// It notes every request; `GET /bench/requests` tells and forgets them, so that the baseline can fetch just the same.
final class PageServer: Sendable {
    /// VMs on a list page, as ARM cuts it for VMs with their whole model.
    static let machinesPerPage = 50
    /// Identities on a list page.
    static let identitiesPerPage = 100
    static let requestsPath = "/bench/requests"

    private let machines: Shelf
    private let identities: Shelf
    private let delay: Duration
    private let seen = Mutex<[String]>([])
    private let served = Mutex(0)

    init(_ fleet: Fleet, delay: Duration) {
        let json = ResourceJSON(fleet: fleet)
        machines = Shelf(
            ids: (0..<fleet.vms).map(fleet.vm),
            pageSize: Self.machinesPerPage,
            texts: json.machine
        )
        identities = Shelf(
            ids: (0..<fleet.identities).map(fleet.identity),
            pageSize: Self.identitiesPerPage,
            texts: json.identity
        )
        self.delay = delay
    }

    /// Serves until standard input ends.
    static func serve(_ options: Options) throws(BenchError) {
        let pages = PageServer(
            Fleet(
                vms: options.number(.vms, default: 10_000),
                perGroup: options.number(.perGroup, default: 250)
            ),
            delay: .milliseconds(options.number(.latency, default: 0))
        )
        do throws(LoopbackError) {
            let server = try LoopbackServer(replying: pages.reply)
            ServerProcess.announce(server.port)
            server.stop()
        } catch {
            throw BenchError(error.description)
        }
    }

    @Sendable private func reply(to request: HTTPRequest) -> EmulatorReply {
        let path = request.url.path(percentEncoded: true)
        if path == Self.requestsPath {
            let log = JSONValue.array(
                seen.withLock { requests in
                    defer { requests = [] }
                    return requests.map(JSONValue.string)
                }
            )
            return EmulatorReply(HTTPResponse(status: 200, body: log.canonicalData()))
        }
        seen.withLock { $0.append(request.url.absoluteString) }
        let shelf = path.contains("/Microsoft.Compute/") ? machines : identities
        guard let body = shelf.answer(to: request.url, path: path) else {
            let text =
                #"{"error":{"code":"ResourceNotFound","message":"the benchmark has no such resource"}}"#
            return EmulatorReply(response(404, Data(text.utf8)), delay: delay)
        }
        return EmulatorReply(response(200, body), delay: delay)
    }

    /// With the header fields that ARM sends with every answer.
    private func response(_ status: Int, _ body: Data) -> HTTPResponse {
        let number = Fleet.padded(
            served.withLock { served in
                served += 1; return served
            },
            12
        )
        return HTTPResponse(
            status: status,
            headers: [
                ("content-type", "application/json; charset=utf-8"), ("cache-control", "no-cache"),
                ("x-ms-request-id", "5a3b8c1d-0000-4000-8000-\(number)"),
                ("x-ms-correlation-request-id", "7e9f2b4c-0000-4000-8000-\(number)"),
                ("x-ms-ratelimit-remaining-subscription-global-reads", "3749"),
            ],
            body: body
        )
    }
}

/// The resources of one kind in the order of groups, as one text; a page is a slice of it.
private struct Shelf: Sendable {
    private let text: Data
    /// Where each resource begins, and where the last one ends; a comma stands between two.
    private let starts: [Int]
    private let ranges: [String: Range<Int>]
    private let positions: [String: Int]
    private let pageSize: Int

    init(ids: [ResourceID], pageSize: Int, texts: (Int) -> String) {
        var text = Data()
        var starts = [0]
        var ranges: [String: Range<Int>] = [:]
        for (index, id) in ids.enumerated() {
            text.append(Data(texts(index).utf8))
            text.append(UInt8(ascii: ","))
            starts.append(text.count)
            let first = ranges[Folding.fold(id.groupScope)]?.lowerBound ?? index
            ranges[Folding.fold(id.groupScope)] = first..<index + 1
        }
        ranges["/subscriptions/\(Fleet.subscription)"] = 0..<ids.count
        self.text = text
        self.starts = starts
        self.ranges = ranges
        self.pageSize = pageSize
        positions = Dictionary(
            ids.enumerated().map { ($0.element.key, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// A list page or a resource; nil when there is none at that path.
    func answer(to url: URL, path: String) -> Data? {
        if let position = positions[Folding.fold(path)] { return slice(position..<position + 1) }
        guard let scope = path.range(of: "/providers/").map({ Folding.fold(String(path[..<$0.lowerBound])) }),
            let range = ranges[scope]
        else { return nil }
        let query = URLComponents(url: url, resolvingAgainstBaseURL: false)?.queryItems ?? []
        let token = query.first { $0.name == "$skiptoken" }?.value.flatMap(Int.init)
        let start = token ?? range.lowerBound
        guard range.contains(start) else { return nil }
        let end = min(start + pageSize, range.upperBound)
        var page = Data(#"{"value":["#.utf8)
        page.append(slice(start..<end))
        page.append(Data("]".utf8))
        if end < range.upperBound {
            let version = query.first { $0.name == "api-version" }?.value ?? ""
            let host = "\(url.scheme ?? "http")://\(url.host() ?? ""):\(url.port ?? 80)"
            page.append(
                Data(#","nextLink":"\#(host)\#(path)?api-version=\#(version)&%24skiptoken=\#(end)""#.utf8)
            )
        }
        page.append(Data("}".utf8))
        return page
    }

    private func slice(_ range: Range<Int>) -> Data {
        text[starts[range.lowerBound]..<starts[range.upperBound] - 1]
    }
}
