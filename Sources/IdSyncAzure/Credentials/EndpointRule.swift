import Foundation
import IdSyncCore

/// Which URLs a secret may be sent to.
///
/// Plain http is for endpoints that never leave the machine or its link; everything else is https.
enum EndpointRule {
    /// https, or http to this machine.
    case secureOrLoopback
    /// https, or http to this machine, its link or a private IPv4 network (App Service, pod identity).
    case secureOrNearby

    /// Checks a URL from a variable.
    ///
    /// - Throws: `CredentialError` naming the variable, never the value: request URLs can be signed.
    func url(_ text: String, from variable: String) throws(CredentialError) -> URL {
        guard let parts = URLComponents(string: text), let url = parts.url, let host = parts.host,
            !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else { throw CredentialError("\(variable) is not an absolute URL without user and fragment") }
        switch parts.scheme?.lowercased() {
        case "https": return url
        case "http" where allowsPlain(host): return url
        case "http":
            throw CredentialError("\(variable) is an http URL of another machine; it must be https")
        default: throw CredentialError("\(variable) is not an https URL")
        }
    }

    private func allowsPlain(_ host: String) -> Bool {
        if HostAddress.isLoopback(host) { return true }
        guard self == .secureOrNearby, let octets = HostAddress.octets(host) else { return false }
        switch (octets[0], octets[1]) {
        case (169, 254), (10, _), (192, 168), (172, 16...31): return true
        default: return false
        }
    }
}

/// Checks on values that become part of a URL path, a header or a command line.
enum Checked {
    /// A tenant id or domain, or a client id: letters, digits, dots and hyphens, beginning with a letter or digit.
    ///
    /// - Throws: `CredentialError` naming the variable.
    static func identifier(_ value: Secret, from variable: String) throws(CredentialError) -> String {
        let text = value.reveal()
        let allowed = text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E }
        guard let first = text.utf8.first, isAlphanumeric(first), allowed, text.utf8.count <= 253,
            !text.contains("..")
        else { throw CredentialError("\(variable) is not a valid id: it takes letters, digits, '-' and '.'") }
        return text
    }

    /// A token that can stand in a header: visible ASCII only.
    ///
    /// - Throws: `CredentialError` saying where the token came from.
    static func headerValue(_ value: Secret, from source: String) throws(CredentialError) -> String {
        let text = value.reveal()
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CredentialError("\(source) is not a token: it is empty or has blanks or control characters")
        }
        return text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
