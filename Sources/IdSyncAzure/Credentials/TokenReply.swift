import Foundation
import IdSyncCore

/// A token answer of the authority or of a managed identity endpoint.
struct TokenReply: Sendable {
    let token: AccessToken
    /// The client id that a managed identity endpoint echoes.
    let clientID: String?

    /// Reads the body of a 200 answer; nil when it holds no usable token.
    ///
    /// Of `expires_on` (epoch) and `expires_in` (from now) the earlier counts; both may be numbers or text.
    init?(_ body: Data, receivedAt now: Date) {
        guard let reply = try? JSONValue(parsing: body), let text = reply["access_token"]?.string,
            (try? Checked.headerValue(Secret(text), from: "access_token")) != nil
        else { return nil }
        let ends = [
            reply["expires_on"]?.seconds.map { Date(timeIntervalSince1970: $0) },
            reply["expires_in"]?.seconds.map { now.addingTimeInterval($0) },
        ]
        let secret = Secret(text)
        let expiresOn = ends.compactMap(\.self).min() ?? TokenClaims(secret)?.expiresOn
        token = AccessToken(secret, expiresOn: expiresOn)
        clientID = reply["client_id"]?.string
    }
}
