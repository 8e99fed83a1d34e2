import Foundation
import IdSyncAzure

/// Finds HTTP/1.1 requests in a stream of bytes; pure, so that every kind of bad input can be tried without a socket.
struct HTTPMessageParser: Sendable {
    /// What the bytes so far amount to.
    enum Outcome: Sendable {
        /// Not a whole request yet; a client that waits for `100 Continue` has to get it.
        case incomplete(wantsContinue: Bool)
        /// A request, how many bytes it took, and whether the connection stays open after it.
        case request(HTTPRequest, length: Int, keepAlive: Bool)
        /// Not a request; the answer is this status, then the connection closes.
        case bad(status: Int, reason: String)
    }

    /// The longest head; an operation URL alone has 3,450 characters (FACTS section 5).
    static let maxHead = 64 * 1024
    /// The longest body.
    static let maxBody = 16 * 1024 * 1024

    /// Looks at the start of a buffer.
    static func parse(_ bytes: [UInt8]) -> Outcome {
        // Robust servers skip empty lines before a request line (RFC 9112 section 2.2).
        let start = bytes.firstIndex { $0 != 0x0D && $0 != 0x0A } ?? bytes.endIndex
        guard let end = headEnd(bytes, from: start) else {
            return bytes.count - start > maxHead
                ? .bad(status: 431, reason: "the head is too long") : .incomplete(wantsContinue: false)
        }
        guard end - start <= maxHead else { return .bad(status: 431, reason: "the head is too long") }
        do throws(BadRequest) {
            let head = try Head(bytes[start..<end])
            let bodyStart = end + 4
            guard bytes.count >= bodyStart + head.length else {
                return .incomplete(wantsContinue: head.wantsContinue && bytes.count == bodyStart)
            }
            let body = head.length == 0 ? nil : Data(bytes[bodyStart..<bodyStart + head.length])
            let request = HTTPRequest(head.method, head.url, headers: head.headers, body: body)
            return .request(request, length: bodyStart + head.length, keepAlive: head.keepAlive)
        } catch {
            return .bad(status: error.status, reason: error.reason)
        }
    }

    private static func headEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 3 < bytes.count {
            if bytes[index + 3] == 0x0A, bytes[index + 2] == 0x0D, bytes[index + 1] == 0x0A,
                bytes[index] == 0x0D
            {
                return index
            }
            index += 1
        }
        return nil
    }
}

/// Why bytes are not a request that the server takes.
private struct BadRequest: Error {
    let status: Int
    let reason: String

    init(_ reason: String, status: Int = 400) {
        self.reason = reason
        self.status = status
    }
}

/// The head of a request.
private struct Head {
    let method: HTTPMethod
    let url: URL
    let headers: [(name: String, value: String)]
    let length: Int
    let keepAlive: Bool
    let wantsContinue: Bool

    init(_ bytes: ArraySlice<UInt8>) throws(BadRequest) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BadRequest("the head is not text")
        }
        if text.utf8.contains(0) { throw BadRequest("the head has a NUL") }
        // Split by unicode scalars: as a `Character`, CR and LF are one.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            String($0.last == "\r" ? $0.dropLast() : $0)
        }
        let parts = lines[0].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0" else {
            throw BadRequest("the request line is malformed")
        }
        headers = try Self.fields(lines.dropFirst())
        guard let known = HTTPMethod(rawValue: parts[0]) else {
            throw BadRequest("the method is not supported", status: 405)
        }
        method = known
        url = try Self.url(parts[1], host: Self.value("host", headers), isOld: parts[2] == "HTTP/1.0")
        if Self.value("transfer-encoding", headers) != nil {
            throw BadRequest("transfer codings are not supported", status: 501)
        }
        length = try Self.length(headers)
        let connection = Self.value("connection", headers)?.lowercased()
        keepAlive = parts[2] == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
        wantsContinue = Self.value("expect", headers)?.lowercased() == "100-continue"
    }

    private static func value(_ name: String, _ headers: [(name: String, value: String)]) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    private static func fields(_ lines: ArraySlice<String>) throws(BadRequest) -> [(
        name: String, value: String
    )] {
        var fields: [(name: String, value: String)] = []
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
                !line[..<colon].contains(where: { $0 == " " || $0 == "\t" })
            else { throw BadRequest("a header field is malformed") }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append((String(line[..<colon]), String(value)))
        }
        return fields
    }

    private static func url(_ target: String, host: String?, isOld: Bool) throws(BadRequest) -> URL {
        if target.hasPrefix("http://"), let url = URL(string: target) { return url }
        guard target.hasPrefix("/") else { throw BadRequest("the request target is malformed") }
        guard let host = host ?? (isOld ? "127.0.0.1" : nil), !host.isEmpty else {
            throw BadRequest("the Host field is missing")
        }
        guard let url = URL(string: "http://\(host)\(target)"), url.host() != nil else {
            throw BadRequest("the request target is malformed")
        }
        return url
    }

    private static func length(_ headers: [(name: String, value: String)]) throws(BadRequest) -> Int {
        let given = Set(headers.filter { $0.name.lowercased() == "content-length" }.map(\.value))
        guard let text = given.first else { return 0 }
        guard given.count == 1, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw BadRequest("the content length is malformed")
        }
        guard let length = Int(text), length <= HTTPMessageParser.maxBody else {
            throw BadRequest("the body is too long", status: 413)
        }
        return length
    }
}

extension HTTPResponse {
    /// The answer as bytes of HTTP/1.1, head and body in one piece so that one send carries it.
    func serialized(keepAlive: Bool) -> (bytes: [UInt8], headLength: Int) {
        let reason = ReasonPhrase.text(status)
        var head = "HTTP/1.1 \(status) \(reason)\r\n"
        let managed: Set = ["content-length", "connection", "transfer-encoding"]
        for (name, value) in headers where !managed.contains(name.lowercased()) {
            // A line break in a value would end the field; nothing the emulator sends has one, faults might.
            head += "\(name): \(value.filter { !$0.isNewline })\r\n"
        }
        if status != 204, status != 304, status >= 200 { head += "content-length: \(body.count)\r\n" }
        head += keepAlive ? "\r\n" : "connection: close\r\n\r\n"
        let headBytes = Array(head.utf8)
        return (headBytes + (status == 204 || status == 304 ? [] : Array(body)), headBytes.count)
    }
}

/// Reason phrases, for people who read the wire.
private enum ReasonPhrase {
    private static let known = [
        100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
        307: "Temporary Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed",
        409: "Conflict", 412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]

    static func text(_ status: Int) -> String { known[status] ?? "Status" }
}
