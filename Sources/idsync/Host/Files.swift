import Foundation

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
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw FileProblem(message: "\(path): cannot be read: \(reason(error))")
        }
    }

    private static func readStandardInput() throws(FileProblem) -> Data {
        do {
            let data = try FileHandle.standardInput.read(upToCount: sizeLimit + 1) ?? Data()
            guard data.count <= sizeLimit else { throw FileProblem(message: "<stdin>: more than 64 MiB") }
            return data
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(message: "<stdin>: cannot be read: \(reason(error))")
        }
    }

    /// Replaces a file in one step: a reader sees the old or the new one, never half.
    static func replace(_ path: String, with data: Data) throws(FileProblem) {
        let url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try data.write(to: url, options: .atomic)
        } catch {
            throw FileProblem(message: "\(path): cannot be written: \(reason(error))")
        }
    }

    /// The names in a directory.
    static func names(in directory: String) throws(FileProblem) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw FileProblem(message: "\(directory): cannot be listed: \(reason(error))")
        }
    }

    /// Whether a path is a directory.
    static func isDirectory(_ path: String) -> Bool {
        let values = try? URL(fileURLWithPath: path).resourceValues(forKeys: [.isDirectoryKey])
        return values?.isDirectory == true
    }

    /// Whether a path is a file.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private static func reason(_ error: any Error) -> String {
        let code = (error as? CocoaError)?.code
        switch code {
        case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
        case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file"
        case .fileWriteOutOfSpace: return "no space left"
        default: return (error as NSError).localizedDescription
        }
    }
}
