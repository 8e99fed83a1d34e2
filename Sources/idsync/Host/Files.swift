import Foundation
import IdSyncCore

/// Why a file could not be used; the message names it.
struct FileProblem: Error, Sendable {
    let message: String
}

/// The file operations of the commands, each with a message that a person can use.
enum Files {
    /// Most bytes that a manifest or plan file may have.
    static let sizeLimit = 64 << 20

    /// Reads a whole file; `-` is stdin.
    static func read(_ path: String) throws(FileProblem) -> Data {
        if path == "-" { return try readStandardInput() }
        guard exists(path) else { throw FileProblem(message: "\(path): no such file") }
        if isDirectory(path) { throw FileProblem(message: "\(path): is a directory") }
        do {
            // By handle and not by `Data(contentsOf:)`, which cannot read pipes such as `<(cat manifest.yaml)`.
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            return try contents(of: handle, named: path)
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(message: "\(path): cannot be read: \(FileReason.text(error))")
        }
    }

    private static func readStandardInput() throws(FileProblem) -> Data {
        do {
            return try contents(of: .standardInput, named: "<stdin>")
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(message: "<stdin>: cannot be read: \(FileReason.text(error))")
        }
    }

    private static func contents(of handle: FileHandle, named name: String) throws -> Data {
        var data = Data()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            data.append(piece)
            guard data.count <= sizeLimit else { throw FileProblem(message: "\(name): more than 64 MiB") }
        }
        return data
    }

    /// Replaces a file in one step: a reader sees the old or the new one, never half.
    static func replace(_ path: String, with data: Data) throws(FileProblem) {
        if isDirectory(path) { throw FileProblem(message: "\(path): is a directory") }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard isDirectory(folder) else {
            let why =
                exists(folder) ? "\(folder) is not a directory" : "the directory \(folder) does not exist"
            throw FileProblem(message: "\(path): cannot be written: \(why)")
        }
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileProblem(message: "\(path): cannot be written: \(FileReason.text(error))")
        }
    }

    /// Makes a folder with all that is missing above it.
    static func makeFolder(_ path: String) throws(FileProblem) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FileProblem(message: "\(path): cannot be created: \(FileReason.text(error))")
        }
    }

    /// Removes a file; one that is not there is no problem.
    static func remove(_ path: String) throws(FileProblem) {
        guard exists(path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw FileProblem(message: "\(path): cannot be removed: \(FileReason.text(error))")
        }
    }

    /// The names in a directory.
    static func names(in directory: String) throws(FileProblem) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw FileProblem(message: "\(directory): cannot be listed: \(FileReason.text(error))")
        }
    }

    /// The path of a name in a directory.
    static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    /// Whether a path is a directory.
    static func isDirectory(_ path: String) -> Bool {
        let values = try? URL(fileURLWithPath: path).resourceValues(forKeys: [.isDirectoryKey])
        return values?.isDirectory == true
    }

    /// Whether a path is a file.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
