package import IdSyncAzure
import Synchronization

/// Keeps the state of a running emulator in a file, so that nothing that was answered is lost however it ends.
///
/// An answer is given once the file holds all that it may tell of. Writers that arrive while a file is being written
/// share the next one: each file is made from the newest state while no other can be written, so none is ever older
/// than the one before.
package final class StateKeeper: Sendable {
    private let state: EmulatorState
    private let router: EmulatorRouter
    private let path: String
    private let problem: @Sendable (EmulatorStateError) -> Void
    /// The revision that the file holds.
    private let saved = Mutex(0)

    /// Makes a keeper; `problem` hears why the file could not be written.
    package init(
        _ state: EmulatorState,
        in path: String,
        time: any TimeSource = SystemTime(),
        problem: @escaping @Sendable (EmulatorStateError) -> Void
    ) {
        self.state = state
        self.path = path
        self.problem = problem
        router = EmulatorRouter(state: state, time: time)
    }

    /// Answers a request; 500 when the file could not be written, because the next start would not know of it.
    package func reply(to request: HTTPRequest) -> EmulatorReply {
        let reply = router.reply(to: request)
        do throws(EmulatorStateError) {
            try save()
            return reply
        } catch {
            problem(error)
            return EmulatorReply(ARMFailure.notKept.response)
        }
    }

    private func save() throws(EmulatorStateError) {
        let needed = state.revision
        try saved.withLock { saved throws(EmulatorStateError) in
            guard saved < needed else { return }
            let (file, revision) = state.revisedSnapshot()
            try file.save(to: path)
            saved = revision
        }
    }
}
