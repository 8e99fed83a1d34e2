import Foundation
import IdSyncAzure
import IdSyncCore

extension FaultAction {
    /// The reply of an action that answers the request itself; nil for `reset`, which the router carries out.
    ///
    /// The target is the machine that the request writes to, for errors that name it.
    func reply(to request: HTTPRequest, target: ResourceID?) -> EmulatorReply? {
        switch self {
        case .answer(let answer): EmulatorReply(answer.response)
        case .precondition:
            EmulatorReply(
                ARMFailure.stale(given: request.header("If-Match") ?? "\"0\"", actual: "\"999\"").response
            )
        case .garbage:
            EmulatorReply(
                HTTPResponse(
                    status: 200,
                    headers: [("content-type", "application/json; charset=utf-8")],
                    body: Data("{\"value\": [\u{1}}garbage".utf8)
                )
            )
        case .garbageBytes:
            EmulatorReply(
                HTTPResponse(status: 200),
                delivery: .raw(Data([0x16, 0x03, 0x01, 0x00, 0xFF, 0x0D, 0x0A, 0x0D, 0x0A]))
            )
        case .html(let status):
            EmulatorReply(
                HTTPResponse(
                    status: status,
                    headers: [("content-type", "text/html")],
                    body: Data("<html><head><title>\(status)</title></head><body>gateway</body></html>".utf8)
                )
            )
        case .identityError(let identities, let status):
            EmulatorReply(
                Self.refusal(of: identities, status: status, request: request, target: target).response
            )
        case .redirect(let url): EmulatorReply(HTTPResponse(status: 307, headers: [("location", url)]))
        case .reset, .truncate, .longRunning, .otherWriter, .notFoundFor, .foreignNextLink, .foreignOperation:
            nil
        }
    }

    private static func refusal(
        of identities: [String],
        status: Int,
        request: HTTPRequest,
        target: ResourceID?
    )
        -> ARMFailure
    {
        let body = Folding.fold(String(decoding: request.body ?? Data(), as: UTF8.self))
        let named = identities.filter { FaultRule.assigns($0, in: body) }
        let nowhere = ResourceID(
            subscription: "unknown",
            resourceGroup: "unknown",
            kind: .virtualMachine,
            name: "unknown"
        )
        let machine = target ?? nowhere
        return status == 403
            ? .linkedAuthorization(machine, named) : .identityMissing(machine, named.first ?? "")
    }
}

extension FaultAnswer {
    /// The answer, with the error envelope unless there is a body of its own.
    fileprivate var response: HTTPResponse {
        var response: HTTPResponse
        switch body {
        case nil:
            var failure = ARMFailure(status, code, message)
            failure.retryAfter = retryAfter
            response = failure.response
        case .string(let text):
            response = HTTPResponse(
                status: status,
                headers: [("content-type", "text/plain")],
                body: Data(text.utf8)
            )
        case .some(let json):
            response = HTTPResponse(status: status, json: json)
        }
        if body != nil, let retryAfter { response.headers.append(("retry-after", "\(retryAfter)")) }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            response.headers.removeAll { $0.name.lowercased() == name.lowercased() }
            response.headers.append((name, value))
        }
        return response
    }
}
