import IdSyncAzure

/// Help that is not about one command.
enum HelpTopic: String, CaseIterable, Sendable {
    case exitCodes = "exit-codes"
    case environment
    case credentials
    case faults

    /// The text of the topic.
    var text: String {
        switch self {
        case .exitCodes: Help.exitCodes
        case .environment: Self.environmentText
        case .credentials: Self.credentialsText
        case .faults: Self.faultsText
        }
    }

    private static let environmentText = """
        Environment variables:

          IDSYNC_MANIFEST         the manifest when no PATH is given
          IDSYNC_ACCESS_TOKEN     a bearer token for ARM; see idsync help credentials
          AZURE_*, ARM_*          credentials; see idsync help credentials
          HTTPS_PROXY, NO_PROXY   the proxy for ARM and the token authority
          NO_COLOR                no colour when set to anything
          CLICOLOR_FORCE          colour even when the output is not a terminal
          TERM=dumb               no colour
        """

    private static var credentialsText: String {
        let width = (AuthMode.allCases.map(\.rawValue.count).max() ?? 0) + 2
        let rows = AuthMode.allCases.map { mode in
            "  " + mode.rawValue + String(repeating: " ", count: width - mode.rawValue.count) + mode.remedy
        }
        return
            (["Credentials, in the order that `--auth auto` tries them:", ""] + rows + [
                "",
                "Terraform's ARM_* names work where an AZURE_* name is not set. A credential that is configured and fails",
                "is an error; it is never passed over in silence. Tokens are renewed before they end.",
            ]).joined(separator: "\n")
    }

    private static let faultsText = """
        Faults rehearse a pipeline against the emulator: `--faults FILE` beside `--emulator`, or with `idsync emulate`.

        FILE is JSON: {"faults": [{"match": {…}, "action": {…}}, …]}; rules are tried in order, the first that
        matches answers. The same list can stand under "faults" in a state file. README lists the matches and actions.
        """
}
