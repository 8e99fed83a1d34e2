import ARMEmulator
import Foundation
package import IdSyncAzure
import IdSyncCore
import Synchronization

/// A way to a token, set up end to end: a fake of the service on a loopback port, and an Azure that takes live tokens only.
package final class CredentialBench: Sendable {
    /// The ways to a token.
    package enum Flow: String, Sendable, CaseIterable {
        case token, secret, federated, github
        case azureDevOps = "azure-devops"
        case metadata, appService, arc, cli

        /// The ways that can be set up anywhere; Arc needs a folder of the system's, see `PrivateFolder`.
        package static let usual = allCases.filter { $0 != .arc }

        /// The value of `--auth`.
        package var mode: String {
            [.metadata, .appService, .arc].contains(self) ? "managed-identity" : rawValue
        }
        /// Whether a refused token can be replaced by a new one.
        package var canRenew: Bool { self != .token }
    }

    /// Where the tool runs.
    package let tool: Tool
    /// Azure, which answers 401 to a token that has ended.
    package let azure: LoopbackAzure
    /// The fake of everything that gives out tokens.
    package let authority: FakeAuthority
    private let server: LoopbackServer
    private let override: Override
    private let clock: FakeClock
    private let cliTokens: [String]

    /// Makes a bench whose tokens are for the ARM of its own Azure, or for the public cloud.
    package init(publicCloud: Bool) throws {
        let clock = FakeClock()
        let azure = try LoopbackAzure()
        var settings = FakeAuthority.Settings()
        if !publicCloud { settings.resource = azure.url }
        let authority = FakeAuthority(settings, now: { clock.date })
        let override = Override()
        server = try LoopbackServer(handler: { override.answer(to: $0) ?? authority.respond(to: $0) })
        self.override = override
        cliTokens = (1...9).map { FakeToken.jwt(["jti": .string("canary-az-\($0)"), "exp": 4_000_000_000]) }
        (tool, self.azure, self.authority, self.clock) = (try Tool(), azure, authority, clock)
    }

    /// The base URL of the fakes.
    package var base: String { "http://127.0.0.1:\(server.port)" }

    /// Every secret that this bench knows; tokens given out so far included.
    package var secrets: [String] {
        let settings = FakeAuthority.Settings()
        return [settings.secret, settings.requestToken, settings.identityHeader, settings.arcKey, "canary"]
            + (authority.issued + cliTokens + [firstAssertion, secondAssertion]).flatMap(SecretHunt.parts)
    }

    private var firstAssertion: String { FakeToken.jwt(["jti": "canary-file-1"]) }
    private var secondAssertion: String { FakeToken.jwt(["jti": "canary-file-2"]) }

    /// Sets a flow up; gives the complete environment for it.
    package func environment(_ flow: Flow) throws -> [String: String] {
        switch flow {
        case .token: ["IDSYNC_ACCESS_TOKEN": cliTokens[0]]
        case .secret: authority.environment(.authority, base: base)
        case .federated: try federated()
        case .github: authority.environment(.github, base: base)
        case .azureDevOps: authority.environment(.azureDevOps, base: base)
        case .metadata: authority.environment(.metadata, base: base)
        case .appService: authority.environment(.appService, base: base)
        case .arc: try arc()
        case .cli: try commandLine()
        }
    }

    /// Lets something else answer in place of the fakes.
    package func answerInstead(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
        override.set(answer)
    }

    private func federated() throws -> [String: String] {
        var environment = authority.environment(.authority, base: base)
        environment["AZURE_CLIENT_SECRET"] = nil
        environment["AZURE_FEDERATED_TOKEN_FILE"] = tool.folder.appending(path: "assertion").path
        try tool.write("assertion", firstAssertion + "\n")
        authority.trust(firstAssertion, until: clock.date + 600)
        return environment
    }

    /// The agent's folder with a key, for the runs of this bench's tool alone.
    private func arc() throws -> [String: String] {
        let settings = FakeAuthority.Settings()
        try PrivateFolder.show("/var/opt", holding: settings.arcKeyPath, settings.arcKey, to: tool)
        return authority.environment(.arc, base: base)
    }

    /// An `az` that gives another token each time, and notes how it was called.
    private func commandLine() throws -> [String: String] {
        let folder = tool.folder.path
        for (index, token) in cliTokens.enumerated() {
            try tool.write("az/\(index + 1)", #"{"accessToken": "\#(token)", "expires_on": 4000000000}"#)
        }
        let script = """
            #!/bin/sh
            echo "$@" >> "\(folder)/az/calls"
            cat "\(folder)/az/$(wc -l < "\(folder)/az/calls" | tr -d ' ')"
            """
        try installAz(script)
        // Without the last one the metadata service of the machine that runs the tests would be asked first.
        return ["PATH": "\(folder)/bin:/usr/bin:/bin", "ARM_USE_MSI": "false"]
    }

    /// Puts a script on the tool's path as `az`.
    ///
    /// Another process writes the file: a program that another test starts meanwhile would inherit our open file,
    /// and what is open for writing cannot be run.
    package func installAz(_ script: String) throws {
        try tool.write("bin/az.sh", script)
        let source = tool.folder.appending(path: "bin/az.sh").path
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: source)
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/cp")
        copy.arguments = [source, tool.folder.appending(path: "bin/az").path]
        try copy.run()
        copy.waitUntilExit()
    }

    /// Lets Azure take live tokens only, and lets those given out so far end when the n-th write arrives.
    package func endTokens(atWrite number: Int) {
        let watch = Mutex((writes: 0, refused: Set<String>(), seen: Set<String>()))
        azure.intercept { [authority, clock, cliTokens, tool, secondAssertion] request, _ in
            let token = request.header("Authorization").map { String($0.dropFirst("Bearer ".count)) } ?? ""
            let isRefused = watch.withLock { state in
                if request.method != .get {
                    state.writes += 1
                    if state.writes == number {
                        state.refused = state.seen
                        clock.advance(7_200)
                        authority.trust(secondAssertion, until: clock.date + 600)
                        try? tool.write("assertion", secondAssertion)
                    }
                }
                state.seen.insert(token)
                return state.refused.contains(token)
            }
            if !isRefused, cliTokens.contains(token) || authority.accepts(token) { return nil }
            return EmulatorReply(Self.expired)
        }
    }

    /// ARM's answer to a token that has ended.
    package static var expired: HTTPResponse {
        FakeWire.json(
            [
                "error": [
                    "code": "ExpiredAuthenticationToken",
                    "message":
                        "The access token expiry UTC time '1/1/2024' is earlier than current UTC time.",
                ]
            ],
            status: 401
        )
    }
}

/// What answers in place of the fakes.
private final class Override: Sendable {
    private let work = Mutex<(@Sendable (HTTPRequest) -> HTTPResponse)?>(nil)

    func set(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) { work.withLock { $0 = answer } }

    func answer(to request: HTTPRequest) -> HTTPResponse? { work.withLock { $0 }?(request) }
}

/// The clock of the fakes, which a test moves.
private final class FakeClock: Sendable {
    private let skipped = Mutex(TimeInterval(0))

    var date: Date { Date().addingTimeInterval(skipped.withLock { $0 }) }

    func advance(_ seconds: TimeInterval) { skipped.withLock { $0 += seconds } }
}
