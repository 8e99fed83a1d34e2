import IdSyncCore

/// `idsync validate`: offline checks only.
enum ValidateCommand {
    static func run(_ run: Run) throws(Failure) -> ExitCode {
        let manifest = try CheckedManifest.load(try ManifestInput.read(try ManifestInput.paths(run)), run)
        let desired = manifest.desired
        let warnings = manifest.diagnostics.count
        let text =
            "Valid: \(count(desired.identities.count, "identity", "identities")), "
            + "\(count(desired.machines.count, "virtual machine", "virtual machines"))"
            + (warnings == 0 ? "." : ", \(count(warnings, "warning", "warnings")).")
        let json: JSONValue = [
            "format": "idsync.validation/1",
            "valid": true,
            "exitCode": .integer(Int(ExitCode.done.rawValue)),
            "identities": .integer(desired.identities.count),
            "virtualMachines": .integer(desired.machines.count),
            "diagnostics": .array(manifest.diagnostics.map(\.json)),
        ]
        return run.finish(.done, text: text, json: json)
    }

    /// The document for a manifest that is not valid, in the format of one that is.
    static func document(of failure: Failure) -> JSONValue {
        [
            "format": "idsync.validation/1",
            "valid": false,
            "exitCode": .integer(Int(failure.code.rawValue)),
            "message": .string(failure.message),
            "diagnostics": .array(failure.diagnostics.map(\.json)),
        ]
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }
}
