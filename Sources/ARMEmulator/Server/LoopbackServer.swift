import Dispatch
import Foundation
package import IdSyncAzure
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why the loopback server cannot run.
package struct LoopbackError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What failed and the system's reason.
    package let description: String
}

/// A small HTTP/1.1 server on 127.0.0.1 for the emulator, for fakes of other services and for faults on the wire.
///
/// One thread accepts and one thread serves each connection; the handler runs on the connection's thread, so it must
/// not wait for the connection itself. It is synchronous on purpose: a handler that needed the cooperative pool
/// could starve when the clients under test block that pool. Answers leave in one send with `TCP_NODELAY`.
///
/// The server owns its sockets: `stop()` returns when every thread has ended and every socket is closed.
package final class LoopbackServer: Sendable {
    /// The port it listens on.
    package let port: Int
    private let listener: Int32
    /// Every thread polls the read end; closing the write end wakes all of them at once.
    private let wake: (read: Int32, write: Int32)
    private let threads = DispatchGroup()
    private let isStopped = Mutex(false)

    /// Starts a server on a port, or on a free one for 0, that answers with a handler.
    ///
    /// - Throws: `LoopbackError` when the port cannot be had.
    package convenience init(port: Int = 0, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse)
        throws(LoopbackError)
    {
        try self.init(port: port, replying: { EmulatorReply(handler($0)) })
    }

    /// Starts a server whose handler also says how an answer goes over the wire.
    ///
    /// - Throws: `LoopbackError` when the port cannot be had.
    package init(port: Int = 0, replying handler: @escaping @Sendable (HTTPRequest) -> EmulatorReply)
        throws(LoopbackError)
    {
        let opened = try Socket.listen(port: port)
        do throws(LoopbackError) {
            wake = try Socket.pipe()
        } catch {
            Socket.close(opened.socket)
            throw error
        }
        listener = opened.socket
        self.port = opened.port
        Self.run(in: threads) { [listener, wake, threads] in
            Self.accept(on: listener, wake: wake.read, threads: threads, handler)
        }
    }

    deinit { stop() }

    /// Ends every connection, also those in the middle of an answer, and waits until nothing runs any more.
    package func stop() {
        let first = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard first else { return }
        Socket.close(wake.write)
        threads.wait()
        Socket.close(listener)
        Socket.close(wake.read)
    }

    private static func run(in threads: DispatchGroup, _ work: @escaping @Sendable () -> Void) {
        threads.enter()
        Thread.detachNewThread {
            work()
            threads.leave()
        }
    }

    private static func accept(
        on listener: Int32,
        wake: Int32,
        threads: DispatchGroup,
        _ handler: @escaping @Sendable (HTTPRequest) -> EmulatorReply
    ) {
        while Socket.waits(for: listener, POLLIN, wake: wake) {
            guard let client = Socket.accept(listener) else {
                // Out of descriptors, most likely: the listener stays ready, so do not spin.
                guard Socket.sleeps(.milliseconds(10), wake: wake) else { return }
                continue
            }
            run(in: threads) {
                serve(Connection(socket: client, wake: wake), handler)
            }
        }
    }

    private static func serve(_ connection: consuming Connection, _ handler: (HTTPRequest) -> EmulatorReply) {
        var buffer: [UInt8] = []
        var wasContinued = false
        while true {
            switch HTTPMessageParser.parse(buffer) {
            case .incomplete(let wantsContinue):
                if wantsContinue, !wasContinued {
                    wasContinued = true
                    guard connection.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return }
                }
                guard connection.receive(into: &buffer) else { return }
            case .bad(let status, let reason):
                let text = "{\"error\":{\"code\":\"BadRequest\",\"message\":\"\(reason)\"}}"
                let answer = HTTPResponse(
                    status: status,
                    headers: [("content-type", "application/json; charset=utf-8")],
                    body: Data(text.utf8)
                )
                _ = connection.send(answer.serialized(keepAlive: false).bytes)
                connection.drain()
                return
            case .request(let request, let length, let keepAlive):
                buffer.removeFirst(length)
                wasContinued = false
                let reply = handler(request)
                guard reply.delay <= .zero || connection.pause(reply.delay) else { return }
                guard connection.deliver(reply, keepAlive: keepAlive), keepAlive else { return }
            }
        }
    }
}

/// One accepted connection; its socket is closed when the value ends.
private struct Connection: ~Copyable {
    private let socket: Int32
    private let wake: Int32

    init(socket: Int32, wake: Int32) {
        self.socket = socket
        self.wake = wake
    }

    deinit { Socket.close(socket) }

    /// Sends a reply; false when the connection has to end.
    func deliver(_ reply: EmulatorReply, keepAlive: Bool) -> Bool {
        let (bytes, headLength) = reply.response.serialized(keepAlive: keepAlive)
        switch reply.delivery {
        case .whole: return send(bytes)
        case .cut(let count): _ = send(Array(bytes.prefix(headLength + count)))
        case .raw(let data): _ = send(Array(data))
        case .lost: Socket.reset(socket)
        }
        return false
    }

    /// Sends everything; false when the client is gone or the server stops.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard let count = Socket.send(socket, bytes[sent...]) else { return false }
            if count == 0, !Socket.waits(for: socket, POLLOUT, wake: wake) { return false }
            sent += count
        }
        return true
    }

    /// Appends what comes next; false at the end of the stream or when the server stops.
    func receive(into buffer: inout [UInt8]) -> Bool {
        guard Socket.waits(for: socket, POLLIN, wake: wake), let bytes = Socket.receive(socket) else {
            return false
        }
        buffer += bytes
        return !bytes.isEmpty
    }

    /// Waits; false when the server stops meanwhile.
    func pause(_ duration: Duration) -> Bool {
        Socket.sleeps(duration, wake: wake)
    }

    /// Reads off what a refused client still sends, for a moment: closing on unread bytes would reset the connection
    /// and lose the answer.
    func drain() {
        Socket.finishSending(socket)
        var left = 64
        while left > 0, Socket.waits(for: socket, POLLIN, wake: wake, limit: 200),
            let bytes = Socket.receive(socket), !bytes.isEmpty
        {
            left -= 1
        }
    }
}

/// The system calls, each in one place.
private enum Socket {
    static func listen(port: Int) throws(LoopbackError) -> (socket: Int32, port: Int) {
        guard let number = UInt16(exactly: port) else {
            throw LoopbackError(description: "\(port) is not a port")
        }
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let handle = socket(AF_INET, kind, 0)
        guard handle >= 0 else { throw failure("socket") }
        do throws(LoopbackError) {
            set(handle, SOL_SOCKET, SO_REUSEADDR)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = number.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe systemBind(handle, $0, size)
                }
            }
            guard bound == 0 else { throw failure("bind to 127.0.0.1:\(port)") }
            guard systemListen(handle, 256) == 0 else { throw failure("listen") }
            let named = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getsockname(handle, $0, &size)
                }
            }
            guard named == 0 else { throw failure("getsockname") }
            return (handle, Int(UInt16(bigEndian: address.sin_port)))
        } catch {
            close(handle)
            throw error
        }
    }

    static func pipe() throws(LoopbackError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard systemPipe(&ends) == 0 else { throw failure("pipe") }
        return (ends[0], ends[1])
    }

    static func accept(_ listener: Int32) -> Int32? {
        let client = systemAccept(listener)
        guard client >= 0 else { return nil }
        set(client, Int32(IPPROTO_TCP), TCP_NODELAY)
        #if canImport(Darwin)
            set(client, SOL_SOCKET, SO_NOSIGPIPE)
        #endif
        return client
    }

    /// Waits until a socket is ready; false when the server stops, or after `limit` milliseconds if that is not -1.
    static func waits(for handle: Int32, _ event: Int32, wake: Int32, limit: Int32 = -1) -> Bool {
        var watched = [
            pollfd(fd: handle, events: Int16(event), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let ready = unsafe poll(&watched, nfds_t(watched.count), limit)
            if ready < 0, errno == EINTR { continue }
            return ready > 0 && watched[1].revents == 0
        }
    }

    /// Waits for a time; false when the server stops meanwhile.
    static func sleeps(_ duration: Duration, wake: Int32) -> Bool {
        let end = ContinuousClock.now + duration
        var watched = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { return true }
            let milliseconds = Int32(clamping: Int((left / .milliseconds(1)).rounded(.up)))
            if unsafe poll(&watched, 1, milliseconds) > 0 { return false }
        }
    }

    /// What has arrived, empty at the end of the stream, nil on an error.
    static func receive(_ handle: Int32) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = unsafe recv(handle, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            return count < 0 ? nil : Array(chunk.prefix(count))
        }
    }

    /// How many bytes went out, 0 when the socket is full, nil when the client is gone.
    static func send(_ handle: Int32, _ bytes: ArraySlice<UInt8>) -> Int? {
        #if canImport(Darwin)
            let flags = Int32(MSG_DONTWAIT)
        #else
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        #endif
        let count = unsafe bytes.withUnsafeBytes {
            unsafe systemSend(handle, $0.baseAddress, $0.count, flags)
        }
        if count >= 0 { return count }
        return [EAGAIN, EWOULDBLOCK, EINTR].contains(errno) ? 0 : nil
    }

    /// Makes the coming close a reset.
    static func reset(_ handle: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(handle, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    static func finishSending(_ handle: Int32) { _ = shutdown(handle, Int32(SHUT_WR)) }

    static func close(_ handle: Int32) { _ = systemClose(handle) }

    private static func set(_ handle: Int32, _ level: Int32, _ option: Int32) {
        var on: Int32 = 1
        _ = unsafe setsockopt(handle, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(_ call: String) -> LoopbackError {
        LoopbackError(description: "\(call): \(unsafe String(cString: strerror(errno)))")
    }
}

// The system's functions under names that do not clash with the wrappers above.
private func systemClose(_ handle: Int32) -> Int32 { close(handle) }
private func systemListen(_ handle: Int32, _ backlog: Int32) -> Int32 { listen(handle, backlog) }
private func systemPipe(_ ends: inout [Int32]) -> Int32 { unsafe pipe(&ends) }
private func systemAccept(_ handle: Int32) -> Int32 { accept(handle, nil, nil) }
private func systemBind(_ handle: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
    unsafe bind(handle, address, size)
}
private func systemSend(_ handle: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    unsafe send(handle, bytes, count, flags)
}
