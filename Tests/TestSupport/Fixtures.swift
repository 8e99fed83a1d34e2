package import Foundation

/// Finds the files of a folder below the `Fixtures` folder of the test target that calls.
package func fixtures(_ folder: String, file: String = #filePath) throws -> [(name: String, bytes: Data)] {
    var root = URL(filePath: file)
    repeat {
        root.deleteLastPathComponent()
    } while root.deletingLastPathComponent().lastPathComponent != "Tests"
    let path = root.appending(path: "Fixtures/\(folder)")
    return try FileManager.default.contentsOfDirectory(atPath: path.path).sorted().map {
        ($0, try Data(contentsOf: path.appending(path: $0)))
    }
}
