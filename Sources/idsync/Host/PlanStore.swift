import Foundation
import IdSyncCore

/// Where `plan` leaves its plan for a bare `apply`.
enum PlanStore {
    static let path = ".idsync/plan.json"

    /// Forgets the remembered plan, so that a bare `apply` never carries out an older plan than the last one shown.
    static func forget() throws(Failure) {
        do throws(FileProblem) { try Files.remove(path) } catch {
            throw Failure(
                code: .internalError,
                message:
                    "the plan saved earlier cannot be replaced: \(error.message); see --no-save and --out"
            )
        }
    }

    /// Saves a plan document atomically; only the folder of remembered plans is made when it is missing.
    static func save(_ document: PlanDocument, to path: String) throws(FileProblem) {
        if path == Self.path { try Files.makeFolder(".idsync") }
        try Files.replace(path, with: Data((document.json.prettyText() + "\n").utf8))
    }

    /// Reads a saved plan; one that was altered or cut off is stale, anything else is not a plan at all.
    static func load(_ path: String) throws(Failure) -> SavedPlan {
        let data: Data
        do throws(FileProblem) { data = try Files.read(path) } catch {
            throw Failure(code: .usage, message: error.message)
        }
        do throws(Diagnostic) {
            return try SavedPlan(parsing: data)
        } catch {
            // What `plan` writes begins with a brace; other text was never a plan.
            let isCut =
                error.code == SavedDocumentCode.syntax
                && (path == Self.path || data.first == UInt8(ascii: "{"))
            let advice = error.notes.isEmpty ? "" : "; " + error.notes.joined(separator: "; ")
            throw Failure(
                code: isCut || error.code == SavedDocumentCode.digest ? .stale : .usage,
                message: "\(path): \(error.message)\(advice)"
            )
        }
    }
}
