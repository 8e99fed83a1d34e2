import Foundation
package import Testing

/// Compares a text with the checked-in file `Snapshots/NAME` of the test target that calls.
///
/// With `RECORD_SNAPSHOTS=1` in the environment the file is written anew and the test fails all the same, so that a
/// recording run can never pass for a test run.
package func expectSnapshot(
    _ text: String,
    named name: String,
    file: String = #filePath,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
    guard let folder = snapshotFolder(of: file) else {
        Issue.record("no folder Snapshots above \(file)", sourceLocation: sourceLocation)
        return
    }
    let snapshot = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
        do {
            try Data(text.utf8).write(to: snapshot)
            Issue.record("recorded \(name); look at it, then run without", sourceLocation: sourceLocation)
        } catch {
            Issue.record("cannot record \(name): \(error)", sourceLocation: sourceLocation)
        }
        return
    }
    guard let data = try? Data(contentsOf: snapshot) else {
        Issue.record("no snapshot \(name); run with RECORD_SNAPSHOTS=1", sourceLocation: sourceLocation)
        return
    }
    let expected = String(decoding: data, as: UTF8.self)
    guard Data(text.utf8) != data else { return }
    let difference = LineDifference.text(from: expected, to: text)
    Issue.record("\(name) differs (- expected, + actual)\n\(difference)", sourceLocation: sourceLocation)
}

/// The nearest folder `Snapshots` beside or above a test file, within its target.
private func snapshotFolder(of file: String) -> URL? {
    var folder = URL(filePath: file).deletingLastPathComponent()
    while folder.pathComponents.count > 1, folder.lastPathComponent != "Tests" {
        let candidate = folder.appending(path: "Snapshots")
        if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        folder.deleteLastPathComponent()
    }
    return nil
}

/// A line difference for test failures.
package enum LineDifference {
    /// The lines that differ, with their numbers: `-` for what was expected, `+` for what came.
    package static func text(from expected: String, to actual: String) -> String {
        let old = expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let new = actual.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let changes = new.difference(from: old).map { change in
            switch change {
            case .remove(let offset, let line, _): (offset, 0, "-\(offset + 1): \(line)")
            case .insert(let offset, let line, _): (offset, 1, "+\(offset + 1): \(line)")
            }
        }
        return changes.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2).joined(separator: "\n")
    }
}
