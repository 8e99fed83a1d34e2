import Foundation

/// A ready bearer token from the environment; it cannot be renewed.
struct AccessTokenCredential: Credential {
    let setting: ConfiguredText
    let files: any CredentialFiles
    let name = AuthMode.token.rawValue
    let isFixed = true

    func newToken() async throws(CredentialError) -> AccessToken {
        do throws(CredentialError) {
            let secret = try setting.read(files)
            _ = try Checked.headerValue(secret, from: setting.variable)
            return AccessToken(secret, expiresOn: TokenClaims(secret)?.expiresOn)
        } catch {
            throw error.of(name)
        }
    }

    func adviceAfterRefusal(of token: AccessToken) async -> String {
        let end = token.expiresOn.map { " (its own end is \($0.formatted(.iso8601)))" } ?? ""
        return """
            \(name): ARM refused the token in \(setting.variable): it has ended\(end) or is not for this cloud; \
            idsync cannot renew it, so set a new one, for example from \
            `az account get-access-token --query accessToken --output tsv`
            """
    }
}
