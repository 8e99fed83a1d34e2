import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite struct LoopbackServerTests {
    /// Answers with method, path and the length of the body.
    private static let echo: @Sendable (HTTPRequest) -> HTTPResponse = { request in
        let text =
            "\(request.method.rawValue) \(request.url.path(percentEncoded: true)) \(request.body?.count ?? 0)"
        return HTTPResponse(status: 200, headers: [("content-type", "text/plain")], body: Data(text.utf8))
    }

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" }

    @Test func `a connection serves one request after the other`() throws {
        let server = try LoopbackServer(handler: Self.echo)
        let client = try RawClient(port: server.port)
        for index in 0..<3 {
            client.send(get("/\(index)"))
            #expect(try client.answer() == ("200", "GET /\(index) 0"))
        }
        server.stop()
        #expect(client.rest() == "")
    }

    @Test func `requests that come at once are answered in order`() throws {
        let server = try LoopbackServer(handler: Self.echo)
        let client = try RawClient(port: server.port)
        client.send((0..<20).map { get("/\($0)") }.joined())
        for index in 0..<20 { #expect(try client.answer().body == "GET /\(index) 0") }
        server.stop()
    }

    @Test func `a request may come in single bytes`() throws {
        let server = try LoopbackServer(handler: Self.echo)
        let client = try RawClient(port: server.port)
        for byte in "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab".utf8 { client.send([byte]) }
        #expect(try client.answer().body == "PUT /x 2")
        server.stop()
    }

    @Test(arguments: ["garbage\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"])
    func `bad input gets 400 and the connection closes`(_ text: String) throws {
        let server = try LoopbackServer(handler: Self.echo)
        let client = try RawClient(port: server.port)
        client.send(text)
        let answer = try #require(client.rest())
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains("connection: close"))
        let next = try RawClient(port: server.port)
        next.send(get("/"))
        #expect(try next.answer().status == "200")
        server.stop()
    }

    @Test func `a client that asks to go on with its body is told to`() throws {
        let server = try LoopbackServer(handler: Self.echo)
        let client = try RawClient(port: server.port)
        client.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.answer().status == "100")
        client.send("ab")
        #expect(try client.answer() == ("200", "PUT /x 2"))
        server.stop()
    }

    @Test func `bodies of megabytes go both ways`() throws {
        let big = Data(repeating: 0x61, count: 5 * 1024 * 1024)
        let server = try LoopbackServer { request in HTTPResponse(status: 200, body: request.body ?? Data()) }
        let client = try RawClient(port: server.port)
        client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: \(big.count)\r\nConnection: close\r\n\r\n")
        client.send(Array(big))
        let answer = try #require(client.rest())
        #expect(answer.utf8.count > big.count)
        #expect(answer.hasSuffix(String(repeating: "a", count: 100)))
        server.stop()
    }

    @Test func `the connection breaks as the reply says`() throws {
        let server = try LoopbackServer(replying: { request in
            let answer = HTTPResponse(status: 200, body: Data("0123456789".utf8))
            switch request.url.path() {
            case "/lost": return EmulatorReply(answer, delivery: .lost)
            case "/cut": return EmulatorReply(answer, delivery: .cut(after: 4))
            case "/raw": return EmulatorReply(answer, delivery: .raw(Data("no HTTP".utf8)))
            default: return EmulatorReply(answer)
            }
        })
        func fetch(_ path: String) throws -> String? {
            let client = try RawClient(port: server.port)
            client.send(get(path))
            return client.rest()
        }
        #expect(try fetch("/lost") == nil)
        #expect(try fetch("/cut") == "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123")
        #expect(try fetch("/raw") == "no HTTP")
        server.stop()
    }

    @Test func `stop ends a slow answer and an idle connection, and frees the port`() throws {
        let arrived = DispatchSemaphore(value: 0)
        let server = try LoopbackServer(replying: { _ in
            arrived.signal()
            return EmulatorReply(HTTPResponse(status: 200), delay: .seconds(600))
        })
        let idle = try RawClient(port: server.port)
        let slow = try RawClient(port: server.port)
        slow.send(get("/"))
        arrived.wait()
        let start = ContinuousClock.now
        server.stop()
        server.stop()
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(slow.rest() == "")
        #expect(idle.rest() == "")
        #expect(throws: POSIXError.self) { try RawClient(port: server.port) }
        let again = try LoopbackServer(port: server.port, handler: Self.echo)
        #expect(again.port == server.port)
        again.stop()
    }

    @Test func `a port that is taken, or is none, is an error`() throws {
        let server = try LoopbackServer(handler: Self.echo)
        let taken = #expect(throws: LoopbackError.self) {
            try LoopbackServer(port: server.port, handler: Self.echo)
        }
        #expect(try #require(taken?.description).hasPrefix("bind to 127.0.0.1:\(server.port): "))
        let none = #expect(throws: LoopbackError.self) {
            try LoopbackServer(port: 70_000, handler: Self.echo)
        }
        #expect(none?.description == "70000 is not a port")
        server.stop()
    }

    @Test func `a client that leaves early does no harm`() throws {
        let big = Data(repeating: 0x61, count: 8 * 1024 * 1024)
        let server = try LoopbackServer { _ in HTTPResponse(status: 200, body: big) }
        for _ in 0..<20 {
            let client = try RawClient(port: server.port)
            client.send(get("/"))
        }
        let last = try RawClient(port: server.port)
        last.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        #expect(last.rest()?.utf8.count ?? 0 > big.count)
        server.stop()
    }

    @Test func `the emulator behind it serves many at once over URLSession`() async throws {
        let rig = try Rig()
        let server = try LoopbackServer(replying: { rig.router.reply(to: $0) })
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 16
        configuration.urlCache = nil
        let session = URLSession(configuration: configuration)
        let base = "http://127.0.0.1:\(server.port)"
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for index in 0..<200 {
                group.addTask {
                    guard let url = URL(string: "\(base)\(Rig.id("B\(index)x"))?api-version=2023-01-31")
                    else { return nil }
                    var request = URLRequest(url: url)
                    request.httpMethod = "PUT"
                    request.httpBody = Data("{\"location\":\"westus\"}".utf8)
                    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
                    request.setValue("Bearer t", forHTTPHeaderField: "Authorization")
                    let answer = try? await session.data(for: request)
                    return (answer?.1 as? HTTPURLResponse)?.statusCode
                }
            }
            return await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 201, count: 200))
        #expect(rig.state.identities.count == 203)
        // Absolute URLs in answers lead back to the server that the caller used.
        var request = URLRequest(url: try #require(URL(string: "\(base)\(Rig.vm)?api-version=2024-07-01")))
        request.httpMethod = "PATCH"
        request.httpBody = Data("{\"identity\":{\"type\":\"SystemAssigned\"}}".utf8)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("Bearer t", forHTTPHeaderField: "Authorization")
        let (_, answer) = try await session.data(for: request)
        let http = try #require(answer as? HTTPURLResponse)
        #expect(http.value(forHTTPHeaderField: "Azure-AsyncOperation")?.hasPrefix(base) == true)
        session.invalidateAndCancel()
        server.stop()
    }
}
