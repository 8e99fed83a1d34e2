/// What is missing of a credential, by the names of its variables.
extension EnvironmentReader {
    /// A variable that is set to nothing, as a pipeline leaves it when a secret of its is missing.
    func isEmptied(_ name: String) -> Bool { environment[name] != nil && text(name) == nil }

    /// What an emptied secret of an application means, or nil when none of the names is emptied.
    ///
    /// With the application itself configured it is a mistake: another credential would run as somebody else.
    func emptied<Value>(_ names: String..., of family: VariableFamily) -> Setting<Value>? {
        guard let name = names.first(where: isEmptied) else { return nil }
        guard let tenant = tenant(family), let client = client(family) else {
            return .incomplete("\(name) is empty", isDeliberate: false)
        }
        return .incomplete(
            Self.emptied(name, besides: "\(tenant.variable) and \(client.variable) are"),
            isDeliberate: true
        )
    }

    /// The text for an emptied variable; `others` says what is set besides it.
    static func emptied(_ name: String, besides others: String? = nil) -> String {
        "\(name) is empty" + (others.map { " (\($0) set)" } ?? "")
            + "; set it, or unset it to use another credential"
    }

    /// The variables that a credential lacks of which no more than the application is configured; empty without that.
    func lacking(_ mode: AuthMode) -> [String] {
        let names: (own: [VariableFamily: [String]], all: [String]) =
            switch mode {
            case .secret: ([.azure: ["AZURE_CLIENT_SECRET"], .terraform: ["ARM_CLIENT_SECRET"]], [])
            case .federated:
                ([.azure: ["AZURE_FEDERATED_TOKEN_FILE"], .terraform: ["ARM_OIDC_TOKEN"]], [])
            case .github: ([:], ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
            case .azureDevOps:
                (
                    [:],
                    [
                        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "SYSTEM_OIDCREQUESTURI",
                        "SYSTEM_ACCESSTOKEN",
                    ]
                )
            case .auto, .token, .managedIdentity, .cli: ([:], [])
            }
        let azure = text("AZURE_TENANT_ID") ?? text("AZURE_CLIENT_ID")
        let terraform = text("ARM_TENANT_ID") ?? text("ARM_CLIENT_ID") ?? text("ARM_CLIENT_ID_FILE_PATH")
        let family: VariableFamily = azure == nil && terraform != nil ? .terraform : .azure
        let wanted = (names.own[family] ?? []) + names.all.filter { text($0) == nil }
        guard !wanted.isEmpty, azure != nil || terraform != nil else { return [] }
        return (tenant(family) == nil ? ["\(family.prefix)_TENANT_ID"] : [])
            + (client(family) == nil ? ["\(family.prefix)_CLIENT_ID"] : []) + wanted
    }
}
