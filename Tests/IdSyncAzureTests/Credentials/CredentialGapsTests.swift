import Testing

@testable import IdSyncAzure

/// A secret that is set to nothing, as a pipeline leaves it when it is missing there, is not passed over in silence.
@Suite struct CredentialGapsTests {
    private typealias Settings = CredentialSettingsTests

    static let emptiedCases: [SettingsCase] = [
        SettingsCase(
            "a secret that the pipeline lacks",
            Settings.with(Settings.azure, ["AZURE_CLIENT_SECRET": ""]),
            """
            secret broken: AZURE_CLIENT_SECRET is empty (AZURE_TENANT_ID and AZURE_CLIENT_ID are set); set it, or unset \
            it to use another credential
            """
        ),
        SettingsCase(
            "no secret at all in the pipeline",
            ["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "", "AZURE_CLIENT_SECRET": " "],
            "secret skipped: AZURE_CLIENT_SECRET is empty"
        ),
        SettingsCase(
            "an emptied secret with Terraform's ids",
            Settings.with(Settings.arm, ["ARM_CLIENT_SECRET_FILE_PATH": ""]),
            """
            secret broken: ARM_CLIENT_SECRET_FILE_PATH is empty (ARM_TENANT_ID and ARM_CLIENT_ID are set); set it, or \
            unset it to use another credential
            """
        ),
        SettingsCase(
            "the other family's secret is there",
            Settings.with(Settings.arm, ["AZURE_CLIENT_SECRET": "", "ARM_CLIENT_SECRET": "s"]),
            "secret: ARM_TENANT_ID=rt ARM_CLIENT_ID=rc ARM_CLIENT_SECRET=s"
        ),
        SettingsCase(
            "an emptied token",
            ["IDSYNC_ACCESS_TOKEN": " \n"],
            "token broken: IDSYNC_ACCESS_TOKEN is empty; set it, or unset it to use another credential"
        ),
        SettingsCase(
            "an emptied federated file",
            Settings.with(Settings.azure, ["AZURE_FEDERATED_TOKEN_FILE": ""]),
            """
            federated broken: AZURE_FEDERATED_TOKEN_FILE is empty (AZURE_TENANT_ID and AZURE_CLIENT_ID are set); set it, \
            or unset it to use another credential
            """
        ),
        SettingsCase(
            "an emptied assertion",
            Settings.with(Settings.azure, ["ARM_OIDC_TOKEN": ""]),
            """
            federated broken: ARM_OIDC_TOKEN is empty (AZURE_TENANT_ID and AZURE_CLIENT_ID are set); set it, or unset it \
            to use another credential
            """
        ),
        SettingsCase(
            "an emptied assertion that is switched off",
            Settings.with(Settings.azure, ["ARM_OIDC_TOKEN": "", "ARM_USE_OIDC": "false"]),
            ""
        ),
        SettingsCase(
            "an access token that was mapped from nothing",
            Settings.with(
                Settings.azure,
                [
                    "SYSTEM_OIDCREQUESTURI": "u", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "sc",
                    "SYSTEM_ACCESSTOKEN": "",
                ]
            ),
            """
            azure-devops broken: SYSTEM_ACCESSTOKEN is empty (AZURESUBSCRIPTION_SERVICE_CONNECTION_ID is set); set it, or \
            unset it to use another credential
            """
        ),
    ]

    @Test("variables that are set to nothing", arguments: emptiedCases)
    func emptied(example: SettingsCase) {
        let found = CredentialSettings(environment: example.environment)
        #expect(CredentialSettingsTests.summary(found) == example.expected)
    }
}
