package import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A loopback server that sends exactly the bytes a test wants, to check the real `URLSession`.
///
/// One thread accepts, one thread serves each connection; a connection serves one request.
package final class TinyServer: Sendable {
    /// What to do with one request.
    package enum Reaction: Sendable {
        /// Sends the bytes, then closes.
        case bytes(String)
        /// Sends the bytes, then closes with a reset.
        case bytesThenReset(String)
        /// Sends the bytes and keeps the connection open for some seconds.
        case bytesThenHang(String, seconds: Double)
        /// Sends one byte of the text after another, with a pause between.
        case drip(String, seconds: Double)

        /// A whole answer with a length.
        package static func answer(_ status: String, headers: [String] = [], body: String = "") -> Reaction {
            let lines =
                ["HTTP/1.1 \(status)"] + headers + [
                    "Content-Length: \(body.utf8.count)", "Connection: close",
                ]
            return .bytes(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }
    }

    /// The port on 127.0.0.1.
    package let port: Int
    private let listener: Int32
    private let isStopped = Mutex(false)
    private let received = Mutex<[String]>([])

    /// Starts a server on a free port.
    ///
    /// - Parameters:
    ///   - readsRequest: False reacts at once to a connection, for a client that does not speak HTTP.
    ///   - react: What to do with the head and body of a request.
    /// - Throws: `POSIXError` when no socket can be had.
    package init(readsRequest: Bool = true, _ react: @escaping @Sendable (String) -> Reaction) throws {
        let descriptor = socket(AF_INET, Self.streamType, 0)
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard descriptor >= 0, isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        listener = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                Thread.detachNewThread { [weak self] in
                    let request = readsRequest ? Self.readRequest(connection) : ""
                    self?.received.withLock { $0.append(request) }
                    Self.perform(react(request), on: connection)
                    close(connection)
                }
            }
        }
    }

    deinit { stop() }

    /// The requests so far: head and body as text.
    package var requests: [String] { received.withLock { $0 } }

    /// The URL of a path on this server.
    package func url(_ path: String = "/", host: String = "127.0.0.1") throws -> URL {
        guard let url = URL(string: "http://\(host):\(port)\(path)") else { throw POSIXError(.EINVAL) }
        return url
    }

    /// Stops accepting.
    package func stop() {
        let wasStopped = isStopped.withLock { flag in
            defer { flag = true }
            return flag
        }
        guard !wasStopped else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static var streamType: Int32 {
        #if canImport(Glibc)
            Int32(SOCK_STREAM.rawValue)
        #else
            SOCK_STREAM
        #endif
    }

    private static func readRequest(_ connection: Int32) -> String {
        var data: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: data, as: UTF8.self)
            if let head = text.range(of: "\r\n\r\n") {
                let line = text[..<head.lowerBound].lowercased().split(separator: "\r\n")
                    .first { $0.hasPrefix("content-length:") }
                let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if text[head.upperBound...].utf8.count >= length { return text }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            data += buffer[..<count]
        }
    }

    private static func perform(_ reaction: Reaction, on connection: Int32) {
        switch reaction {
        case .bytes(let text): write(text, to: connection)
        case .bytesThenReset(let text):
            write(text, to: connection)
            // Closing with a linger time of zero sends a reset.
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                connection,
                SOL_SOCKET,
                SO_LINGER,
                &linger,
                socklen_t(MemoryLayout.size(ofValue: linger))
            )
        case .bytesThenHang(let text, let seconds):
            write(text, to: connection)
            Thread.sleep(forTimeInterval: seconds)
        case .drip(let text, let seconds):
            for character in text {
                guard write(String(character), to: connection) else { return }
                Thread.sleep(forTimeInterval: seconds)
            }
        }
    }

    @discardableResult
    private static func write(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBufferPointer { pointer in
                send(connection, pointer.baseAddress, pointer.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
