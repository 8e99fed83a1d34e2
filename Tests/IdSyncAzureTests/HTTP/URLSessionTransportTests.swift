import ARMEmulator
import Foundation
import IdSyncAzure
import Synchronization
import TestSupport
import Testing

/// The real `URLSession` against a real socket.
@Suite(.serialized)
struct URLSessionTransportTests {
    private let transport = URLSessionTransport(parallelism: 8)

    private func failure(_ request: HTTPRequest, using other: URLSessionTransport? = nil) async
        -> TransportError?
    {
        do throws(TransportError) {
            _ = try await (other ?? transport).send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func sendsMethodHeadersAndBodyAndReadsTheAnswer() async throws {
        let server = try TinyServer { _ in
            .answer("201 Created", headers: ["ETag: \"5\"", "x-ms-request-id: r1"], body: #"{"a":1}"#)
        }
        let request = HTTPRequest(
            .patch,
            try server.url("/subscriptions/s?api-version=1"),
            headers: [("If-Match", "\"4\""), ("Content-Type", "application/json")],
            body: Data(#"{"b":2}"#.utf8)
        )
        let response = try await transport.send(request)
        #expect(response.status == 201)
        #expect(response.header("etag") == "\"5\"")
        #expect(response.header("X-MS-Request-ID") == "r1")
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"a":1}"#)
        let sent = try #require(server.requests.first)
        #expect(sent.hasPrefix("PATCH /subscriptions/s?api-version=1 HTTP/1.1\r\n"))
        #expect(sent.contains("If-Match: \"4\""))
        #expect(sent.hasSuffix(#"{"b":2}"#))
        #expect(!sent.lowercased().contains("cookie"))
    }

    @Test(arguments: [
        "301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect",
        "308 Permanent Redirect",
    ])
    func handsBackARedirectWithoutFollowingIt(status: String) async throws {
        let other = try TinyServer { _ in .answer("200 OK", body: "stolen") }
        let target = try other.url("/x", host: "localhost").absoluteString
        let server = try TinyServer { _ in .answer(status, headers: ["Location: \(target)"], body: "go away")
        }
        let request = HTTPRequest(.get, try server.url(), headers: [("Authorization", "Bearer canary")])
        let response = try await transport.send(request)
        #expect("\(response.status)" == status.prefix(3))
        #expect(response.header("location") == target)
        #expect(other.requests.isEmpty, "the token must not reach another host")
    }

    @Test(arguments: [EmulatorReply.Delivery.lost, .raw(Data())])
    func tellsAtOnceWhenAWriteMeetsAConnectionThatDies(delivery: EmulatorReply.Delivery) async throws {
        let arrived = Mutex<[String]>([])
        let server = try LoopbackServer(replying: { request in
            arrived.withLock { $0.append(request.method.rawValue) }
            return EmulatorReply(
                HTTPResponse(status: 200),
                delivery: request.method == .get ? .whole : delivery
            )
        })
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
        // The read leaves an open connection behind, on which the write is tried.
        for _ in 0..<2 {
            #expect(try await transport.send(HTTPRequest(.get, url)).status == 200)
            let write = HTTPRequest(.put, url, body: Data("{}".utf8), timeout: .seconds(30))
            #expect(await failure(write)?.reason == .connectionLost)
        }
        server.stop()
        #expect(arrived.withLock { $0 } == ["GET", "PUT", "GET", "PUT"], "a write is never sent twice")
    }

    /// A new connection makes `URLSession` on Linux spin until the answer comes, so a kept one is used where there is one.
    @Test func aWriteGoesOnTheConnectionThatAReadLeftOpen() async throws {
        let threads = Mutex<[ObjectIdentifier]>([])
        // The server has a thread for each connection.
        let server = try LoopbackServer(replying: { _ in
            threads.withLock { $0.append(ObjectIdentifier(Thread.current)) }
            return EmulatorReply(HTTPResponse(status: 200))
        })
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
        for _ in 0..<3 {
            _ = try await transport.send(HTTPRequest(.get, url))
            _ = try await transport.send(HTTPRequest(.patch, url, body: Data("{}".utf8)))
        }
        server.stop()
        #expect(threads.withLock { $0.count } == 6)
        #expect(threads.withLock { Set($0).count } == 1)
    }

    @Test(arguments: ["Bearer error=\"invalid_token\"", "Basic realm=\"x\"", "Negotiate"])
    func handsBackAnyChallenge(challenge: String) async throws {
        let arrived = Mutex(0)
        let server = try LoopbackServer(replying: { request in
            arrived.withLock { $0 += 1 }
            guard request.method != .get else { return EmulatorReply(HTTPResponse(status: 200)) }
            return EmulatorReply(
                HTTPResponse(
                    status: 401,
                    headers: [("WWW-Authenticate", challenge)],
                    body: Data("no".utf8)
                )
            )
        })
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
        _ = try await transport.send(HTTPRequest(.get, url))
        for method in [HTTPMethod.patch, .delete] {
            let write = HTTPRequest(
                method,
                url,
                headers: [("Authorization", "Bearer x")],
                body: method == .patch ? Data("{}".utf8) : nil
            )
            let response = try await transport.send(write)
            #expect(response.status == 401)
            #expect(response.header("www-authenticate") == challenge)
            #expect(String(decoding: response.body, as: UTF8.self) == "no")
        }
        #expect(try await transport.send(HTTPRequest(.get, url)).status == 200, "the transport still works")
        server.stop()
        #expect(arrived.withLock { $0 } == 4)
    }

    @Test func setsNoCookieAndCachesNothing() async throws {
        let server = try TinyServer { _ in
            .answer("200 OK", headers: ["Set-Cookie: a=b", "Cache-Control: max-age=3600"], body: "{}")
        }
        for _ in 0..<2 { _ = try await transport.send(HTTPRequest(.get, try server.url("/same"))) }
        #expect(server.requests.count == 2)
        #expect(!server.requests.contains { $0.lowercased().contains("cookie:") })
    }

    @Test func handsBackA401WithAChallenge() async throws {
        let server = try TinyServer { _ in
            .answer(
                "401 Unauthorized",
                headers: [
                    "WWW-Authenticate: Bearer authorization_uri=\"https://login.example/t\", error=\"invalid_token\""
                ],
                body: #"{"error":{"code":"ExpiredAuthenticationToken"}}"#
            )
        }
        let response = try await transport.send(HTTPRequest(.get, try server.url()))
        #expect(response.status == 401)
        #expect(response.body.count > 10)
    }

    @Test func handsBackABasicChallengeToo() async throws {
        let server = try TinyServer { _ in
            .answer(
                "401 Unauthorized",
                headers: ["WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/a.key"]
            )
        }
        let response = try await transport.send(HTTPRequest(.get, try server.url()))
        #expect(response.status == 401)
        #expect(response.header("www-authenticate") == "Basic realm=/var/opt/azcmagent/tokens/a.key")
    }

    @Test func anEmptyBodyIsAnAnswer() async throws {
        let server = try TinyServer { _ in .bytes("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n") }
        let response = try await transport.send(HTTPRequest(.delete, try server.url()))
        #expect(response.status == 204)
        #expect(response.body.isEmpty)
    }

    @Test func bytesOfAnyKindAreHandedBackAsTheyAre() async throws {
        let server = try TinyServer { _ in .answer("200 OK", body: "<html>sign in</html>") }
        let response = try await transport.send(HTTPRequest(.get, try server.url()))
        #expect(String(decoding: response.body, as: UTF8.self) == "<html>sign in</html>")
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reaction: TinyServer.Reaction
        let reasons: [TransportError.Reason]
    }

    @Test(arguments: [
        Broken(
            testDescription: "half a body",
            reaction: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"value\":["),
            reasons: [.connectionLost, .other]
        ),
        Broken(
            testDescription: "half a chunked body",
            reaction: .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"value\":["),
            reasons: [.connectionLost, .other]
        ),
        Broken(testDescription: "nothing at all", reaction: .bytes(""), reasons: [.connectionLost, .other]),
        Broken(
            testDescription: "reset in the body",
            reaction: .bytesThenReset("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
            reasons: [.connectionLost, .other]
        ),
        Broken(
            testDescription: "reset at once",
            reaction: .bytesThenReset(""),
            reasons: [.connectionLost, .other]
        ),
        Broken(
            testDescription: "no HTTP",
            reaction: .bytes("SSH-2.0-OpenSSH\r\n"),
            reasons: [.connectionLost, .other]
        ),
        Broken(
            testDescription: "half a head",
            reaction: .bytes("HTTP/1.1 200 O"),
            reasons: [.connectionLost, .other]
        ),
    ])
    func aBrokenAnswerIsAnErrorAndNeverHalfABody(broken: Broken) async throws {
        let server = try TinyServer { _ in broken.reaction }
        let error = try #require(await failure(HTTPRequest(.get, try server.url("/p?sig=secret"))))
        #expect(broken.reasons.contains(error.reason), "\(error)")
        #expect(!error.message.contains("secret"))
        #expect(!error.message.isEmpty)
    }

    @Test func timesOutOnASilentServer() async throws {
        let server = try TinyServer { _ in .bytesThenHang("", seconds: 60) }
        let started = ContinuousClock.now
        let error = await failure(HTTPRequest(.get, try server.url(), timeout: .milliseconds(300)))
        #expect(error == TransportError(.timedOut, "no whole answer within 0.3 s"))
        #expect(ContinuousClock.now - started >= .milliseconds(300))
    }

    @Test func timesOutOnADrippingServer() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
        let server = try TinyServer { _ in .drip(head + String(repeating: "x", count: 5000), seconds: 0.02) }
        let error = await failure(HTTPRequest(.get, try server.url(), timeout: .milliseconds(500)))
        #expect(error == TransportError(.timedOut, "no whole answer within 0.5 s"))
    }

    @Test func refusesAnAnswerThatIsTooLong() async throws {
        let server = try TinyServer { _ in .answer("200 OK", body: String(repeating: "x", count: 200_000)) }
        let small = URLSessionTransport(bodyLimit: 100_000)
        let error = try #require(await failure(HTTPRequest(.get, try server.url()), using: small))
        #expect(error == TransportError(.other, "the answer is longer than 100000 bytes"))
    }

    @Test func saysWhenNobodyListens() async throws {
        let server = try TinyServer { _ in .answer("200 OK") }
        let url = try server.url()
        server.stop()
        #expect(await failure(HTTPRequest(.get, url))?.reason == .connectionRefused)
    }

    /// A label of more than 63 letters fails in the resolver itself: no query leaves this machine.
    @Test func saysWhenTheHostIsUnknown() async throws {
        let url = try #require(URL(string: "http://\(String(repeating: "a", count: 70)).invalid/"))
        #expect(await failure(HTTPRequest(.get, url))?.reason == .hostNotFound)
    }

    #if os(Linux)
        @Test func saysWhatToDoAboutAnIPv6Literal() async throws {
            let url = try #require(URL(string: "http://[::1]:1/"))
            let error = try #require(await failure(HTTPRequest(.get, url)))
            #expect(error.message.hasSuffix("write localhost instead of [::1]"), "\(error)")
        }
    #endif

    @Test func saysWhenTLSFails() async throws {
        let server = try TinyServer(readsRequest: false) { _ in .bytes("this is no TLS\r\n") }
        let url = try #require(URL(string: "https://127.0.0.1:\(server.port)/?sig=secret"))
        let error = try #require(await failure(HTTPRequest(.get, url)))
        #expect(error.reason == .tls, "\(error)")
        #expect(!error.message.contains("secret"))
    }

    @Test func isWithdrawnWhenItsTaskWasCancelledBefore() async throws {
        let server = try TinyServer { _ in .answer("200 OK") }
        let request = HTTPRequest(.get, try server.url())
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure(request)
        }
        task.cancel()
        #expect(await task.value?.reason == .withdrawn)
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "half"])
    func isCancelledWithItsTask(answered: String) async throws {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\""
        let server = try TinyServer { _ in .bytesThenHang(answered == "half" ? half : answered, seconds: 60) }
        let request = HTTPRequest(.get, try server.url())
        let task = Task { await failure(request) }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(await task.value?.reason == .cancelled)
    }

    /// Cancellation meets the exchange wherever it happens to be: every outcome is right but a crash or a hang.
    @Test func survivesCancellationAtAnyMoment() async throws {
        let server = try TinyServer { _ in .answer("200 OK", body: String(repeating: "y", count: 20_000)) }
        let request = HTTPRequest(.get, try server.url())
        await withTaskGroup(of: TransportError.Reason?.self) { group in
            for yields in 0..<150 {
                group.addTask {
                    let task = Task { await failure(request) }
                    for _ in 0..<yields * 4 { await Task.yield() }
                    task.cancel()
                    return await task.value?.reason
                }
            }
            for await reason in group { #expect([nil, .withdrawn, .cancelled].contains(reason)) }
        }
    }

    @Test func sendsInParallel() async throws {
        let arrived = Mutex(0)
        let server = try TinyServer { _ in
            arrived.withLock { $0 += 1 }
            // Answers only when all are here: with fewer connections this would time out.
            let end = Date().addingTimeInterval(60)
            while arrived.withLock({ $0 }) < 12, Date() < end { Thread.sleep(forTimeInterval: 0.002) }
            return .answer("200 OK", body: arrived.withLock { $0 } < 12 ? "alone" : "together")
        }
        let wide = URLSessionTransport(parallelism: 12)
        let request = HTTPRequest(.get, try server.url())
        let bodies = await withTaskGroup(of: String.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    (try? await wide.send(request)).map { String(decoding: $0.body, as: UTF8.self) }
                        ?? "failed"
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(bodies == Array(repeating: "together", count: 12))
    }
}
