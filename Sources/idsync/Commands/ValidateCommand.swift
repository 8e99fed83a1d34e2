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
            "identities": .integer(desired.identities.count),
            "virtualMachines": .integer(desired.machines.count),
            "diagnostics": .array(manifest.diagnostics.map(\.json)),
        ]
        return run.finish(.done, text: text, json: json)
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }
}
