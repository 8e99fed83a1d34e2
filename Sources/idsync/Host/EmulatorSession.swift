import ARMEmulator
import IdSyncAzure

/// The in-process ARM of `--emulator FILE`: state is read from the file, and written back after an apply.
struct EmulatorSession: Sendable {
    let path: String
    let state: EmulatorState
    let transport: any Transport
    let time: any TimeSource
    let tokens: EmulatorTokens

    static func open(_ path: String, faults: String?) throws(Failure) -> EmulatorSession {
        do throws(EmulatorStateError) {
            var file = try EmulatorStateFile.load(from: path)
            if let faults { file.faults += try FaultScript.load(from: faults) }
            let state = EmulatorState(file)
            let time = EmulatedTime()
            return EmulatorSession(
                path: path,
                state: state,
                transport: EmulatorTransport(state: state, time: time),
                time: time,
                tokens: EmulatorTokens(areNamed: !file.settings.tokens.isEmpty)
            )
        } catch {
            throw Failure(code: .usage, message: error.description)
        }
    }

    /// Writes the state back, atomically.
    func save() throws(Failure) {
        do throws(EmulatorStateError) { try state.snapshot().save(to: path) } catch {
            throw Failure(code: .internalError, message: error.description)
        }
    }
}

/// The emulator takes any bearer token unless its state names some; a fault rule may refuse this one all the same.
struct EmulatorTokens: TokenProvider {
    /// Whether the state names the tokens that it takes.
    let areNamed: Bool

    func bearer() async throws(CredentialError) -> Secret { Secret("emulator") }

    func bearer(replacing rejected: Secret) async throws(CredentialError) -> Secret {
        throw CredentialError(
            areNamed
                ? "the emulator's state names the tokens that it takes, and this run has none of them"
                : "the emulator answered 401, as a fault rule says; it takes any token otherwise"
        )
    }
}
