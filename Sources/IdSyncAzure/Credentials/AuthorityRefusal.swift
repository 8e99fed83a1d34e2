import Foundation
import IdSyncCore

/// The error answer of an authority or a token endpoint: `{error, error_description, error_codes}`.
struct AuthorityRefusal {
    let code: String?
    let summary: String?
    /// The first numeric code of Entra, without `AADSTS`.
    let number: Int?
    private let correlation: String?

    /// Reads an error body; every part is nil when it is not JSON.
    init(_ body: Data, hiding secrets: [Secret]) {
        let reply = try? JSONValue(parsing: body)
        let scrub = { (text: String?) in text.map { Scrubber(secrets: secrets).quote($0) } }
        code = scrub(reply?["error"]?.string)
        correlation = scrub(reply?["correlation_id"]?.string)
        // Entra appends trace id, correlation id and time stamp, on the same line or on lines of their own.
        let description = (reply?["error_description"] ?? reply?["message"])?.string
        let head = description.map {
            String($0.prefix(upTo: $0.firstRange(of: "Trace ID:")?.lowerBound ?? $0.endIndex))
        }
        summary = scrub(head)
        if case .integer(let first)? = reply?["error_codes"]?.array?.first {
            number = first
        } else {
            number = description?.firstMatch(of: /AADSTS(\d{3,9})/).flatMap { Int($0.output.1) }
        }
    }

    /// The refusal in one line: status, code, what the service said, and what to do about it.
    func message(host: String, status: Int) -> String {
        let said = summary.flatMap { $0.isEmpty ? nil : $0 } ?? code ?? "no reason given"
        let ids = correlation.map { " (correlation id \($0))" } ?? ""
        return "\(host) refused the request (HTTP \(status)): \(said)\(ids)" + (hint.map { "; \($0)" } ?? "")
    }

    private var hint: String? { number.flatMap { Self.hints[$0] } }

    private static let hints: [Int: String] = [
        700_024: "the assertion is outside its time of validity: it is too old, or a clock is wrong",
        7_000_215: "the client secret is wrong; give the value of the secret, not its id",
        7_000_222: "the client secret has ended; make a new one",
        70_021:
            "no federated credential of the application matches the assertion's issuer, subject and audience",
        700_211: "no federated credential of the application has the assertion's issuer",
        700_212: "no federated credential of the application has the assertion's audience",
        700_213: "no federated credential of the application has the assertion's subject",
        700_016: "the tenant has no such application; check the client id and the tenant id",
        90_002: "there is no such tenant in this cloud; check the tenant id and the authority",
    ]
}
