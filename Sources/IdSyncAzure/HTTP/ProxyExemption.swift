import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps requests to this machine and to the instance metadata service away from a proxy.
///
/// `URLSession` on Linux has no proxy setting of its own: libcurl reads `HTTPS_PROXY`, `http_proxy` and `NO_PROXY` for
/// every connection, so an `http_proxy` would receive the token meant for a loopback endpoint.
package enum ProxyExemption {
    /// This machine, and the address of the instance metadata service (FACTS section 9).
    package static let local = ["localhost", "127.0.0.1", "::1", "169.254.169.254"]

    /// Adds the hosts to `no_proxy` of this process when a proxy is set.
    ///
    /// Call it at start-up: the environment must not change while another thread reads it.
    package static func install(for hosts: [String] = local) {
        guard let value = value(exempting: hosts, environment: ProcessInfo.processInfo.environment) else {
            return
        }
        unsafe setenv("no_proxy", value, 1)
    }

    /// The `no_proxy` to set, or nil when nothing has to change.
    package static func value(exempting hosts: [String], environment: [String: String]) -> String? {
        let variables = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        guard variables.contains(where: { environment[$0]?.isEmpty == false }) else { return nil }
        // libcurl looks at the lower-case name first.
        let current = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
        let listed = current.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        guard !listed.contains("*") else { return nil }
        let missing = hosts.filter { !listed.contains($0) }
        return missing.isEmpty ? nil : (listed + missing).joined(separator: ",")
    }
}
