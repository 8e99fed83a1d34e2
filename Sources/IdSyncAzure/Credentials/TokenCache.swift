import Foundation

/// Keeps the current token of a credential and renews it in time; however many ask, one renewal is under way.
package actor TokenCache: TokenProvider {
    private struct Held {
        let token: AccessToken
        /// From when on a new one is asked for; nil when the token does not say when it ends.
        var renewAt: Date?
    }

    private struct Flight {
        let number: Int
        let task: Task<Result<AccessToken, CredentialError>, Never>
        var waiters = 0
    }

    /// A token that was refused and for which the credential had no other.
    private struct Refusal {
        let token: Secret
        let error: CredentialError
        /// When the credential can have another one.
        let until: Date
    }

    /// How long before its end a token is renewed; of a life below twice that, half.
    private static let margin: TimeInterval = 300
    /// How long after a failed renewal, or one that gave a token already past its end, the next one is tried.
    private static let pause: TimeInterval = 30

    private let credential: any Credential
    private let time: any TimeSource
    private var held: Held?
    private var flight: Flight?
    private var flights = 0
    private var refusal: Refusal?

    /// Makes an empty cache.
    package init(_ credential: any Credential, time: any TimeSource) {
        self.credential = credential
        self.time = time
    }

    /// The current token, renewed first when less than 5 minutes, or half of a short life, are left.
    ///
    /// - Throws: `CredentialError` when there is no token that still lives and none can be had.
    package func bearer() async throws(CredentialError) -> Secret {
        let now = time.date()
        if let held, held.renewAt.map({ now < $0 }) ?? true { return held.token.secret }
        switch await renewal() {
        case .success(let token): return token.secret
        case .failure(let error):
            // A renewal ahead of time that fails costs nothing while the old token lives.
            guard let held else { throw error }
            return held.token.secret
        }
    }

    /// A token other than the one that ARM refused.
    ///
    /// The credential is asked once for each refused token, and again only when its answer can have changed: an `az`
    /// that has no other token is not run anew for every change of the run.
    ///
    /// - Throws: `CredentialError` when the credential gives the same token again, or none.
    package func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret {
        // Somebody else's 401 has renewed it already.
        if let held, held.token.secret != rejected { return try await bearer() }
        if let refusal, refusal.token == rejected, time.date() < refusal.until { throw refusal.error }
        held = nil
        let error: CredentialError
        var isFixed = false
        switch await renewal() {
        case .success(let token) where token.secret != rejected: return token.secret
        case .success(let token):
            // It stays in use: ARM may refuse it for one subscription, of another tenant, and take it for the others.
            error = CredentialError(await credential.adviceAfterRefusal(of: token))
            isFixed = credential.isFixed
        case .failure(let failure): error = failure
        }
        if !Task.isCancelled {
            let until = isFixed ? .distantFuture : time.date() + Self.pause
            refusal = Refusal(token: rejected, error: error, until: until)
        }
        throw error
    }

    /// How many callers wait for the renewal under way.
    var waiterCount: Int { flight?.waiters ?? 0 }

    /// Joins the renewal under way, or starts one; it is given up when every waiter is cancelled.
    private func renewal() async -> Result<AccessToken, CredentialError> {
        let current = flight ?? launch()
        flight?.waiters += 1
        return await withTaskCancellationHandler {
            await current.task.value
        } onCancel: {
            Task { await self.leave(current.number) }
        }
    }

    private func launch() -> Flight {
        flights += 1
        let number = flights
        // Not a child task: the first caller's cancellation must not take the token from the others.
        let task = Task {
            let result = await fetch()
            land(number, result)
            return result
        }
        let launched = Flight(number: number, task: task)
        flight = launched
        return launched
    }

    private func fetch() async -> Result<AccessToken, CredentialError> {
        do throws(CredentialError) {
            return .success(try await credential.newToken())
        } catch {
            return .failure(error)
        }
    }

    private func land(_ number: Int, _ result: Result<AccessToken, CredentialError>) {
        guard flight?.number == number else { return }
        flight = nil
        switch result {
        case .success(let token): held = Held(token: token, renewAt: renewalTime(of: token))
        case .failure:
            // The old token serves on, but not beyond its end.
            let now = time.date()
            guard let end = held?.token.expiresOn else { return }
            if now < end {
                held?.renewAt = min(now + Self.pause, end)
            } else {
                held = nil
            }
        }
    }

    private func leave(_ number: Int) {
        guard flight?.number == number else { return }
        flight?.waiters -= 1
        guard let current = flight, current.waiters <= 0 else { return }
        flight = nil
        current.task.cancel()
    }

    private func renewalTime(of token: AccessToken) -> Date? {
        guard let end = token.expiresOn else { return nil }
        let now = time.date()
        let life = end.timeIntervalSince(now)
        guard life > 0 else { return now + Self.pause }
        return end - min(Self.margin, life / 2)
    }
}
