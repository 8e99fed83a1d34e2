import IdSyncAzure
package import IdSyncCore
import Synchronization

/// The state of an emulated ARM, shared by everything that serves or inspects it.
///
/// One lock guards the whole state, so a request is carried out whole or not at all, as if requests came one by one.
package final class EmulatorState: Sendable {
    private let store: Mutex<EmulatorStore>

    /// Makes a state; an empty one knows no subscription, so that every request is answered 404.
    package init(_ file: EmulatorStateFile = EmulatorStateFile()) {
        store = Mutex(EmulatorStore(file))
    }

    /// The state as a file would have it, with running operations ended.
    package func snapshot() -> EmulatorStateFile {
        withStore { EmulatorStateFile($0) }
    }

    /// The state as a file would have it, with the revision that it is of.
    func revisedSnapshot() -> (file: EmulatorStateFile, revision: Int) {
        withStore { (EmulatorStateFile($0), $0.revision) }
    }

    /// Rises with every request that may change what a file would have.
    var revision: Int { withStore { $0.revision } }

    /// Changes the state as another client of ARM would: a second writer between two requests of idsync (F12).
    package func apply(_ writer: OtherWriter) {
        withStore { $0.apply(writer) }
    }

    /// Changes the settings.
    package func configure(_ change: (inout EmulatorSettings) -> Void) {
        withStore { change(&$0.settings) }
    }

    /// Replaces the fault rules; their counters start anew.
    package func install(_ faults: [FaultRule]) {
        withStore { $0.faults = FaultEngine(faults) }
    }

    /// The identity block of a VM or scale set as it is, or nil when there is no such machine.
    package func identityBlock(of machine: ResourceID) -> IdentityBlock? {
        withStore { store in
            guard let identity = store[machine: machine]?.identity else { return nil }
            return IdentityBlock(
                type: .known(system: identity.hasSystem, user: !identity.attached.isEmpty),
                attached: identity.attached.map {
                    AttachedIdentity(
                        spelling: $0.spelling,
                        clientID: $0.clientID,
                        principalID: $0.principalID
                    )
                },
                principalID: identity.principalID
            )
        }
    }

    /// The folded ids that a VM or scale set carries now, with `system` for its system-assigned identity; nil when
    /// there is no such machine.
    package func carried(by machine: ResourceID) -> Set<String>? {
        withStore { store in
            guard let identity = store[machine: machine]?.identity else { return nil }
            return Set(identity.attached.map(\.key)).union(identity.hasSystem ? ["system"] : [])
        }
    }

    /// The ids of the identities that exist, in order.
    package var identities: [ResourceID] { withStore { $0.identities.all.map(\.id) } }

    /// Works on the state under its lock.
    func withStore<Result: Sendable>(_ work: (inout sending EmulatorStore) -> Result) -> Result {
        store.withLock { work(&$0) }
    }
}
