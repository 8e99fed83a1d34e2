/// What a host name says by itself, with no look-up: the one rule for which hosts are this machine.
package enum HostAddress {
    /// Whether a host is this machine: `localhost`, 127.0.0.0/8 or `::1`, which may stand in brackets.
    package static func isLoopback(_ host: String) -> Bool {
        switch Folding.fold(host) {
        case "localhost", "::1", "[::1]": true
        default: octets(host)?.first == 127
        }
    }

    /// The four numbers of an IPv4 address, or nil for anything else.
    ///
    /// `UInt8` also reads a sign and leading zeros, and "0177" is octal to some resolvers: only plain digits count.
    package static func octets(_ host: String) -> [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let octets = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part == "0" || !part.hasPrefix("0"))
                ? UInt8(part) : nil
        }
        return octets.count == 4 ? octets : nil
    }
}
