import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A run of the built binary at a pseudo terminal: stdin and stderr are the terminal, stdout too unless kept apart.
package final class Terminal: @unchecked Sendable {
    // Unchecked: `Process` is not Sendable, but it is only started here, signalled, and waited for.
    private let process = Process()
    private let master: FileHandle
    private let shown = Mutex("")
    private let news: AsyncStream<Void>
    private let ended: AsyncStream<Int32>
    private let outFile: URL?

    /// What a terminal could not be had for.
    package struct Unavailable: Error {}

    /// Starts the binary in the folder of a tool.
    package init(
        _ tool: Tool,
        _ arguments: [String],
        environment: [String: String] = [:],
        outputApart: Bool = false
    ) throws {
        let (descriptor, name) = try Self.pair()
        master = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let slave = open(name, O_RDWR | O_NOCTTY)
        guard slave >= 0 else { throw Unavailable() }
        // No echo and no line feeds turned into pairs: what arrives is what the program wrote.
        var settings = termios()
        tcgetattr(slave, &settings)
        settings.c_oflag &= ~tcflag_t(OPOST)
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(slave, TCSANOW, &settings)
        let device = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        defer { try? device.close() }

        var output: FileHandle?
        if outputApart {
            let file = tool.folder.appending(path: ".run-\(UUID().uuidString)")
            try Data().write(to: file)
            output = try FileHandle(forWritingTo: file)
            outFile = file
        } else {
            outFile = nil
        }
        defer { try? output?.close() }
        process.executableURL = Tool.binary
        process.arguments = arguments
        process.currentDirectoryURL = tool.folder
        let base = ["PATH": "/nonexistent", "HOME": tool.folder.path, "TERM": "xterm"]
        process.environment = base.merging(environment) { $1 }
        process.standardInput = device
        process.standardError = device
        process.standardOutput = output ?? device
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        ended = ends
        process.terminationHandler = { process in
            let isSignal = process.terminationReason == .uncaughtSignal
            end.yield(isSignal ? 128 + process.terminationStatus : process.terminationStatus)
            end.finish()
        }
        let (pieces, piece) = AsyncStream.makeStream(of: Void.self)
        news = pieces
        try process.run()
        Thread.detachNewThread { [weak self, descriptor] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                // Linux says EIO once the last end of the terminal is closed.
                guard count > 0 else { break }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                self?.shown.withLock { $0 += text }
                piece.yield()
            }
            piece.finish()
        }
    }

    /// Opens the near end of a new pseudo terminal, and gives the path of its far end.
    private static func pair() throws -> (descriptor: Int32, path: String) {
        #if canImport(Darwin)
            let descriptor = posix_openpt(O_RDWR | O_NOCTTY)
            guard descriptor >= 0, grantpt(descriptor) == 0, unlockpt(descriptor) == 0,
                let name = ptsname(descriptor)
            else { throw Unavailable() }
            return (descriptor, String(cString: name))
        #else
            // What unlockpt and ptsname do; Swift's Glibc module does not show them.
            let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
            let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var (lock, number): (Int32, UInt32) = (0, 0)
            guard descriptor >= 0, ioctl(descriptor, setLock, &lock) == 0,
                ioctl(descriptor, getNumber, &number) == 0
            else { throw Unavailable() }
            return (descriptor, "/dev/pts/\(number)")
        #endif
    }

    /// Everything that the terminal showed so far, control characters included.
    package var text: String { shown.withLock { $0 } }

    /// What stdout holds, when it was kept apart.
    package var output: String {
        outFile.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
    }

    /// Types a text.
    package func type(_ text: String) { try? master.write(contentsOf: Data(text.utf8)) }

    /// Sends a signal.
    package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until the terminal shows a text; false when the run ended without it.
    package func shows(_ wanted: String) async -> Bool {
        while !text.contains(wanted) {
            var iterator = news.makeAsyncIterator()
            guard await iterator.next() != nil else { break }
        }
        return text.contains(wanted)
    }

    /// Waits for the end and gives the exit code.
    package func finished() async -> Int32 {
        var code: Int32 = -1
        for await value in ended { code = value }
        for await _ in news {}
        return code
    }
}
