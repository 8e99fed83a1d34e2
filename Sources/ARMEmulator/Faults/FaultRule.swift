package import IdSyncAzure
package import IdSyncCore

/// One scripted fault: which requests it strikes and what it does to them.
///
/// In a state file under `faults`, or in a file of its own (`FaultScript`):
///
/// ```json
/// {"name": "throttled twice",
///  "match": {"method": "PATCH", "path": "*/virtualMachines/*", "body": "ID1", "nth": 2, "times": 3},
///  "delayMs": 250,
///  "action": {"status": 429, "code": "TooManyRequests", "message": "…", "retryAfter": 5}}
/// ```
///
/// `match`: all members are optional and all must hold. `path` is a glob without case over the path; `body` is a text
/// that the body contains, without case. Of the requests that match, the rule strikes from the `nth` (default 1) on,
/// `times` times (default 1) or, with `"always": true`, every time.
///
/// Rules are tried in order. Those that do not answer themselves (`delayMs`, `otherWriter`, `lro`, `notFoundFor`,
/// `foreignNextLink`, `foreignOperation`, `truncate`) add up; the first that answers ends the search.
package struct FaultRule: Sendable, Equatable {
    /// A name for people; it changes nothing.
    package var name: String?
    /// The method that it strikes, or nil for any.
    package var method: HTTPMethod?
    /// The paths that it strikes, or nil for any.
    package var path: GlobPattern?
    /// A text in the body of the requests that it strikes, or nil for any.
    package var body: String?
    /// The first matching request that it strikes, from 1.
    package var nth = 1
    /// How many it strikes; nil is every one.
    package var times: Int? = 1
    /// How long the answer takes in addition.
    package var delay = Duration.zero
    /// What else happens; nil only delays.
    package var action: FaultAction?

    /// Makes a rule.
    package init(
        name: String? = nil,
        method: HTTPMethod? = nil,
        path: String? = nil,
        body: String? = nil,
        nth: Int = 1,
        times: Int? = 1,
        delay: Duration = .zero,
        action: FaultAction? = nil
    ) {
        self.name = name
        self.method = method
        self.path = path.map(GlobPattern.init)
        self.body = body
        self.nth = nth
        self.times = times
        self.delay = delay
        self.action = action
    }
}

/// What a fault does.
package enum FaultAction: Sendable, Equatable {
    /// `{"status": 503, "code": …, "message": …, "retryAfter": …, "headers": {…}, "body": …}`: this answer instead of
    /// the real one. `body` is JSON, or a string that is sent as it stands; it replaces the error envelope.
    case answer(FaultAnswer)
    /// `{"precondition": n}`: 412 `PreconditionFailed`, n times (F13); `n` sets the rule's `times`.
    case precondition
    /// `{"reset": true}`: the connection ends without an answer. `{"reset": "after"}`: the request is carried out
    /// first, so the client cannot know (F67).
    case reset(afterWrite: Bool)
    /// `{"truncate": n}`: the request is carried out, then the connection closes after n bytes of the body.
    case truncate(Int)
    /// `{"garbage": true}`: 200 with a body that calls itself JSON and is not.
    case garbage
    /// `{"garbage": "bytes"}`: bytes that are not even HTTP.
    case garbageBytes
    /// `{"html": 502}`: an HTML page with this status, as a proxy between sends it.
    case html(Int)
    /// `{"lro": "failed" | "canceled" | "hang" | "never-succeeded", "code": …, "message": …, "applied": false}`: the
    /// write is accepted and its operation ends like that. `failed` and `canceled` take the change back unless
    /// `applied`; `hang` stays `InProgress` for ever, and so does the machine; with `never-succeeded` the machine ends
    /// `Succeeded` and only the operation never says so.
    case longRunning(LongRunningFault)
    /// `{"otherWriter": {…}}`: somebody else writes right before this request (F12).
    case otherWriter(OtherWriter)
    /// `{"notFoundFor": n}`: when the request creates a resource, the next n GETs of it answer 404 (F31).
    case notFoundFor(Int)
    /// `{"identityError": {"identities": [id, …], "status": 400 | 403}}`: a write that assigns one of them is refused;
    /// 400 names the first, 403 all. Strikes every such request unless `times` says otherwise (F53).
    case identityError(identities: [String], status: Int)
    /// `{"foreignNextLink": "https://host"}`: the page of a list names a next page on another host.
    case foreignNextLink(String)
    /// `{"foreignOperation": "https://host"}`: the operation URL of a write is on another host.
    case foreignOperation(String)
    /// `{"redirect": "https://…"}`: 307 to the URL.
    case redirect(String)
}

/// The answer of a fault.
package struct FaultAnswer: Sendable, Equatable {
    /// The status.
    package var status: Int
    /// The code of the error envelope.
    package var code: String
    /// The message of the error envelope.
    package var message: String
    /// The `Retry-After` in seconds.
    package var retryAfter: Int?
    /// Header fields in addition.
    package var headers: [String: String]
    /// A body instead of the error envelope.
    package var body: JSONValue?

    /// Makes an answer; code and message are ARM's for the status unless they are given.
    package init(
        status: Int,
        code: String? = nil,
        message: String? = nil,
        retryAfter: Int? = nil,
        headers: [String: String] = [:],
        body: JSONValue? = nil
    ) {
        let code = code ?? FaultDefaults.code(of: status)
        self.status = status
        self.code = code
        self.message = message ?? FaultDefaults.message(of: code)
        self.retryAfter = retryAfter
        self.headers = headers
        self.body = body
    }
}

/// How a faulty operation ends.
package struct LongRunningFault: Sendable, Equatable {
    /// The ends there are.
    package enum End: String, Sendable, Equatable, CaseIterable {
        case failed
        case canceled
        case hang
        case neverSucceeded = "never-succeeded"
    }

    /// How it ends.
    package var end: End
    /// The error code of a failed one.
    package var code: String
    /// The error message of a failed one.
    package var message: String
    /// Whether the change of a failed one stays.
    package var applied: Bool

    /// Makes an end.
    package init(
        _ end: End,
        code: String = "InternalExecutionError",
        message: String = "An internal execution error occurred. Please retry later.",
        applied: Bool = false
    ) {
        self.end = end
        self.code = code
        self.message = message
        self.applied = applied
    }
}
