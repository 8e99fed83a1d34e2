import Foundation
import IdSyncCore

/// Where `plan` leaves its plan for a bare `apply`.
enum PlanStore {
    static let path = ".idsync/plan.json"

    /// Saves a plan document atomically.
    static func save(_ document: PlanDocument, to path: String) throws(Failure) {
        do throws(FileProblem) {
            try Files.replace(path, with: Data((document.json.prettyText() + "\n").utf8))
        } catch {
            throw Failure(code: .internalError, message: "the plan was not saved: \(error.message)")
        }
    }

    /// Reads a saved plan.
    static func load(_ path: String) throws(Failure) -> SavedPlan {
        let data: Data
        do throws(FileProblem) { data = try Files.read(path) } catch {
            throw Failure(code: .usage, message: error.message)
        }
        do {
            return try SavedPlan(parsing: data)
        } catch {
            throw Failure(code: .stale, message: "\(path): \(error)")
        }
    }
}
