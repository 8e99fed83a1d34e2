import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

/// Plays the requests of a recording to the emulator and collects where the answers differ.
struct Replay {
    let recording: Recording
    private let rig: Rig
    private var operation: String?
    /// The last ETag number seen per machine: recorded, emulated.
    private var etags: [ResourceID: (Int, Int)] = [:]

    init(_ name: String, settings: [String: JSONValue]) throws {
        recording = try Recording(name)
        rig = try Rig(file: recording.initialState(settings: settings))
    }

    /// The differences, one line each: index, `-` recorded or `+` emulated, the fact.
    mutating func differences() throws -> [String] {
        var found: [String] = []
        for (position, exchange) in recording.exchanges.enumerated() {
            let answer = try play(exchange, position)
            let recorded = Facts(status: exchange.status, body: exchange.responseBody) {
                exchange.responseHeaders[$0]?.string
            }
            let emulated = Facts(
                status: answer.status,
                body: try? answer.json(),
                header: { answer.header($0) }
            )
            found += recorded.lines.filter { !emulated.lines.contains($0) }.map {
                "\(exchange.index) - \($0)"
            }
            found += emulated.lines.filter { !recorded.lines.contains($0) }.map {
                "\(exchange.index) + \($0)"
            }
            if let step = try etagStep(exchange, answer) {
                found.append("\(exchange.index) - etag step \(step)")
            }
        }
        return found
    }

    private mutating func play(_ exchange: Exchange, _ position: Int) throws -> HTTPResponse {
        if exchange.isPoll {
            return try rig.send(.get, try #require(operation))
        }
        rig.state.install(try fault(for: exchange))
        let polls = recording.pollsAfter(position)
        if exchange.method != .get { rig.state.configure { $0.polls = polls } }
        let answer = try rig.send(
            exchange.method,
            exchange.url.absoluteString,
            body: exchange.requestBody
        )
        if let started = answer.header("azure-asyncoperation") { operation = started }
        return answer
    }

    /// Failures that the service only had at that moment are scripted, with the recorded answer.
    private func fault(for exchange: Exchange) throws -> [FaultRule] {
        guard exchange.status == 429 || exchange.status >= 500, let error = exchange.responseBody?["error"]
        else { return [] }
        let answer = FaultAnswer(
            status: exchange.status,
            code: error["code"]?.string ?? "",
            message: error["message"]?.string ?? "",
            retryAfter: exchange.responseHeaders["retry-after"]?.string.flatMap(Int.init)
        )
        return [FaultRule(action: .answer(answer))]
    }

    /// The recorded step of the ETag since the last answer about a machine, when the emulator's is another.
    private mutating func etagStep(_ exchange: Exchange, _ answer: HTTPResponse) throws -> String? {
        func number(_ body: JSONValue?) -> Int? {
            body?["etag"]?.string.flatMap { Int($0.filter(\.isNumber)) }
        }
        guard let id = exchange.target, let recorded = number(exchange.responseBody),
            let emulated = number(try? answer.json())
        else { return nil }
        let last = etags.updateValue((recorded, emulated), forKey: id)
        guard let last, recorded - last.0 != emulated - last.1 else { return nil }
        return "\(recorded - last.0), emulated \(emulated - last.1)"
    }
}
