import IdSyncCore
import Testing

struct HostAddressTests {
    @Test(arguments: [
        "localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "::1", "[::1]",
    ])
    func isThisMachine(host: String) {
        #expect(HostAddress.isLoopback(host))
    }

    @Test(arguments: [
        "", "localhost.", "localhost.example.com", "127.0.0.1.example.com", "127.0.0", "127.0.0.256",
        "0127.0.0.1", "127.0.0.01", "127.0.0.+1", "127.1", "2130706433", "0x7f.0.0.1", "128.0.0.1", "0.0.0.0",
        "::", "::2", "[::1", "١٢٧.0.0.1",
    ])
    func isAnotherMachine(host: String) {
        #expect(!HostAddress.isLoopback(host))
    }

    @Test func readsFourPlainNumbers() {
        #expect(HostAddress.octets("169.254.169.254") == [169, 254, 169, 254])
        #expect(HostAddress.octets("0.0.0.0") == [0, 0, 0, 0])
        #expect(HostAddress.octets("1.2.3.4.5") == nil)
    }
}
