package import Foundation
import IdSyncCore

/// Why a text cannot be the address of ARM.
package struct ARMEndpointError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, as a sentence without a full stop.
    package let description: String
}

/// The one host that requests and tokens go to.
///
/// `https`, or `http` on this machine only. Links that ARM hands out are followed only back to the same scheme, host and
/// effective port (DESIGN section 4; old links spell the port, `management.azure.com:443`, FACTS section 5).
package struct ARMEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// The base URL without a trailing slash.
    package let base: URL
    /// `https` or `http`.
    package let scheme: String
    /// The host in lower case, an IPv6 address without brackets.
    package let host: String
    /// The effective port.
    package let port: Int

    /// Parses and checks a base URL.
    ///
    /// - Throws: `ARMEndpointError` that says what is wrong; it never repeats user information.
    package init(parsing text: String) throws(ARMEndpointError) {
        guard let url = URL(string: text, encodingInvalidCharacters: false), let scheme = url.scheme,
            let host = Self.host(of: url), !host.isEmpty
        else {
            throw ARMEndpointError(
                description: "the endpoint is not a URL such as https://management.azure.com"
            )
        }
        guard url.user == nil, url.password == nil else {
            throw ARMEndpointError(description: "the endpoint must not contain a user name or password")
        }
        guard url.query == nil, url.fragment == nil else {
            throw ARMEndpointError(description: "the endpoint must not contain '?' or '#'")
        }
        guard url.path(percentEncoded: true).allSatisfy({ $0 == "/" }) else {
            throw ARMEndpointError(description: "the endpoint must not contain a path")
        }
        self.scheme = Folding.fold(scheme)
        switch self.scheme {
        case "https": break
        case "http" where HostAddress.isLoopback(host): break
        case "http":
            throw ARMEndpointError(
                description: "http:// is allowed only for this machine (localhost, 127.0.0.0/8, ::1): "
                    + "the token would cross the network in clear text; use https://\(host)"
            )
        default: throw ARMEndpointError(description: "the endpoint must begin with https://")
        }
        guard let port = Self.port(of: url, scheme: self.scheme), (1...65_535).contains(port) else {
            throw ARMEndpointError(description: "the port of the endpoint is not a number from 1 to 65535")
        }
        self.host = host
        self.port = port
        let shownHost = host.contains(":") ? "[\(host)]" : host
        let isDefault = port == (self.scheme == "https" ? 443 : 80)
        guard let base = URL(string: "\(self.scheme)://\(shownHost)" + (isDefault ? "" : ":\(port)")) else {
            throw ARMEndpointError(
                description: "the endpoint is not a URL such as https://management.azure.com"
            )
        }
        self.base = base
    }

    /// The base URL.
    package var description: String { base.absoluteString }

    /// Whether the host is this machine, which has no rate limits worth pacing for.
    package var isLoopback: Bool { HostAddress.isLoopback(host) }

    /// Whether a URL leads to this endpoint: same scheme, host without case, same effective port, no user information.
    package func accepts(_ url: URL) -> Bool {
        guard let scheme = url.scheme.map(Folding.fold), url.user == nil, url.password == nil else {
            return false
        }
        return scheme == self.scheme && Self.host(of: url) == host
            && Self.port(of: url, scheme: scheme) == port
    }

    /// The URL that a link from ARM stands for, a relative one against the base; nil when it is no URL at all.
    ///
    /// The caller still has to ask `accepts`.
    package func resolve(_ link: String) -> URL? {
        guard !link.isEmpty else { return nil }
        return URL(string: ARMPath.repaired(link), relativeTo: base)?.absoluteURL
    }

    private static func host(of url: URL) -> String? {
        guard var host = url.host(percentEncoded: true).map(Folding.fold) else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host
    }

    private static func port(of url: URL, scheme: String) -> Int? {
        if let port = url.port { return port }
        // `https://host:` has an empty port, which means the default one.
        return scheme == "https" ? 443 : scheme == "http" ? 80 : nil
    }
}
