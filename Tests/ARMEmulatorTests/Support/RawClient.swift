import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A blocking TCP client on loopback that sends any bytes, so that a server meets what no HTTP client would send.
final class RawClient {
    private let handle: Int32
    private var buffer: [UInt8] = []

    init(port: Int) throws {
        #if canImport(Glibc)
            handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            handle = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(handle, $0, size) }
        }
        guard connected == 0 else {
            close(handle)
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        // A broken server fails the test instead of hanging it.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(handle) }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            #if canImport(Darwin)
                let flags: Int32 = 0
            #else
                let flags = Int32(MSG_NOSIGNAL)
            #endif
            let count = bytes[sent...].withUnsafeBytes {
                #if canImport(Glibc)
                    Glibc.send(handle, $0.baseAddress, $0.count, flags)
                #elseif canImport(Musl)
                    Musl.send(handle, $0.baseAddress, $0.count, flags)
                #else
                    Darwin.send(handle, $0.baseAddress, $0.count, flags)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// What comes next; empty at the end of the stream, nil after a reset or ten seconds.
    private func chunk() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(handle, &bytes, bytes.count, 0)
            // With a receive timeout, a signal interrupts the call on Linux and nothing starts it again.
            if count < 0, errno == EINTR { continue }
            return count < 0 ? nil : Array(bytes.prefix(count))
        }
    }

    /// Everything until the server closes; nil when it resets the connection.
    func rest() -> String? {
        while true {
            guard let bytes = chunk() else { return nil }
            if bytes.isEmpty { return String(decoding: buffer, as: UTF8.self) }
            buffer += bytes
        }
    }

    /// One answer with a content length: status line and body.
    func answer() throws -> (status: String, body: String) {
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let fields = text[..<end.lowerBound].components(separatedBy: "\r\n")
                let name = "content-length: "
                let length =
                    fields.first { $0.hasPrefix(name) }.flatMap { Int($0.dropFirst(name.count)) } ?? 0
                let head = text[..<end.upperBound].utf8.count
                if buffer.count >= head + length {
                    let body = String(decoding: buffer[head..<head + length], as: UTF8.self)
                    buffer.removeFirst(head + length)
                    return (String(fields[0].split(separator: " ")[1]), body)
                }
            }
            let more = try #require(chunk())
            try #require(!more.isEmpty, "the connection closed early: \(text)")
            buffer += more
        }
    }
}
