import Foundation
import IdSyncAzure
import Testing

struct ARMEndpointTests {
    @Test(arguments: [
        ("https://management.azure.com", "https://management.azure.com", 443),
        ("https://management.azure.com/", "https://management.azure.com", 443),
        ("HTTPS://Management.Azure.COM:443//", "https://management.azure.com", 443),
        ("https://arm.local:8443", "https://arm.local:8443", 8443),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", 8080),
        ("http://127.1.2.3", "http://127.1.2.3", 80),
        ("http://localhost:80", "http://localhost", 80),
        ("http://[::1]:9000/", "http://[::1]:9000", 9000),
    ])
    func accepts(text: String, base: String, port: Int) throws {
        let endpoint = try ARMEndpoint(parsing: text)
        #expect(endpoint.description == base)
        #expect(endpoint.port == port)
        #expect(endpoint.isLoopback == base.hasPrefix("http:"))
    }

    @Test(arguments: [
        ("http://management.azure.com", "http:// is allowed only"),
        ("http://127.0.0.1.evil.example", "http:// is allowed only"),
        ("http://localhost.evil.example", "http:// is allowed only"),
        ("http://127.0.0.256", "http:// is allowed only"),
        ("http://127.1", "http:// is allowed only"), ("http://0.0.0.0", "http:// is allowed only"),
        ("http://[::2]", "http:// is allowed only"), ("ftp://localhost", "must begin with https://"),
        ("https://user:pw@management.azure.com", "user name or password"),
        ("https://user@management.azure.com", "user name"),
        ("https://management.azure.com?x=1", "'?' or '#'"), ("https://management.azure.com#x", "'?' or '#'"),
        ("https://management.azure.com/base", "a path"), ("management.azure.com", "not a URL"),
        ("", "not a URL"),
        ("https://", "not a URL"), ("https:management.azure.com", "not a URL"), ("https://a b", "not a URL"),
        ("https://h:0", "port"), ("https://h:70000", "port"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: ARMEndpointError.self) { try ARMEndpoint(parsing: text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("pw") != true)
    }

    @Test(arguments: [
        ("https://management.azure.com/x?a=b", true), ("https://management.azure.com:443/x", true),
        ("HTTPS://MANAGEMENT.azure.com/x", true), ("https://management.azure.com:444/x", false),
        ("http://management.azure.com/x", false), ("http://management.azure.com:443/x", false),
        ("https://management.azure.com.evil.example/x", false),
        ("https://evil.example/management.azure.com", false),
        ("https://management.azure.com@evil.example/x", false), ("https://u:p@management.azure.com/x", false),
        ("https://management.azure.com./x", false), ("https://sub.management.azure.com/x", false),
        ("ftp://management.azure.com/x", false), ("/relative", false),
        ("mailto:x@management.azure.com", false),
    ])
    func pinsTheHost(text: String, isAccepted: Bool) throws {
        let endpoint = try ARMEndpoint(parsing: "https://management.azure.com")
        #expect(endpoint.accepts(try #require(URL(string: text))) == isAccepted)
    }

    @Test(arguments: [
        (
            "/subscriptions/s?api-version=1", "https://management.azure.com/subscriptions/s?api-version=1",
            true
        ),
        ("https://management.azure.com:443/a", "https://management.azure.com:443/a", true),
        ("//evil.example/a", "https://evil.example/a", false),
    ])
    func resolvesLinks(link: String, url: String, isAccepted: Bool) throws {
        let endpoint = try ARMEndpoint(parsing: "https://management.azure.com")
        let resolved = try #require(endpoint.resolve(link))
        #expect(resolved.absoluteString == url)
        #expect(endpoint.accepts(resolved) == isAccepted)
    }

    /// Signed operation URLs of 3,450 characters are used byte for byte (FACTS section 5).
    @Test func keepsASignedURLUnchanged() throws {
        let endpoint = try ARMEndpoint(parsing: "https://management.azure.com")
        let signed =
            "https://management.azure.com/subscriptions/s/operations/o?p=a-b&t=6390&c="
            + String(repeating: "MIIH%2Bx_-", count: 300) + "&s=" + String(repeating: "a~b.", count: 90)
            + "&h=%3D"
        #expect(endpoint.resolve(signed)?.absoluteString == signed)
        #expect(endpoint.resolve("") == nil)
    }

    @Test(arguments: [
        ("/x?$skiptoken=a%2Bb|c", "/x?$skiptoken=a%2Bb%7Cc"), ("/x?a=100%&b=%zz", "/x?a=100%25&b=%25zz"),
        ("/x?a=b c", "/x?a=b%20c"), ("/x?a=[1]", "/x?a=%5B1%5D"), ("/x?a=ü{}", "/x?a=%C3%BC%7B%7D"),
        ("/x?a=%c3%bc\"", "/x?a=%c3%bc%22"), ("/x?a=b%", "/x?a=b%25"),
    ])
    func encodesOnlyWhatIsForbidden(link: String, expected: String) throws {
        let endpoint = try ARMEndpoint(parsing: "https://h")
        #expect(endpoint.resolve(link)?.absoluteString == "https://h" + expected)
        let local = try ARMEndpoint(parsing: "http://[::1]:8080")
        let url = try #require(local.resolve("http://[::1]:8080" + link))
        #expect(local.accepts(url) && url.absoluteString == "http://[::1]:8080" + expected)
    }

    @Test(arguments: [
        ("/subscriptions/1/resourceGroups/rg.(x)_y-z", "/subscriptions/1/resourceGroups/rg.(x)_y-z"),
        ("/a/Größe", "/a/Gr%C3%B6%C3%9Fe"), ("/a/日本", "/a/%E6%97%A5%E6%9C%AC"), ("/a/x?y#z", "/a/x%3Fy%23z"),
        ("/a/50%", "/a/50%25"), ("/a/b c", "/a/b%20c"), ("/a/../b", "/a/%2E%2E/b"), ("a/b", "/a/b"),
        ("/a/[b]|\\", "/a/%5Bb%5D%7C%5C"),
    ])
    func encodesPaths(path: String, encoded: String) throws {
        #expect(ARMPath.encoded(path) == encoded)
        let endpoint = try ARMEndpoint(parsing: "https://h")
        let url = try #require(ARMPath.url(endpoint: endpoint, path: path, apiVersion: "2024-07-01"))
        #expect(url.absoluteString == "https://h\(encoded)?api-version=2024-07-01")
    }

    @Test func encodesQueries() throws {
        let url = ARMPath.url(
            endpoint: try ARMEndpoint(parsing: "https://h"),
            path: "/p",
            apiVersion: "1",
            query: [("$filter", "principalId eq 'a+b&c'"), ("$top", "10")]
        )
        #expect(
            url?.absoluteString
                == "https://h/p?api-version=1&$filter=principalId%20eq%20%27a%2Bb%26c%27&$top=10"
        )
    }
}
