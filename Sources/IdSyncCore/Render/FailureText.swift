/// What a failed change says for people: a sentence of ours first, ARM's words after it.
struct FailureText: Equatable {
    /// What went wrong, in our words.
    let sentence: String
    /// ARM's message, or what the client saw of the answer; nil when the sentence says it all.
    let message: String?
    /// The identities that were left out; everything else that was asked for is in place.
    let leftOut: [LeftOutIdentity]
    /// The notes that the sentence does not cover.
    let notes: [String]

    init(_ row: ReportRow) {
        guard let error = row.error else {
            self.init("it did not end as wanted", notes: row.notes)
            return
        }
        if let first = LeftOutIdentity(error.message, code: error.code) {
            var (leftOut, notes) = ([first], [String]())
            for note in row.notes {
                let parts = note.split(separator: ": ", maxSplits: 1).map(String.init)
                if parts.count == 2, let other = LeftOutIdentity(parts[1], code: error.code) {
                    leftOut.append(other)
                } else if !note.hasPrefix(Self.restIsInPlace) {
                    notes.append(note)
                }
            }
            self.init(LeftOutIdentity.sentence(leftOut), message: first.message, leftOut, notes: notes)
        } else if error.isARMs {
            self.init(
                Self.sentence(of: error, status: row.httpStatus),
                message: error.message,
                notes: row.notes
            )
        } else if Self.isTechnical(error.message) {
            let message = Self.withoutPath(error.message, row.resourceID)
            self.init(Self.sentence(ofOurs: error.code), message: message, notes: row.notes)
        } else {
            self.init(error.message, notes: row.notes)
        }
    }

    private init(
        _ sentence: String,
        message: String? = nil,
        _ leftOut: [LeftOutIdentity] = [],
        notes: [String]
    ) {
        self.sentence = sentence
        self.message = message
        self.leftOut = leftOut
        self.notes = notes
    }

    /// How the executor's note begins that says what `leftOut` says.
    private static let restIsInPlace = "everything else that was asked for"

    /// Whether a message of ours begins with a request, as those about the wire do.
    private static func isTechnical(_ message: String) -> Bool {
        ["GET /", "PATCH /", "PUT /", "DELETE /", "POST /"].contains { message.hasPrefix($0) }
    }

    /// `PATCH /subscriptions/…/vm-1: connection lost` without the path that the row is about.
    private static func withoutPath(_ message: String, _ id: ResourceID) -> String {
        let method = message.prefix { $0 != " " }
        let head = "\(method) \(id): "
        return message.hasPrefix(head) ? "\(method): " + message.dropFirst(head.count) : message
    }

    /// A message with the resource ids in it cut to their ends, which fit a line: `…/virtualMachines/vm-1`.
    static func shortened(_ message: String) -> String {
        guard message.contains("/subscriptions/") else { return message }
        let frame: Set<Character> = ["'", "\"", "(", ")", ",", ";", ".", ":"]
        let words = message.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let head = word.prefix(while: frame.contains)
            var core = word.dropFirst(head.count)
            while let last = core.last, frame.contains(last) { core = core.dropLast() }
            guard let id = try? ResourceID(parsing: String(core)) else { return String(word) }
            return "\(head)…/\(id.kind.typeName)/\(id.name)\(word[core.endIndex...])"
        }
        return words.joined(separator: " ")
    }

    /// A remedy that begins by saying the sentence again, without it.
    func withoutSentence(_ remedy: String) -> String {
        let head = sentence + "; "
        return remedy.hasPrefix(head) ? String(remedy.dropFirst(head.count)) : remedy
    }

    /// Our sentence for a refusal by ARM.
    private static func sentence(of error: ReportError, status: Int?) -> String {
        switch Folding.fold(error.code) {
        case "authorizationfailed", "linkedauthorizationfailed": return "the caller has no permission for it"
        case "scopelocked": return "a lock forbids it"
        case "requestdisallowedbypolicy": return "Azure Policy forbids it"
        case "denyassignmentauthorizationfailed": return "a deny assignment forbids it"
        default: break
        }
        switch status ?? 0 {
        case 200..<300: return "ARM accepted it, and its operation failed"
        case 401: return "the token was refused"
        case 403: return "the caller has no permission for it"
        case 412: return "it changed each time right before the write"
        case 429: return "too many requests"
        case 500...: return "ARM failed: \(error.code)"
        default: return "ARM refused it: \(error.code)"
        }
    }

    /// Our sentence for an answer that did not come, or was of no use.
    private static func sentence(ofOurs code: String) -> String {
        switch code {
        case "tls": "no secure connection to ARM"
        case "redirect": "ARM answered with a redirect, which was not followed"
        case "foreign-url": "ARM pointed to another host, which was not followed"
        case "malformed": "ARM's answer could not be understood"
        case "deadline": "its operation did not end in time"
        case "timedOut", "connectionRefused", "hostNotFound", "connectionLost", "other": "no answer from ARM"
        case "cancelled": "cancelled before it ended"
        default: "the request was not sent"
        }
    }
}

extension ReportError {
    /// Whether the code is ARM's; words of ours begin in lower case.
    var isARMs: Bool { code.first?.isUppercase == true }
}

/// An identity that was left out of a change, as the executor words it:
/// `identity NAME (PLACE) was refused: WHY`, `identity NAME (PLACE) does not exist`.
struct LeftOutIdentity: Equatable {
    /// Its name.
    let name: String
    /// The manifest line that asked for it, ` (manifest.yaml:19)`; empty when it is not known.
    let place: String
    /// ARM's reason; nil when the identity does not exist.
    let message: String?
    /// Whether the caller lacks a permission, as far as the code tells.
    let isPermission: Bool

    private static let head = "identity "
    private static let refused = " was refused: "
    private static let missing = " does not exist"

    init?(_ text: String, code: String) {
        guard text.hasPrefix(Self.head) else { return nil }
        let rest = text.dropFirst(Self.head.count)
        let subject: Substring
        if let range = rest.firstRange(of: Self.refused) {
            subject = rest[..<range.lowerBound]
            message = String(rest[range.upperBound...])
        } else if rest.hasSuffix(Self.missing) {
            subject = rest.dropLast(Self.missing.count)
            message = nil
        } else {
            return nil
        }
        let parts = subject.split(separator: " ", maxSplits: 1)
        guard let first = parts.first, first.allSatisfy({ $0.isLetter || $0.isNumber || "-_".contains($0) })
        else { return nil }
        name = String(first)
        place = parts.count > 1 ? " " + Self.withoutColumn(parts[1]) : ""
        isPermission = Folding.fold(code).hasSuffix("authorizationfailed")
    }

    /// `may not attach app-reader (manifest.yaml:19), app-writer (manifest.yaml:20)`.
    static func sentence(_ identities: [LeftOutIdentity]) -> String {
        let refused = identities.filter { $0.message != nil }
        let missing = identities.filter { $0.message == nil }
        var parts: [String] = []
        if !refused.isEmpty {
            let verb = refused[0].isPermission ? "may not attach" : "ARM refuses to attach"
            parts.append("\(verb) \(refused.map { $0.name + $0.place }.joined(separator: ", "))")
        }
        parts += missing.map { "identity \($0.name) does not exist\($0.place)" }
        return parts.joined(separator: "; ")
    }

    /// `(manifest.yaml:19:9)` without its column.
    private static func withoutColumn(_ place: Substring) -> String {
        guard place.hasPrefix("("), place.hasSuffix(")") else { return String(place) }
        let parts = place.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, Int(parts[parts.count - 1]) != nil, Int(parts[parts.count - 2]) != nil else {
            return String(place)
        }
        return "(\(parts.dropLast().joined(separator: ":")))"
    }
}
