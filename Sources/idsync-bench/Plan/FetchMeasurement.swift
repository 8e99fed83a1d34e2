import Foundation
import IdSyncAzure
import IdSyncCore

/// The baseline: fetches the pages that a plan fetched, in the same order and with as many requests in flight.
///
/// Standard input says which pages those are. Pages of one list come one after the other; lists of one kind and scope
/// run side by side, as the reader has them.
struct FetchMeasurement {
    /// The pages of one list, or one resource.
    private struct Chain: Sendable {
        let path: String
        let apiVersion: String
        var urls: [URL]

        /// Kind and depth: what the reader asks for in one go.
        var wave: String {
            let parts = path.split(separator: "/")
            return "\(parts.count) \(parts.firstIndex(of: "providers").map { parts[$0 + 2] } ?? "")"
        }
    }

    private let options: Options
    private let wire: URLSessionTransport
    private let parallelism: Int

    init(_ options: Options) {
        self.options = options
        parallelism = options.number(.parallelism, default: 8)
        wire = URLSessionTransport(parallelism: parallelism)
    }

    /// Fetches every page by its URL, without a look at it.
    func fetch() async throws(BenchError) -> JSONValue {
        try await run { chain in
            var bytes = 0
            for url in chain.urls {
                guard let response = try? await wire.send(HTTPRequest(.get, url)), response.status == 200
                else { return nil }
                bytes += response.body.count
            }
            return bytes
        }
    }

    /// Fetches every list by following its links, which takes a look at the structure of each page.
    func follow() async throws(BenchError) -> JSONValue {
        let client = try Stack.client(
            port: options.number(.port, default: 0),
            wire: wire,
            parallelism: parallelism
        )
        return try await run { chain in
            var bytes = 0
            var page = try? await client.firstPage(path: chain.path, apiVersion: chain.apiVersion)
            for number in 1...chain.urls.count {
                guard let current = page else { return nil }
                bytes += current.answer.body.count
                page = nil
                if number < chain.urls.count, let next = current.next {
                    page = try? await client.page(after: next)
                }
            }
            return bytes
        }
    }

    private func run(_ body: @escaping @Sendable (Chain) async -> Int?) async throws(BenchError) -> JSONValue
    {
        let waves = Self.waves(of: try Self.requests())
        var laps = Laps()
        var bytes = 0
        for wave in waves {
            for count in await boundedMap(wave, limit: parallelism, body) {
                guard let count else { throw BenchError("a page could not be fetched") }
                bytes += count
            }
        }
        laps.lap("all")
        return [
            "laps": laps.json, "bytes": .integer(bytes),
            "requests": .integer(waves.joined().reduce(0) { $0 + $1.urls.count }),
        ]
    }

    /// The URLs that the benchmark hands over on standard input, one a line.
    private static func requests() throws(BenchError) -> [URL] {
        let data = (try? FileHandle.standardInput.readToEnd()) ?? nil
        let urls = String(decoding: data ?? Data(), as: UTF8.self).split(separator: "\n").compactMap {
            URL(string: String($0))
        }
        if urls.isEmpty { throw BenchError("there is nothing to fetch") }
        return urls
    }

    private static func waves(of urls: [URL]) -> [[Chain]] {
        var chains: [Chain] = []
        var index: [String: Int] = [:]
        for url in urls {
            let path = url.path(percentEncoded: false)
            if let known = index[path] {
                chains[known].urls.append(url)
            } else {
                let items = URLComponents(url: url, resolvingAgainstBaseURL: false)?.queryItems ?? []
                let version = items.first { $0.name == "api-version" }?.value ?? ""
                index[path] = chains.count
                chains.append(Chain(path: path, apiVersion: version, urls: [url]))
            }
        }
        var waves: [[Chain]] = []
        for chain in chains {
            if waves.last?.first?.wave == chain.wave {
                waves[waves.count - 1].append(chain)
            } else {
                waves.append([chain])
            }
        }
        return waves
    }
}
