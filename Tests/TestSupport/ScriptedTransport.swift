import Foundation
package import IdSyncAzure
import Synchronization
import Testing

/// A transport that gives prepared answers in order and remembers what it was asked.
///
/// A request beyond the script fails the test: nothing reaches a network by accident.
package final class ScriptedTransport: Transport {
    /// One prepared answer.
    package enum Step: Sendable {
        case answer(HTTPResponse)
        case failure(TransportError)
        case compute(@Sendable (HTTPRequest) -> HTTPResponse)

        /// A JSON answer.
        package static func json(
            _ status: Int,
            _ body: String,
            headers: [(name: String, value: String)] = []
        ) -> Step {
            .answer(
                HTTPResponse(
                    status: status,
                    headers: [(name: "Content-Type", value: "application/json; charset=utf-8")] + headers,
                    body: Data(body.utf8)
                )
            )
        }
    }

    private let state: Mutex<(steps: [Step], requests: [HTTPRequest])>

    /// Makes a transport with its script.
    package init(_ steps: [Step]) {
        state = Mutex((steps, []))
    }

    /// What was asked so far, in order.
    package var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// How many prepared answers are left.
    package var remaining: Int { state.withLock { $0.steps.count } }

    /// Gives the next prepared answer.
    ///
    /// - Throws: The prepared failure, or `other` for a request that the script does not have.
    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let step = state.withLock { state -> Step? in
            state.requests.append(request)
            return state.steps.isEmpty ? nil : state.steps.removeFirst()
        }
        switch step {
        case .answer(let response): return response
        case .failure(let error): throw error
        case .compute(let body): return body(request)
        case nil:
            Issue.record("unscripted request: \(request.method.rawValue) \(request.url)")
            throw TransportError(.other, "unscripted request")
        }
    }
}

/// Gives the tokens of a list in turn; the last one stays.
package final class ScriptedTokens: TokenProvider {
    private let state: Mutex<(tokens: [String], rejected: [String])>

    /// Makes a provider.
    package init(_ tokens: [String] = ["token-1"]) {
        state = Mutex((tokens, []))
    }

    /// The tokens that were handed back as refused.
    package var rejected: [String] { state.withLock { $0.rejected } }

    /// The current token.
    ///
    /// - Throws: `CredentialError` when the list was empty.
    package func bearer() async throws(CredentialError) -> Secret {
        guard let token = state.withLock({ $0.tokens.first }) else { throw CredentialError("no token") }
        return Secret(token)
    }

    /// The next token of the list.
    ///
    /// - Throws: `CredentialError` when there is no other one.
    package func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret {
        let next = state.withLock { state -> String? in
            state.rejected.append(rejected.reveal())
            guard state.tokens.count > 1 else { return nil }
            state.tokens.removeFirst()
            return state.tokens[0]
        }
        guard let next else { throw CredentialError("no other token") }
        return Secret(next)
    }
}
