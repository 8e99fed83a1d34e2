import Foundation
import IdSyncCore
import Testing

@testable import IdSyncAzure

struct SettingsCase: Sendable, CustomTestStringConvertible {
    let name: String
    let environment: [String: String]
    /// What `summary` prints.
    let expected: String
    var testDescription: String { name }

    init(_ name: String, _ environment: [String: String], _ expected: String) {
        self.name = name
        self.environment = environment
        self.expected = expected
    }
}

@Suite struct CredentialSettingsTests {
    static let azure = ["AZURE_TENANT_ID": "at", "AZURE_CLIENT_ID": "ac"]
    static let arm = ["ARM_TENANT_ID": "rt", "ARM_CLIENT_ID": "rc"]
    static let github = ["ACTIONS_ID_TOKEN_REQUEST_URL": "gu", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "gt"]
    static let ado = ["SYSTEM_OIDCREQUESTURI": "du", "SYSTEM_ACCESSTOKEN": "dt"]

    static func with(_ parts: [String: String]...) -> [String: String] {
        parts.reduce(into: [:]) { $0.merge($1) { _, last in last } }
    }

    /// One line per configured credential: mode, then each variable with its value or path.
    static func summary(_ settings: CredentialSettings) -> String {
        var lines: [String] = []
        add("token", settings.token) { [$0] }
        add("secret", settings.secret) { [$0.application.tenant, $0.application.client, $0.proof] }
        add("federated", settings.federated) { [$0.application.tenant, $0.application.client, $0.proof] }
        let requesting = { (value: RequestingApplication) in
            [value.application.tenant, value.application.client, value.requestURL, value.requestToken]
                + [value.connection].compactMap(\.self)
        }
        add("github", settings.github, requesting)
        add("azure-devops", settings.azureDevOps, requesting)
        return lines.joined(separator: "\n")

        func add<Value>(_ name: String, _ setting: Setting<Value>, _ texts: (Value) -> [ConfiguredText]) {
            switch setting {
            case .absent: break
            case .incomplete(let text, let isDeliberate):
                lines.append("\(name) \(isDeliberate ? "broken" : "skipped"): \(text)")
            case .ready(let value):
                lines.append("\(name): " + texts(value).map(Self.show).joined(separator: " "))
            }
        }
    }

    static func show(_ text: ConfiguredText) -> String {
        switch text.content {
        case .value(let secret): "\(text.variable)=\(secret.reveal())"
        case .file(let path): "\(text.variable)=<\(path)"
        }
    }

    static let precedenceCases: [SettingsCase] = [
        SettingsCase("nothing", [:], ""),
        SettingsCase("blank is absent", ["AZURE_TENANT_ID": " \n", "ACTIONS_ID_TOKEN_REQUEST_URL": ""], ""),
        SettingsCase("token, trimmed", ["IDSYNC_ACCESS_TOKEN": " t\n"], "token: IDSYNC_ACCESS_TOKEN=t"),
        SettingsCase(
            "secret",
            with(azure, ["AZURE_CLIENT_SECRET": "s"]),
            "secret: AZURE_TENANT_ID=at AZURE_CLIENT_ID=ac AZURE_CLIENT_SECRET=s"
        ),
        SettingsCase(
            "AZURE before ARM",
            with(azure, arm, ["AZURE_CLIENT_SECRET": "s", "ARM_CLIENT_SECRET": "r"]),
            "secret: AZURE_TENANT_ID=at AZURE_CLIENT_ID=ac AZURE_CLIENT_SECRET=s"
        ),
        SettingsCase(
            "an ARM secret goes with the ARM ids",
            with(azure, arm, ["ARM_CLIENT_SECRET": "r"]),
            "secret: ARM_TENANT_ID=rt ARM_CLIENT_ID=rc ARM_CLIENT_SECRET=r"
        ),
        SettingsCase(
            "families complete each other",
            ["AZURE_CLIENT_ID": "ac", "ARM_TENANT_ID": "rt", "ARM_CLIENT_SECRET": "r"],
            "secret: ARM_TENANT_ID=rt AZURE_CLIENT_ID=ac ARM_CLIENT_SECRET=r"
        ),
        SettingsCase(
            "Terraform's files",
            ["ARM_TENANT_ID": "rt", "ARM_CLIENT_ID_FILE_PATH": "/c", "ARM_CLIENT_SECRET_FILE_PATH": "/s"],
            "secret: ARM_TENANT_ID=rt ARM_CLIENT_ID_FILE_PATH=</c ARM_CLIENT_SECRET_FILE_PATH=</s"
        ),
        SettingsCase(
            "federated file",
            with(azure, arm, ["AZURE_FEDERATED_TOKEN_FILE": "/f", "ARM_OIDC_TOKEN": "o"]),
            "federated: AZURE_TENANT_ID=at AZURE_CLIENT_ID=ac AZURE_FEDERATED_TOKEN_FILE=</f"
        ),
        SettingsCase(
            "ARM_OIDC_TOKEN before its file",
            with(arm, ["ARM_OIDC_TOKEN": "o", "ARM_OIDC_TOKEN_FILE_PATH": "/o"]),
            "federated: ARM_TENANT_ID=rt ARM_CLIENT_ID=rc ARM_OIDC_TOKEN=o"
        ),
        SettingsCase(
            "ARM_OIDC_TOKEN_FILE_PATH",
            with(arm, ["ARM_OIDC_TOKEN_FILE_PATH": "/o"]),
            "federated: ARM_TENANT_ID=rt ARM_CLIENT_ID=rc ARM_OIDC_TOKEN_FILE_PATH=</o"
        ),
        SettingsCase(
            "ARM_USE_OIDC=false switches Terraform's names off",
            with(arm, ["ARM_OIDC_TOKEN": "o", "ARM_OIDC_REQUEST_URL": "u", "ARM_USE_OIDC": "False"]),
            ""
        ),
        SettingsCase(
            "GitHub",
            with(azure, arm, github),
            """
            github: AZURE_TENANT_ID=at AZURE_CLIENT_ID=ac ACTIONS_ID_TOKEN_REQUEST_URL=gu \
            ACTIONS_ID_TOKEN_REQUEST_TOKEN=gt
            """
        ),
        SettingsCase(
            "GitHub by Terraform's names",
            with(arm, ["ARM_OIDC_REQUEST_URL": "u", "ARM_OIDC_REQUEST_TOKEN": "t"]),
            "github: ARM_TENANT_ID=rt ARM_CLIENT_ID=rc ARM_OIDC_REQUEST_URL=u ARM_OIDC_REQUEST_TOKEN=t"
        ),
        SettingsCase(
            "Azure DevOps task variables",
            with(
                ado,
                [
                    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "sc", "AZURESUBSCRIPTION_CLIENT_ID": "tc",
                    "AZURESUBSCRIPTION_TENANT_ID": "tt",
                ],
                arm
            ),
            """
            azure-devops: AZURESUBSCRIPTION_TENANT_ID=tt AZURESUBSCRIPTION_CLIENT_ID=tc SYSTEM_OIDCREQUESTURI=du \
            SYSTEM_ACCESSTOKEN=dt AZURESUBSCRIPTION_SERVICE_CONNECTION_ID=sc
            """
        ),
        SettingsCase(
            "Azure DevOps by Terraform's names is not GitHub",
            with(
                arm,
                [
                    "ARM_OIDC_REQUEST_URL": "u", "ARM_OIDC_REQUEST_TOKEN": "t",
                    "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID": "sc",
                    "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID": "no",
                ]
            ),
            """
            azure-devops: ARM_TENANT_ID=rt ARM_CLIENT_ID=rc ARM_OIDC_REQUEST_URL=u ARM_OIDC_REQUEST_TOKEN=t \
            ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID=sc
            """
        ),
        SettingsCase(
            "the third name of the connection",
            with(azure, ado, ["ARM_OIDC_AZURE_SERVICE_CONNECTION_ID": "sc"]),
            """
            azure-devops: AZURE_TENANT_ID=at AZURE_CLIENT_ID=ac SYSTEM_OIDCREQUESTURI=du SYSTEM_ACCESSTOKEN=dt \
            ARM_OIDC_AZURE_SERVICE_CONNECTION_ID=sc
            """
        ),
    ]

    static let halfConfiguredCases: [SettingsCase] = [
        SettingsCase(
            "secret alone",
            ["AZURE_CLIENT_SECRET": "s"],
            "secret broken: AZURE_CLIENT_SECRET is set but AZURE_TENANT_ID and AZURE_CLIENT_ID are not"
        ),
        SettingsCase(
            "secret without tenant",
            ["AZURE_CLIENT_SECRET": "s", "AZURE_CLIENT_ID": "c"],
            "secret broken: AZURE_CLIENT_SECRET is set but AZURE_TENANT_ID is not"
        ),
        SettingsCase(
            "secret with a blank tenant",
            ["AZURE_CLIENT_SECRET": "s", "AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": " "],
            "secret broken: AZURE_CLIENT_SECRET is set but AZURE_TENANT_ID is not"
        ),
        SettingsCase(
            "Terraform's secret without client",
            ["ARM_CLIENT_SECRET_FILE_PATH": "/s", "ARM_TENANT_ID": "t"],
            "secret broken: ARM_CLIENT_SECRET_FILE_PATH is set but ARM_CLIENT_ID is not"
        ),
        SettingsCase(
            "federated file without client",
            ["AZURE_FEDERATED_TOKEN_FILE": "/f", "AZURE_TENANT_ID": "t"],
            "federated broken: AZURE_FEDERATED_TOKEN_FILE is set but AZURE_CLIENT_ID is not"
        ),
        SettingsCase(
            "GitHub without ids is the platform's doing",
            github,
            "github skipped: ACTIONS_ID_TOKEN_REQUEST_URL is set but AZURE_TENANT_ID and AZURE_CLIENT_ID are not"
        ),
        SettingsCase(
            "GitHub without token",
            with(azure, ["ACTIONS_ID_TOKEN_REQUEST_URL": "u"]),
            "github skipped: ACTIONS_ID_TOKEN_REQUEST_URL is set but ACTIONS_ID_TOKEN_REQUEST_TOKEN is not"
        ),
        SettingsCase(
            "a GitHub job without the permission",
            with(azure, ["GITHUB_ACTIONS": "true"]),
            """
            github skipped: ACTIONS_ID_TOKEN_REQUEST_URL is not set; the job needs `permissions: {id-token: write}`
            """
        ),
        SettingsCase(
            "Terraform's request URL without token",
            with(arm, ["ARM_OIDC_REQUEST_URL": "u"]),
            "github broken: ARM_OIDC_REQUEST_URL is set but ARM_OIDC_REQUEST_TOKEN is not"
        ),
        SettingsCase(
            "every Azure DevOps job has the URI",
            ["SYSTEM_OIDCREQUESTURI": "u"],
            """
            azure-devops skipped: SYSTEM_OIDCREQUESTURI is set but AZURESUBSCRIPTION_SERVICE_CONNECTION_ID is not
            """
        ),
        SettingsCase(
            "the access token was not mapped",
            with(
                azure,
                ["SYSTEM_OIDCREQUESTURI": "u", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "sc"]
            ),
            """
            azure-devops skipped: AZURESUBSCRIPTION_SERVICE_CONNECTION_ID is set but SYSTEM_ACCESSTOKEN is not
            """
        ),
        SettingsCase(
            "a connection by Terraform's name is deliberate",
            with(azure, ["SYSTEM_OIDCREQUESTURI": "u", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID": "sc"]),
            """
            azure-devops broken: ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID is set but SYSTEM_ACCESSTOKEN is not
            """
        ),
    ]

    @Test("variables and their precedence", arguments: precedenceCases)
    func precedence(_ example: SettingsCase) {
        #expect(Self.summary(CredentialSettings(environment: example.environment)) == example.expected)
    }

    @Test("half-configured credentials name what is missing", arguments: halfConfiguredCases)
    func halfConfigured(_ example: SettingsCase) {
        #expect(Self.summary(CredentialSettings(environment: example.environment)) == example.expected)
    }

    @Test(
        "managed identity sources",
        arguments: [
            (
                ["IDENTITY_ENDPOINT": "e", "IDENTITY_HEADER": "h"],
                "app-service IDENTITY_ENDPOINT=e IDENTITY_HEADER=h"
            ),
            (["IDENTITY_ENDPOINT": "e", "IMDS_ENDPOINT": "i"], "arc IDENTITY_ENDPOINT=e"),
            (
                ["IDENTITY_ENDPOINT": "e", "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "x"],
                "unsupported Service Fabric (IDENTITY_SERVER_THUMBPRINT) is not supported"
            ),
            (
                ["IDENTITY_ENDPOINT": "e"],
                "unsupported IDENTITY_ENDPOINT is set but neither IDENTITY_HEADER nor IMDS_ENDPOINT is"
            ),
            (
                ["MSI_ENDPOINT": "m"],
                "unsupported Azure Machine Learning and Cloud Shell (MSI_ENDPOINT) are not supported"
            ),
            (["AZURE_POD_IDENTITY_AUTHORITY_HOST": "p"], "metadata AZURE_POD_IDENTITY_AUTHORITY_HOST=p"),
            (["ARM_MSI_ENDPOINT": "p"], "metadata ARM_MSI_ENDPOINT=p"),
            (["AZURE_CLIENT_ID": "c", "ARM_CLIENT_ID": "r"], "metadata - selector AZURE_CLIENT_ID=c"),
            ([:], "metadata -"),
        ]
    )
    func managedIdentity(_ environment: [String: String], _ expected: String) {
        let setting = CredentialSettings(environment: environment).managedIdentity
        var text =
            switch setting.source {
            case .appService(let endpoint, let header):
                "app-service \(Self.show(endpoint)) \(Self.show(header))"
            case .arc(let endpoint): "arc \(Self.show(endpoint))"
            case .metadata(let endpoint): "metadata \(endpoint.map(Self.show) ?? "-")"
            case .unsupported(let reason): "unsupported \(reason)"
            }
        if let selector = setting.selector { text += " selector \(Self.show(selector))" }
        #expect(text == expected)
    }

    @Test(
        "the authority and its override",
        arguments: [
            (nil, "https://login.microsoftonline.com"),
            ("https://login.microsoftonline.us/", "https://login.microsoftonline.us/"),
            ("login.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            (
                "http://login.example",
                "AZURE_AUTHORITY_HOST is an http URL of another machine; it must be https"
            ),
            ("ftp://login.example", "AZURE_AUTHORITY_HOST is not an https URL"),
            (
                "https://u:p@login.example",
                "AZURE_AUTHORITY_HOST is not an absolute URL without user and fragment"
            ),
        ] as [(String?, String)]
    )
    func authority(_ override: String?, _ expected: String) {
        let settings = CredentialSettings(environment: override.map { ["AZURE_AUTHORITY_HOST": $0] } ?? [:])
        let text: String
        do throws(CredentialError) {
            text = try settings.authority(default: Cloud.azureCloud.authority).absoluteString
        } catch {
            text = error.description
        }
        #expect(text == expected)
    }
}
