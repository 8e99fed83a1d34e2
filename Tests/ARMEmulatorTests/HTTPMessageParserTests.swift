@testable import ARMEmulator
import Foundation
import IdSyncAzure
import Testing

/// One row: bytes that are not a request, and the status of the answer.
struct BadMessageCase: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    var status = 400
    var testDescription: String { String(decoding: bytes.prefix(60), as: UTF8.self).debugDescription }

    init(_ text: String, status: Int = 400) {
        bytes = Array(text.utf8)
        self.status = status
    }

    init(bytes: [UInt8]) { self.bytes = bytes }
}

@Suite struct HTTPMessageParserTests {
    static let bad: [BadMessageCase] = [
        BadMessageCase("garbage\r\n\r\n"),
        BadMessageCase("GET /\r\n\r\n"),
        BadMessageCase("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"),
        BadMessageCase("GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
        BadMessageCase("GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n"),
        BadMessageCase("GET / HTTP/1.1\r\n\r\n"),
        BadMessageCase("GET / HTTP/1.1\r\nHost: \r\n\r\n"),
        BadMessageCase("GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"),
        BadMessageCase("GET / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n"),
        BadMessageCase("GET / HTTP/1.1\r\nHost : h\r\n\r\n"),
        BadMessageCase("GET / HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n"),
        BadMessageCase("GET / HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n"),
        BadMessageCase("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"),
        BadMessageCase("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"),
        BadMessageCase("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\n"),
        BadMessageCase("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        BadMessageCase(
            "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
            status: 413
        ),
        BadMessageCase("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 16777217\r\n\r\n", status: 413),
        BadMessageCase("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", status: 501),
        BadMessageCase("BREW / HTTP/1.1\r\nHost: h\r\n\r\n", status: 405),
        BadMessageCase("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 70_000), status: 431),
        BadMessageCase(bytes: [0xFF, 0xFE, 0x0D, 0x0A, 0x0D, 0x0A]),
        BadMessageCase(bytes: [0x16, 0x03, 0x01, 0x00, 0x05, 0x0D, 0x0A, 0x0D, 0x0A]),
    ]

    @Test(arguments: bad)
    func `bad bytes are refused with a status`(_ row: BadMessageCase) {
        guard case .bad(let status, let reason) = HTTPMessageParser.parse(row.bytes) else {
            Issue.record("expected a refusal")
            return
        }
        #expect(status == row.status)
        #expect(!reason.isEmpty)
    }

    @Test func `a request is found whole, and what follows it is left`() throws {
        let text =
            "\r\nPATCH /a%20b?c=$d&e=%24f HTTP/1.1\r\nhost: 127.0.0.1:80\r\nX-A:  b \r\ncontent-length: 3\r\n\r\nxyzGET"
        guard
            case .request(let request, let length, let keepAlive) = HTTPMessageParser.parse(Array(text.utf8))
        else {
            Issue.record("expected a request")
            return
        }
        #expect(request.method == .patch)
        #expect(request.url.absoluteString == "http://127.0.0.1:80/a%20b?c=$d&e=%24f")
        #expect(request.header("x-a") == "b ")
        #expect(request.body == Data("xyz".utf8))
        #expect(length == text.utf8.count - 3)
        #expect(keepAlive)
    }

    @Test func `every prefix of a request is incomplete`() {
        let text = Array(
            "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab".utf8
        )
        for count in 0..<text.count {
            guard case .incomplete(let wantsContinue) = HTTPMessageParser.parse(Array(text.prefix(count)))
            else {
                Issue.record("a request after \(count) bytes")
                return
            }
            #expect(wantsContinue == (count == text.count - 2), "after \(count) bytes")
        }
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
    ])
    func `the connection stays as the client says`(_ version: String, _ field: String, _ stays: Bool) {
        let text = "GET / \(version)\r\nHost: h\r\n\(field)\r\n"
        guard case .request(_, _, let keepAlive) = HTTPMessageParser.parse(Array(text.utf8)) else {
            Issue.record("expected a request")
            return
        }
        #expect(keepAlive == stays)
    }

    @Test func `random bytes never trap`() {
        var state: UInt64 = 42
        for _ in 0..<2_000 {
            var bytes: [UInt8] = Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let position = Int(state >> 33) % bytes.count
                bytes[position] = UInt8(truncatingIfNeeded: state >> 24)
            }
            switch HTTPMessageParser.parse(bytes) {
            case .request(_, let length, _): #expect(length <= bytes.count)
            case .bad(let status, _): #expect((400...599).contains(status))
            case .incomplete: break
            }
        }
    }

    @Test func `an answer is one piece with its length`() {
        let answer = HTTPResponse(status: 200, headers: [("a", "b\r\nc: d")], body: Data("xy".utf8))
        let text = String(decoding: answer.serialized(keepAlive: true).bytes, as: UTF8.self)
        #expect(text == "HTTP/1.1 200 OK\r\na: bc: d\r\ncontent-length: 2\r\n\r\nxy")
        let empty = HTTPResponse(status: 204).serialized(keepAlive: false)
        #expect(
            String(decoding: empty.bytes, as: UTF8.self)
                == "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"
        )
    }
}
