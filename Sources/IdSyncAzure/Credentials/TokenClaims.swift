package import Foundation
import IdSyncCore

/// What a token says of its bearer; read without checking the signature, for messages and self-protection only.
package struct TokenClaims: Sendable, Equatable {
    /// The object id of the principal.
    package let objectID: String?
    /// The client id of the application (`appid`, or `azp` in version 2 tokens).
    package let clientID: String?
    /// The ARM resource id of the managed identity, or of the machine that it is on.
    package let managedIdentityResourceID: String?
    /// Whom the token is for (`aud`); empty when it does not say.
    package let audiences: [String]
    /// When the token ends.
    package let expiresOn: Date?

    /// The largest token that is looked into, in bytes.
    private static let sizeLimit = 65_536

    /// Reads the payload of a JWT; nil for opaque tokens.
    package init?(_ token: Secret) {
        let text = token.reveal()
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.sizeLimit, parts.count == 3,
            let payload = Self.decodeBase64URL(parts[1]),
            let claims = try? JSONValue(parsing: payload), claims.object != nil
        else { return nil }
        objectID = claims["oid"]?.string
        clientID = claims["appid"]?.string ?? claims["azp"]?.string
        managedIdentityResourceID = claims["xms_mirid"]?.string
        audiences = (claims["aud"]?.array ?? [claims["aud"]].compactMap(\.self)).compactMap(\.string)
        expiresOn = claims["exp"]?.seconds.map { Date(timeIntervalSince1970: $0) }
    }

    private static func decodeBase64URL(_ text: Substring) -> Data? {
        var base64 = String(text).replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64)
    }
}

extension JSONValue {
    /// A number of seconds given as a JSON number or as its text, as metadata services write it.
    var seconds: Double? {
        let number: Double? =
            switch self {
            case .integer(let value): Double(value)
            case .number(let value): value
            case .string(let text): Double(text)
            default: nil
            }
        // A year 3000 is far enough; what is beyond would trap in calendar arithmetic.
        guard let number, number.isFinite, number >= 0, number < 32_503_680_000 else { return nil }
        return number
    }
}
