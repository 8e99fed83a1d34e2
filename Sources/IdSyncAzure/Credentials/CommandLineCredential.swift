import Foundation
import IdSyncCore

/// The login of the Azure CLI, through `az account get-access-token`.
///
/// Source: FACTS section 9 (CLI profile/custom.py; SDK-I azure_cli.py).
struct CommandLineCredential: ProbedCredential {
    /// `{ARM}/`.
    let resource: String
    let tenant: ConfiguredText?
    let files: any CredentialFiles
    let processes: any ProcessRunner
    /// The zone of the local times that `az` writes.
    var timeZone = TimeZone.current
    let name = AuthMode.cli.rawValue

    /// How long `az` may take: a cold start alone can take more than 10 seconds.
    static let timeout = Duration.seconds(30)

    func newToken() async throws(CredentialError) -> AccessToken {
        switch try await probe() {
        case .token(let token): return token
        case .absent(let reason): throw CredentialError(reason).of(name)
        }
    }

    func probe() async throws(CredentialError) -> ProbeOutcome {
        do throws(CredentialError) {
            return try await run()
        } catch {
            throw error.of(name)
        }
    }

    private func run() async throws(CredentialError) -> ProbeOutcome {
        var arguments = ["account", "get-access-token", "--output", "json", "--resource", resource]
        if let tenant { arguments += ["--tenant", try tenant.readIdentifier(files)] }
        let command = ProcessCommand(
            name: "az",
            arguments: arguments,
            extraEnvironment: ["AZURE_CORE_NO_COLOR": "true", "AZURE_CORE_ONLY_SHOW_ERRORS": "true"],
            timeout: Self.timeout
        )
        let output: ProcessOutput
        do throws(ProcessFailure) {
            output = try await processes.run(command)
        } catch {
            switch error {
            case .notFound: return .absent("`az` is not on PATH")
            case .timedOut:
                throw CredentialError(
                    "`az account get-access-token` did not end within \(Self.timeout.components.seconds) s"
                )
            case .cancelled: throw CredentialError.cancelled
            case .failed(let reason): throw CredentialError(Scrubber().quote(reason))
            }
        }
        guard output.status == 0 else { return try Self.failure(output) }
        guard let token = Self.token(output.standardOutput, timeZone: timeZone) else {
            throw CredentialError("`az account get-access-token` ended well but printed no token")
        }
        return .token(token)
    }

    /// Tells a missing login, which counts as absent, from a fault.
    private static func failure(_ output: ProcessOutput) throws(CredentialError) -> ProbeOutcome {
        let text = String(decoding: output.standardError.prefix(16_384), as: UTF8.self)
        let said = Scrubber().quote(text)
        let detail = said.isEmpty ? "" : ": \(said)"
        if text.contains("az login") || text.contains("az account set") {
            return .absent("`az` is not logged in, or its login has ended; run `az login`\(detail)")
        }
        if output.status == 127 { return .absent("`az` cannot be run\(detail)") }
        throw CredentialError("`az account get-access-token` failed with status \(output.status)\(detail)")
    }

    /// The token in the JSON that `az` prints; `expires_on` is epoch seconds, `expiresOn` local time.
    static func token(_ output: Data, timeZone: TimeZone) -> AccessToken? {
        guard let reply = try? JSONValue(parsing: output), let text = reply["accessToken"]?.string,
            (try? Checked.headerValue(Secret(text), from: "accessToken")) != nil
        else { return nil }
        let epoch = reply["expires_on"]?.seconds.map { Date(timeIntervalSince1970: $0) }
        let local = reply["expiresOn"]?.string.flatMap { localTime($0, in: timeZone) }
        let secret = Secret(text)
        return AccessToken(secret, expiresOn: epoch ?? TokenClaims(secret)?.expiresOn ?? local)
    }

    /// Reads `YYYY-MM-DD HH:MM:SS.ffffff`.
    private static func localTime(_ text: String, in timeZone: TimeZone) -> Date? {
        guard let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?/)
        else {
            return nil
        }
        let output = match.output
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = DateComponents(
            year: Int(output.1),
            month: Int(output.2),
            day: Int(output.3),
            hour: Int(output.4),
            minute: Int(output.5),
            second: Int(output.6)
        )
        return calendar.date(from: parts)
    }
}
