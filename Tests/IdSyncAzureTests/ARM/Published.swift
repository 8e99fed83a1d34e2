import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

/// Error bodies that were recorded or published, each with its source; see `Fixtures/published-errors.json`.
struct Published: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int
    let errorClass: ErrorClass
    let retryAfter: Duration?
    let body: Data

    var testDescription: String { name }

    static let all: [Published] = (try? load()) ?? []

    static func body(named name: String) throws -> Data {
        try #require(all.first { $0.name == name }).body
    }

    static func error(_ name: String, method: HTTPMethod = .patch, path: String = "/subscriptions/s") throws
        -> ARMError
    {
        let published = try #require(all.first { $0.name == name })
        return ARMError(
            response: HTTPResponse(status: published.status, body: published.body),
            method: method,
            path: path,
            attempts: 1,
            now: Date(timeIntervalSince1970: 0)
        )
    }

    private static func load(file: String = #filePath) throws -> [Published] {
        let url = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/published-errors.json")
        let entries = try JSONValue(parsing: Data(contentsOf: url)).array ?? []
        return entries.compactMap { entry in
            guard case .integer(let status) = entry["status"], let name = entry["name"]?.string,
                let errorClass = entry["class"]?.string.flatMap(ErrorClass.init(rawValue:)),
                let body = entry["body"],
                entry["source"]?.string != nil
            else {
                Issue.record("incomplete fixture: \(entry.prettyText())")
                return nil
            }
            var wait: Duration?
            if case .integer(let seconds) = entry["retryAfter"] { wait = .seconds(seconds) }
            return Published(
                name: name,
                status: status,
                errorClass: errorClass,
                retryAfter: wait,
                body: body.canonicalData()
            )
        }
    }
}
