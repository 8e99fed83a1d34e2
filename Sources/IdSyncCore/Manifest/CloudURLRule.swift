import Foundation

extension TextRule {
    private static let noPath = blank + #"?#@\\"#
    private static let noHost = noPath + "/"
    /// A loopback host, perhaps with a port.
    private static let loopback =
        #"([Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]|127(\.[0-9]+){3}|\[::1\])(:[0-9]+)?"#

    /// The ARM base URL of a custom cloud: a host, perhaps a port, no path.
    static let resourceManagerURL = cloudURL(
        pattern: "^(https://[^\(noHost)]+|http://\(loopback))/?$",
        expectation: "a resource manager URL is https://HOST[:PORT], or http:// on a loopback host",
        allowsPath: false
    )

    /// The token authority of a custom cloud; a path is allowed (`/adfs`).
    static let authorityURL = cloudURL(
        pattern: "^(https://[^\(noHost)]|http://\(loopback)(/|$))[^\(noPath)]*$",
        expectation: "an authority URL is https://HOST[:PORT][/PATH], or http:// on a loopback host",
        allowsPath: true
    )

    private static func cloudURL(pattern: String, expectation: String, allowsPath: Bool) -> TextRule {
        TextRule(code: .cloudURL, pattern: pattern, expectation: expectation) { text in
            guard text.hasPrefix("https://") || text.hasPrefix("http://"),
                let parts = URLComponents(string: text, encodingInvalidCharacters: false),
                let host = parts.host, !host.isEmpty,
                parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
                !text.hasSuffix(":"), (1...65_535).contains(parts.port ?? 443)
            else { return false }
            // Tokens travel to these hosts: plain http only where nobody can listen in.
            guard parts.scheme == "https" || HostAddress.isLoopback(host) else { return false }
            return allowsPath || parts.path.isEmpty || parts.path == "/"
        }
    }
}
