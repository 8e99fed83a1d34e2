package import ARMEmulator
import Foundation
package import IdSyncAzure
package import IdSyncCore

/// The small world of the end-to-end tests: one creation of each kind of change, with foreign identities all around.
///
///     web    (system) FOREIGN      -> + NEW1, ID1
///     db     FOREIGN OLD           -> + NEW2, - OLD, and OLD is deleted
///     other  FOREIGN               not in the manifest
package enum EndToEnd {
    /// The machines with what they carry before.
    package static let before = [
        "web": ["(system)", "FOREIGN"], "db": ["FOREIGN", "OLD"], "other": ["FOREIGN"],
    ]
    /// The machines with what they carry once the manifest is applied.
    package static let after = [
        "web": ["(system)", "FOREIGN", "ID1", "NEW1"], "db": ["FOREIGN", "NEW2"], "other": ["FOREIGN"],
    ]
    /// The identities that exist once the manifest is applied.
    package static let identitiesAfter = ["FOREIGN", "ID1", "NEW1", "NEW2"]

    /// The state before; operations end at the first poll, which the server asks for at once.
    package static func state(_ configure: (inout EmulatorStateFile) -> Void = { _ in }) throws
        -> EmulatorState
    {
        let foreign = Build.identity("FOREIGN")
        return try World(
            machines: [
                LiveMachine(id: Build.vm("web"), block: Build.block(system: true, [foreign])),
                LiveMachine(id: Build.vm("db"), block: Build.block([foreign, Build.identity("OLD")])),
                LiveMachine(id: Build.vm("other"), block: Build.block([foreign])),
            ],
            identities: ["FOREIGN", "ID1", "OLD"].map { Build.identity($0) },
            configure: { file in
                file.settings.polls = 0
                file.settings.retryAfter = 0
                configure(&file)
            }
        ).state
    }

    /// The head of a manifest, with a `cloud:` line or none.
    package static func head(cloud: String? = nil) -> String {
        "version: 1\n" + (cloud.map { "cloud: \($0)\n" } ?? "")
            + "defaults: {subscription: \(Build.subscription), resourceGroup: TestRG, location: westus}\n"
    }

    /// A custom cloud as a manifest spells it.
    package static func cloud(resourceManager: String, authority: String) -> String {
        "{resourceManager: \"\(resourceManager)\", authority: \"\(authority)\", "
            + "audience: \"api://AzureADTokenExchange\"}"
    }

    /// The manifest of the small world.
    package static func manifest(cloud: String? = nil) -> String {
        head(cloud: cloud) + """
            identities:
              - name: NEW1
              - name: NEW2
              - name: OLD
                state: absent
            virtualMachines:
              - name: web
                userAssigned: [NEW1, TestRG/ID1]
              - name: db
                userAssigned: [NEW2]

            """
    }

    /// A manifest whose machines switch their system identity on: nothing but the machines is read.
    package static func systemOnly(_ machines: [String]) -> String {
        head() + "virtualMachines:\n" + machines.map { "  - {name: \($0), systemAssigned: true}\n" }.joined()
    }
}

extension ToolResult {
    /// The one JSON document on stdout.
    ///
    /// - Throws: when stdout is anything but exactly one JSON document.
    package func json() throws -> JSONValue { try JSONValue(parsing: Data(out.utf8)) }

    /// The status of each change in the report on stdout, by address.
    package func statuses() throws -> [String: String] {
        let rows = try json()["changes"]?.array ?? []
        return Dictionary(
            rows.map { ($0["address"]?.string ?? "", $0["status"]?.string ?? "") },
            uniquingKeysWith: { $1 }
        )
    }

    /// Whether the process ended by itself or by SIGINT or SIGTERM, and not by a trap.
    package var endedWell: Bool { code < 128 || code == 130 || code == 143 }

    /// The lines of stderr that report an error.
    package var errorLines: [String] {
        err.split(separator: "\n").map(String.init).filter { $0.hasPrefix("error: ") }
    }
}

extension HTTPResponse {
    /// A JSON answer.
    package static func json(
        _ value: JSONValue,
        status: Int = 200,
        headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        let type = [(name: "Content-Type", value: "application/json; charset=utf-8")]
        return HTTPResponse(status: status, headers: type + headers, body: value.canonicalData())
    }

    /// A refusal as ARM writes it, which says that it may be tried again at once.
    package static func refusal(_ status: Int, _ code: String, _ message: String = "No.") -> HTTPResponse {
        json(
            ["error": ["code": .string(code), "message": .string(message)]],
            status: status,
            headers: [("Retry-After", "0"), ("x-ms-request-id", "req-1")]
        )
    }
}
