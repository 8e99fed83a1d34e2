package import Foundation

/// Reads the small files that credentials live in.
package protocol CredentialFiles: Sendable {
    /// Reads a whole regular file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: The largest size to accept, in bytes.
    /// - Returns: The whole content.
    /// - Throws: `CredentialError` naming the path and why it cannot be read.
    func read(_ path: String, limit: Int) throws(CredentialError) -> Data

    /// The path with every symbolic link in it resolved.
    func resolved(_ path: String) -> String
}

/// The files of this machine.
package struct LocalCredentialFiles: CredentialFiles {
    /// Makes the reader.
    package init() {}

    /// Reads a whole regular file, following symbolic links (Kubernetes projects tokens through them).
    ///
    /// - Throws: `CredentialError` naming the path and why it cannot be read.
    package func read(_ path: String, limit: Int) throws(CredentialError) -> Data {
        let target = resolved(path)
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
            throw CredentialError("cannot read \(path): no such file, or no permission")
        }
        // A FIFO or a device could block for ever.
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw CredentialError("cannot read \(path): not a regular file")
        }
        guard let handle = FileHandle(forReadingAtPath: target) else {
            throw CredentialError("cannot read \(path): no permission")
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: limit + 1) ?? Data() else {
            throw CredentialError("cannot read \(path): input/output error")
        }
        guard data.count <= limit else {
            throw CredentialError("cannot read \(path): larger than \(limit) bytes")
        }
        return data
    }

    /// The path with every symbolic link in it resolved.
    package func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
