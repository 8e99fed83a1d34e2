import Synchronization

/// One entry of the chain.
enum ChainCandidate: Sendable {
    /// Completely configured: it is used, and when it fails, that is the answer.
    case configured(any Credential)
    /// Present or not, which only trying tells.
    case probed(any ProbedCredential)
    /// Configured by the user but not usable; the text says what is missing.
    case broken(String)
    /// Not used; the text says why.
    case skipped(String)
}

/// The first credential that is present, which then stays for the whole run.
///
/// A credential that is configured and fails ends the search: going on would silently run as somebody else.
package final class CredentialChain: Credential {
    /// Always `auto`.
    package let name = AuthMode.auto.rawValue
    private let candidates: [ChainCandidate]
    private let chosen = Mutex<(any Credential)?>(nil)

    init(_ candidates: [ChainCandidate]) { self.candidates = candidates }

    /// The name of the credential in use, once a token was had.
    package var chosenName: String? { chosen.withLock { $0?.name } }

    /// Whether the credential in use is.
    package var isFixed: Bool { chosen.withLock { $0?.isFixed ?? false } }

    /// Gets a token from the credential in use, or looks for the first one present.
    ///
    /// - Throws: `CredentialError` with what was tried and why it failed, or with the ways to give a credential.
    package func newToken() async throws(CredentialError) -> AccessToken {
        if let credential = chosen.withLock({ $0 }) { return try await credential.newToken() }
        var notes: [String] = []
        for candidate in candidates {
            do throws(CredentialError) {
                switch candidate {
                case .skipped(let note): notes.append(note)
                case .broken(let reason): throw CredentialError(reason)
                case .configured(let credential):
                    let token = try await credential.newToken()
                    chosen.withLock { $0 = credential }
                    return token
                case .probed(let credential):
                    switch try await credential.probe() {
                    case .absent(let reason): notes.append("\(credential.name): \(reason)")
                    case .token(let token):
                        chosen.withLock { $0 = credential }
                        return token
                    }
                }
            } catch {
                throw Self.failed(error, notes)
            }
        }
        throw Self.nothingFound(notes)
    }

    /// The advice of the credential in use.
    package func adviceAfterRefusal(of token: AccessToken) async -> String {
        guard let credential = chosen.withLock({ $0 }) else { return "\(name): ARM refused the token" }
        return await credential.adviceAfterRefusal(of: token)
    }

    private static func failed(_ error: CredentialError, _ notes: [String]) -> CredentialError {
        guard !error.isCancellation else { return error }
        let lines =
            [error.description] + notes.map { "  passed over: \($0)" } + [
                "  `--auth MODE` picks another credential"
            ]
        return CredentialError(lines.joined(separator: "\n"))
    }

    private static func nothingFound(_ notes: [String]) -> CredentialError {
        var lines = ["no Azure credential was found"]
        lines += notes.map { "  passed over: \($0)" }
        lines.append("give one of these (`--auth MODE` picks one; Terraform's ARM_* names work too):")
        let width = (AuthMode.allCases.map(\.rawValue.count).max() ?? 0) + 2
        for mode in AuthMode.allCases where mode != .auto {
            let padding = String(repeating: " ", count: width - mode.rawValue.count)
            lines.append("  \(mode.rawValue)\(padding)\(mode.remedy)")
        }
        return CredentialError(lines.joined(separator: "\n"))
    }
}
