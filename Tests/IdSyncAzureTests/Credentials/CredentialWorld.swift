import Foundation
import IdSyncCore
import Synchronization
import TestSupport
import Testing

@testable import IdSyncAzure

/// A clock that stands still until somebody sleeps; keeps every wait.
final class CredentialClock: TimeSource {
    static let start = Date(timeIntervalSince1970: 1_700_000_000)
    private let elapsed = Mutex(Duration.zero)
    private let slept = Mutex<[Duration]>([])

    func now() -> Duration { elapsed.withLock { $0 } }
    func date() -> Date { Self.start + TimeInterval(now().components.seconds) }
    func advance(_ seconds: Int) { elapsed.withLock { $0 += .seconds(seconds) } }
    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        slept.withLock { $0.append(duration) }
        elapsed.withLock { $0 += duration }
    }
    /// Every wait so far, in seconds.
    var waits: [Int64] { slept.withLock { $0.map(\.components.seconds) } }
}

/// A transport over a closure that keeps what it was asked.
final class HandlerTransport: Transport {
    typealias Handler = @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse
    private let handler: Handler
    private let seen = Mutex<[HTTPRequest]>([])

    init(_ handler: @escaping Handler) { self.handler = handler }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        seen.withLock { $0.append(request) }
        return try handler(request)
    }
    var requests: [HTTPRequest] { seen.withLock { $0 } }

    /// Nothing may be sent here.
    static func unused(_ name: String) -> HandlerTransport {
        HandlerTransport { request throws(TransportError) in
            Issue.record("\(name) must not be used: \(request.method) \(request.url)")
            throw TransportError(.refused, "unused")
        }
    }
}

/// Files in memory; `links` are symbolic links.
final class MemoryFiles: CredentialFiles {
    private let contents: Mutex<[String: String]>
    private let links: [String: String]

    init(_ contents: [String: String] = [:], links: [String: String] = [:]) {
        self.contents = Mutex(contents)
        self.links = links
    }

    func write(_ path: String, _ text: String) { contents.withLock { $0[path] = text } }
    func resolved(_ path: String) -> String { links[path] ?? path }
    func read(_ path: String, limit: Int) throws(CredentialError) -> Data {
        guard let text = contents.withLock({ $0[resolved(path)] }) else {
            throw CredentialError("cannot read \(path): no such file, or no permission")
        }
        guard text.utf8.count <= limit else {
            throw CredentialError("cannot read \(path): larger than \(limit) bytes")
        }
        return Data(text.utf8)
    }
}

/// Gives scripted outputs for `az`; an empty script means that `az` is not there.
final class ScriptedProcesses: ProcessRunner {
    private let script: Mutex<[Result<ProcessOutput, ProcessFailure>]>
    private let seen = Mutex<[ProcessCommand]>([])

    init(_ script: [Result<ProcessOutput, ProcessFailure>] = []) { self.script = Mutex(script) }
    var commands: [ProcessCommand] { seen.withLock { $0 } }

    func run(_ command: ProcessCommand) async throws(ProcessFailure) -> ProcessOutput {
        seen.withLock { $0.append(command) }
        let next = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let next else { throw .notFound }
        return try next.get()
    }

    /// An ended program.
    static func ended(_ status: Int32 = 0, out: String = "", err: String = "") -> Result<
        ProcessOutput, ProcessFailure
    > {
        .success(ProcessOutput(status: status, standardOutput: Data(out.utf8), standardError: Data(err.utf8)))
    }
}

/// Everything that a credential test needs, around one fake authority.
struct CredentialWorld {
    static let base = "https://fake.example"
    let clock = CredentialClock()
    let fake: FakeAuthority
    let network: HandlerTransport
    let local: HandlerTransport
    let files: MemoryFiles
    let processes: ScriptedProcesses

    /// Makes a world; with `metadataIsAbsent` nothing answers at the metadata address.
    init(
        _ settings: FakeAuthority.Settings = FakeAuthority.Settings(),
        files: MemoryFiles = MemoryFiles(),
        az: [Result<ProcessOutput, ProcessFailure>] = [],
        metadataIsAbsent: Bool = false
    ) {
        let clock = clock
        let fake = FakeAuthority(settings, now: { clock.date() })
        self.fake = fake
        self.files = files
        processes = ScriptedProcesses(az)
        network = HandlerTransport { request in fake.respond(to: request) }
        local = HandlerTransport { request throws(TransportError) in
            if metadataIsAbsent { throw TransportError(.timedOut, "timed out") }
            return fake.respond(to: request)
        }
    }

    var effects: CredentialEffects {
        CredentialEffects(network: network, local: local, time: clock, files: files, processes: processes)
    }

    /// The credential of a mode in an environment.
    func credential(
        _ mode: AuthMode,
        _ environment: [String: String],
        cloud: Cloud = .azureCloud
    ) throws(CredentialError) -> any Credential {
        try Self.credential(mode, environment, effects, cloud: cloud)
    }

    /// The credential of a mode whose tokens go to loopback, which takes any.
    static func credential(
        _ mode: AuthMode,
        _ environment: [String: String],
        _ effects: CredentialEffects,
        cloud: Cloud = .azureCloud
    ) throws(CredentialError) -> any Credential {
        let endpoint: ARMEndpoint
        do throws(ARMEndpointError) { endpoint = try ARMEndpoint(parsing: "http://127.0.0.1:1") } catch {
            throw CredentialError(error.description)
        }
        return try CredentialFactory(
            settings: CredentialSettings(environment: environment),
            destination: CredentialDestination(cloud: cloud, endpoint: endpoint, namedBy: .commandLine),
            effects: effects
        ).credential(mode)
    }

    /// The environment that leads to a service of the fake.
    func environment(_ route: FakeAuthority.Route) -> [String: String] {
        // The loopback address stands for every endpoint that may be plain http.
        let isLocal = [.metadata, .appService, .arc].contains(route)
        return fake.environment(route, base: isLocal ? "http://127.0.0.1:8080" : Self.base)
    }

    /// The text of the error of a new token.
    func failure(_ mode: AuthMode, _ environment: [String: String]) async -> String {
        do throws(CredentialError) {
            _ = try await credential(mode, environment).newToken()
            Issue.record("a token came out")
            return ""
        } catch {
            return error.description
        }
    }
}
