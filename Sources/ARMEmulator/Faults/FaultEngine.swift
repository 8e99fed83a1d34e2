import Foundation
import IdSyncAzure
import IdSyncCore

/// The fault rules with their counters.
struct FaultEngine: Sendable {
    /// What the rules that strike a request do to it.
    struct Strike: Sendable {
        var delay = Duration.zero
        var writers: [OtherWriter] = []
        var longRunning: LongRunningFault?
        var notFoundFor: Int?
        var nextLinkHost: String?
        var operationHost: String?
        var keepBytes: Int?
        /// The action that answers the request itself.
        var answer: FaultAction?
    }

    let rules: [FaultRule]
    private var seen: [Int]
    private var struck: [Int]

    init(_ rules: [FaultRule]) {
        self.rules = rules
        seen = rules.map { _ in 0 }
        struck = seen
    }

    /// Counts a request and says what strikes it.
    mutating func strike(_ request: HTTPRequest, path: String) -> Strike {
        var strike = Strike()
        guard !rules.isEmpty else { return strike }
        let body = Folding.fold(request.body.map { String(decoding: $0, as: UTF8.self) } ?? "")
        for (index, rule) in rules.enumerated()
        where rule.matches(request.method, path: path, foldedBody: body) {
            seen[index] += 1
            guard seen[index] >= rule.nth, struck[index] < rule.times ?? Int.max else { continue }
            struck[index] += 1
            strike.delay += rule.delay
            strike.add(rule.action)
            if strike.answer != nil { break }
        }
        return strike
    }
}

extension FaultEngine.Strike {
    fileprivate mutating func add(_ action: FaultAction?) {
        switch action {
        case nil: break
        case .otherWriter(let writer): writers.append(writer)
        case .longRunning(let fault): longRunning = fault
        case .notFoundFor(let count): notFoundFor = count
        case .foreignNextLink(let host): nextLinkHost = host
        case .foreignOperation(let host): operationHost = host
        case .truncate(let count): keepBytes = count
        case .answer, .precondition, .reset, .garbage, .garbageBytes, .html, .identityError, .redirect:
            answer = action
        }
    }
}

extension FaultRule {
    fileprivate func matches(_ method: HTTPMethod, path: String, foldedBody: String) -> Bool {
        if let wanted = self.method, wanted != method { return false }
        if let pattern = self.path, !pattern.matches(path) { return false }
        if let text = body, !foldedBody.contains(Folding.fold(text)) { return false }
        guard case .identityError(let identities, _) = action else { return true }
        // Only a write that assigns one of them is refused: a key with null detaches, which needs no permission.
        return identities.contains { Self.assigns($0, in: foldedBody) }
    }

    /// Whether a folded body has the id with anything but null after it: a key with `{}` or an element of a list.
    static func assigns(_ identity: String, in foldedBody: String) -> Bool {
        let quoted = "\"\(Folding.fold(identity))\""
        // A body may escape its slashes, which the ids in rules do not.
        let plain = foldedBody.replacing("\\/", with: "/")
        guard let found = plain.firstRange(of: quoted) else { return false }
        let rest = plain[found.upperBound...].drop { $0.isWhitespace || $0 == ":" }
        return !rest.hasPrefix("null")
    }
}
