import Foundation
import IdSyncCore

/// What a child process measures; one subject per process.
enum Measurement {
    enum Subject: String, CaseIterable {
        /// Fetches given URLs and drops the answers.
        case fetch
        /// Fetches the same pages by following their links, and drops them.
        case follow
        /// Reads and plans from a desired state.
        case plan
        /// Does what the command `plan` does: manifest, reading, plan, document, text.
        case command
        /// Carries out patches.
        case apply
    }

    static func run(_ options: Options) async throws(BenchError) -> JSONValue {
        guard let subject = options.subject.flatMap(Subject.init) else {
            throw BenchError("measure takes one of \(Subject.allCases.map(\.rawValue))", isUsage: true)
        }
        switch subject {
        case .fetch: return try await FetchMeasurement(options).fetch()
        case .follow: return try await FetchMeasurement(options).follow()
        case .plan: return try await PlanMeasurement(options).plan()
        case .command: return try await PlanMeasurement(options).command()
        case .apply: return try await ApplyMeasurement(options).run()
        }
    }
}

/// Time since a start, in named laps.
struct Laps {
    private let clock = SuspendingClock()
    private var last: SuspendingClock.Instant
    private var members: [String: JSONValue] = [:]

    init() { last = clock.now }

    /// Notes the time since the lap before and the peak of memory up to now.
    mutating func lap(_ name: String) {
        let now = clock.now
        let elapsed = now - last
        members[name] = [
            "seconds": .number(elapsed / .seconds(1)), "peak": .integer(PeakMemory.bytes()),
        ]
        last = clock.now
    }

    var json: JSONValue { .object(members) }
}
