import ARMEmulator
import Foundation
import IdSyncCore

/// The quickstart example, embedded from `examples/quickstart` so that `idsync demo` needs no file.
enum Quickstart {
    /// `examples/quickstart/manifest.yaml`.
    static var manifestText: String { String(decoding: PackageResources.quickstart_yaml, as: UTF8.self) }

    /// The state as JSON.
    static func state() throws(EmulatorStateError) -> JSONValue {
        do { return try JSONValue(parsing: Data(stateText.utf8)) } catch {
            throw EmulatorStateError("the embedded quickstart state is damaged")
        }
    }

    /// `examples/quickstart/state.json`.
    static var stateText: String { String(decoding: PackageResources.quickstart_json, as: UTF8.self) }
}
