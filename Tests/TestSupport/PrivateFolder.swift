import Foundation

/// A folder of the system's that one tool sees with other contents, in a user and mount namespace of its own.
///
/// Nothing on the machine changes: the file lies on a file system in memory that ends with the run.
package enum PrivateFolder {
    private static let unshare = "/usr/bin/unshare"
    private static let script = "private-folder.sh"

    /// The script holds the file's content.
    package static let scriptName = script

    /// Whether this machine lets an ordinary user make such namespaces.
    package static let isPermitted: Bool = {
        guard FileManager.default.isExecutableFile(atPath: unshare) else { return false }
        let probe = Process()
        probe.executableURL = URL(fileURLWithPath: unshare)
        probe.arguments = ["-Urm", "/bin/sh", "-c", "/bin/mount -t tmpfs idsync /var/opt 2>&1"]
        probe.standardOutput = FileHandle.nullDevice
        probe.standardError = FileHandle.nullDevice
        guard (try? probe.run()) != nil else { return false }
        probe.waitUntilExit()
        return probe.terminationStatus == 0
    }()

    /// Lets every later run of a tool see one file, and nothing else, below a folder.
    package static func show(_ folder: String, holding path: String, _ text: String, to tool: Tool) throws {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try tool.write(
            script,
            """
            given=$PATH
            PATH=/usr/sbin:/usr/bin:/sbin:/bin
            set -e
            mount -t tmpfs idsync '\(folder)'
            mkdir -p '\(parent)'
            printf %s '\(text)' > '\(path)'
            PATH=$given
            exec "$@"

            """
        )
        let file = tool.folder.appending(path: script).path
        tool.run(under: [unshare, "-Urm", "/bin/sh", file])
    }
}
