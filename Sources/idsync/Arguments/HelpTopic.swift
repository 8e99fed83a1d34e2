import IdSyncAzure

/// Help that is not about one command.
enum HelpTopic: String, CaseIterable, Sendable {
    case exitCodes = "exit-codes"
    case environment
    case credentials
    case faults
    case codes

    /// All topics, for a sentence.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The text of the topic.
    var text: String {
        switch self {
        case .exitCodes: Help.exitCodes
        case .environment: Self.environmentText
        case .credentials: Self.credentialsText
        case .faults: Self.faultsText
        case .codes: Help.codes
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
                "",
                "Secrets and tokens go to Azure's own hosts and to this machine. Any other host must be named outside the",
                "manifest and the saved plan: an authority by AZURE_AUTHORITY_HOST, ARM by --endpoint. A token is sent only",
                "to the cloud that it is for.",
            ]).joined(separator: "\n")
    }

    private static let faultsText = #"""
        Faults rehearse a pipeline against the emulator: `--faults FILE` beside `--emulator`, or with `idsync emulate`.
        The same list can stand under "faults" in a state file.

          {"format": "idsync.faults/1", "faults": [
            {"match": {"method": "PATCH", "path": "*/virtualMachines/web-*", "body": "ID1", "nth": 2, "times": 3},
             "delayMs": 250,
             "action": {"status": 429, "code": "TooManyRequests", "retryAfter": 5}}]}

        match (all optional): method, path (a glob), body (a text in it); a rule strikes from the nth matching request
        on, `times` times (default 1), or always with "always": true. Rules are tried in order.

        action, one of:
          {"status": N, "code": C, "message": M, "retryAfter": S, "headers": {…}, "body": …}   this answer
          {"precondition": N}                     412, N times
          {"reset": true} or {"reset": "after"}   the connection ends before, or after, the request is carried out
          {"truncate": N}                         the answer ends after N bytes of its body
          {"garbage": true} or {"garbage": "bytes"}   a body that is no JSON, or bytes that are no HTTP
          {"html": 502}                           an HTML page, as a proxy sends it
          {"lro": "failed" | "canceled" | "hang" | "never-succeeded", "code": C, "applied": false}
          {"otherWriter": {"machine": ID, "add": […], "remove": […], "systemAssigned": B, "bumpETag": true}}
          {"notFoundFor": N}                      a created resource answers 404 to its next N GETs
          {"identityError": {"identities": [ID], "status": 400 | 403}}
          {"foreignNextLink": URL}, {"foreignOperation": URL}, {"redirect": URL}
        """#
}
