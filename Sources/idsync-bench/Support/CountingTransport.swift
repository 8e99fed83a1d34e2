import IdSyncAzure
import Synchronization

/// Counts what goes over the wire.
final class CountingTransport: Transport {
    private let transport: any Transport
    private let number = Mutex(0)

    init(wrapping transport: any Transport) { self.transport = transport }

    var count: Int { number.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        number.withLock { $0 += 1 }
        return try await transport.send(request)
    }
}
