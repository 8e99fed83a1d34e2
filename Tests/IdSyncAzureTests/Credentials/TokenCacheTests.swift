import Foundation
import IdSyncCore
import Synchronization
import Testing

@testable import IdSyncAzure

/// Gives numbered tokens; waits at a gate when it is closed.
private final class GatedCredential: Credential {
    private struct State {
        var asked = 0
        var isOpen: Bool
        var waiters: [CheckedContinuation<Void, Never>] = []
        var failures: Int
        var cancelled = 0
    }
    let name = "gated"
    private let state: Mutex<State>
    private let clock: CredentialClock
    private let life: TimeInterval?

    init(_ clock: CredentialClock, life: TimeInterval? = 3_600, isOpen: Bool = true, failures: Int = 0) {
        self.clock = clock
        self.life = life
        state = Mutex(State(isOpen: isOpen, failures: failures))
    }

    var asked: Int { state.withLock { $0.asked } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func fail(_ times: Int) { state.withLock { $0.failures = times } }

    func newToken() async throws(CredentialError) -> AccessToken {
        let number = state.withLock { state in
            state.asked += 1
            return state.asked
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiters.append(waiter) }
                    return state.isOpen
                }
                if isOpen { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.cancelled += 1 }
            open()
        }
        let fails = state.withLock { state in
            state.failures -= 1
            return state.failures >= 0
        }
        if fails { throw CredentialError("gated: failure \(number)") }
        return AccessToken(Secret("t\(number)"), expiresOn: life.map { clock.date() + $0 })
    }
}

/// Gives one token only, which does not say when it ends.
private final class FixedCredential: Credential {
    let name = "fixed"
    let isFixed = true
    private let count = Mutex(0)

    var asked: Int { count.withLock { $0 } }

    func newToken() async throws(CredentialError) -> AccessToken {
        count.withLock { $0 += 1 }
        return AccessToken(Secret("fixed"), expiresOn: nil)
    }
}

@Suite struct TokenCacheTests {
    private let clock = CredentialClock()

    @Test(
        "renewal time: 5 minutes before the end, half of a short life",
        arguments: [
            (3_600, 3_299, false), (3_600, 3_300, true), (600, 299, false), (600, 300, true), (60, 29, false),
            (60, 30, true), (2, 0, false), (2, 1, true), (-10, 29, false), (-10, 30, true),
        ] as [(TimeInterval, Int, Bool)]
    )
    func margin(_ life: TimeInterval, _ later: Int, _ renews: Bool) async throws {
        let credential = GatedCredential(clock, life: life)
        let cache = TokenCache(credential, time: clock)
        _ = try await cache.bearer()
        clock.advance(later)
        #expect(try await cache.bearer() == Secret(renews ? "t2" : "t1"))
    }

    @Test("a token that does not say when it ends is kept until it is refused")
    func endless() async throws {
        let cache = TokenCache(GatedCredential(clock, life: nil), time: clock)
        _ = try await cache.bearer()
        clock.advance(1_000_000)
        #expect(try await cache.bearer() == Secret("t1"))
        #expect(try await cache.bearer(replacing: Secret("t1")) == Secret("t2"))
    }

    @Test("one request, however many callers")
    func singleFlight() async throws {
        let credential = GatedCredential(clock, isOpen: false)
        let cache = TokenCache(credential, time: clock)
        let tokens = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<200 { group.addTask { try await cache.bearer() } }
            while credential.asked == 0 { await Task.yield() }
            credential.open()
            return try await group.reduce(into: [Secret]()) { $0.append($1) }
        }
        #expect(tokens == Array(repeating: Secret("t1"), count: 200))
        #expect(credential.asked == 1)
    }

    @Test("a refused token is replaced once for all who were refused")
    func replacement() async throws {
        let credential = GatedCredential(clock)
        let cache = TokenCache(credential, time: clock)
        let first = try await cache.bearer()
        let tokens = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<200 { group.addTask { try await cache.bearer(replacing: first) } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1.reveal()) }
        }
        #expect(tokens == ["t2"])
        #expect(credential.asked == 2)
        #expect(try await cache.bearer() == Secret("t2"))
    }

    @Test("a failed renewal ahead of time keeps the old token, then ends it")
    func failedRenewal() async throws {
        let credential = GatedCredential(clock)
        let cache = TokenCache(credential, time: clock)
        _ = try await cache.bearer()
        credential.fail(2)
        clock.advance(3_300)
        #expect(try await cache.bearer() == Secret("t1"))
        #expect(try await cache.bearer() == Secret("t1"))
        #expect(credential.asked == 2, "the next try waits for half a minute")
        clock.advance(300)
        await #expect(throws: CredentialError("gated: failure 3")) { try await cache.bearer() }
        #expect(try await cache.bearer() == Secret("t4"), "a failure is not kept")
    }

    @Test("after a failed renewal the old token serves no longer than it lives")
    func failedLateRenewal() async throws {
        let credential = GatedCredential(clock)
        let cache = TokenCache(credential, time: clock)
        _ = try await cache.bearer()
        credential.fail(1)
        clock.advance(3_590)
        #expect(try await cache.bearer() == Secret("t1"))
        clock.advance(9)
        #expect(try await cache.bearer() == Secret("t1"))
        clock.advance(1)
        #expect(try await cache.bearer() == Secret("t3"))
    }

    @Test("a failed replacement does not hand the refused token out again")
    func failedReplacement() async throws {
        let credential = GatedCredential(clock)
        let cache = TokenCache(credential, time: clock)
        let first = try await cache.bearer()
        credential.fail(1)
        await #expect(throws: CredentialError("gated: failure 2")) {
            try await cache.bearer(replacing: first)
        }
        await #expect(throws: CredentialError("gated: failure 2")) {
            try await cache.bearer(replacing: first)
        }
        #expect(credential.asked == 2, "once per refused token")
        #expect(try await cache.bearer() == Secret("t3"))
        #expect(try await cache.bearer(replacing: first) == Secret("t3"))
    }

    @Test("a given token cannot be renewed, and says so")
    func givenToken() async throws {
        let world = CredentialWorld()
        let opaque = try world.credential(.auto, ["IDSYNC_ACCESS_TOKEN": "canary"])
        let cache = TokenCache(opaque, time: clock)
        let token = try await cache.bearer()
        let text = """
            token: ARM refused the token in IDSYNC_ACCESS_TOKEN: it has ended or is not for this cloud; idsync cannot \
            renew it, so set a new one, for example from \
            `az account get-access-token --query accessToken --output tsv`
            """
        await #expect(throws: CredentialError(text)) { try await cache.bearer(replacing: token) }

        let jwt = AccessToken(token, expiresOn: Date(timeIntervalSince1970: 1_700_003_600))
        let credential = try world.credential(.token, ["IDSYNC_ACCESS_TOKEN": "canary"])
        #expect(
            await credential.adviceAfterRefusal(of: jwt).contains("(its own end is 2023-11-14T23:13:20Z)")
        )
    }

    @Test("a credential that gives the refused token again")
    func sameToken() async throws {
        let az = CommandLineCredentialTests.output(#""expires_on": 1700003600"#)
        let world = CredentialWorld(az: [az, az, az])
        let cache = TokenCache(try world.credential(.cli, [:]), time: world.clock)
        let token = try await cache.bearer()
        let expected = CredentialError("cli: ARM refused the token, and asking again gave the same one")
        for _ in 0..<20 {
            await #expect(throws: expected) { try await cache.bearer(replacing: token) }
            #expect(try await cache.bearer() == token, "ARM may take it elsewhere")
            world.clock.advance(1)
        }
        #expect(world.processes.commands.count == 2)
        world.clock.advance(10)
        await #expect(throws: expected) { try await cache.bearer(replacing: token) }
        #expect(world.processes.commands.count == 3, "somebody may have logged in again")
    }

    @Test("a token that cannot change is not asked for again, however much later", arguments: [true, false])
    func fixedToken(_ isChain: Bool) async throws {
        let credential = FixedCredential()
        let cache = TokenCache(
            isChain ? CredentialChain([.configured(credential)]) : credential,
            time: clock
        )
        let token = try await cache.bearer()
        for _ in 0..<20 {
            await #expect(throws: CredentialError.self) { try await cache.bearer(replacing: token) }
            #expect(try await cache.bearer() == token)
            clock.advance(1_000)
        }
        #expect(credential.asked == 2)
    }

    @Test("a cancelled waiter leaves the renewal to the others")
    func cancelledWaiter() async throws {
        let credential = GatedCredential(clock, isOpen: false)
        let cache = TokenCache(credential, time: clock)
        let first = Task { try await cache.bearer() }
        while credential.asked == 0 { await Task.yield() }
        let second = Task { try await cache.bearer() }
        while await cache.waiterCount < 2 { await Task.yield() }
        first.cancel()
        while await cache.waiterCount > 1 { await Task.yield() }
        credential.open()
        #expect(try await second.value == Secret("t1"))
        #expect(credential.cancelled == 0)
    }

    @Test("when every waiter is cancelled the renewal is too, and the next caller starts afresh")
    func allCancelled() async throws {
        let credential = GatedCredential(clock, isOpen: false)
        let cache = TokenCache(credential, time: clock)
        let only = Task { try await cache.bearer() }
        while credential.asked == 0 { await Task.yield() }
        only.cancel()
        _ = await only.result
        #expect(credential.cancelled == 1)
        #expect(try await cache.bearer() == Secret("t2"))
    }
}
