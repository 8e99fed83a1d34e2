import Foundation
import IdSyncAzure

/// The transports between client and wire, put together as a run of `idsync` does.
enum Stack {
    static func client(
        port: Int,
        wire: any Transport,
        parallelism: Int
    ) throws(BenchError) -> ARMClient {
        // Nothing is paced on loopback, as in a run of `idsync`.
        try client(
            endpoint: "http://127.0.0.1:\(port)",
            wire: wire,
            parallelism: parallelism,
            time: SystemTime(),
            isPaced: false
        ) { Double.random(in: 0..<1) }
    }

    /// A client with pacing and a source of randomness of one's own.
    static func client(
        endpoint: String,
        wire: any Transport,
        parallelism: Int,
        time: any TimeSource,
        isPaced: Bool,
        jitter: @escaping @Sendable () -> Double
    ) throws(BenchError) -> ARMClient {
        let log = Log(level: .warning) { FileHandle.standardError.write(Data(($0 + "\n").utf8)) }
        let logged = LoggingTransport(wrapping: wire, log: log, time: time)
        let limited = LimitedTransport(wrapping: GatedTransport(wrapping: logged), limit: parallelism)
        let paced = PacedTransport(wrapping: limited, time: time, enabled: isPaced)
        do throws(ARMEndpointError) {
            return ARMClient(
                endpoint: try ARMEndpoint(parsing: endpoint),
                transport: RetryingTransport(wrapping: paced, time: time, jitter: jitter),
                turns: paced,
                tokens: FixedToken(),
                time: time,
                userAgent: "idsync-bench"
            )
        } catch {
            throw BenchError("\(endpoint): \(error)")
        }
    }
}

/// The servers of the benchmark take any token.
struct FixedToken: TokenProvider {
    func bearer() async throws(CredentialError) -> Secret { Secret("bench") }

    func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret {
        throw CredentialError("the benchmark's server refused its token")
    }
}
