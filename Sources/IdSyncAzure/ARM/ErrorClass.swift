import Foundation
import IdSyncCore

/// What a refusal means for the executor; the rows of field-failures section 5.
package enum ErrorClass: String, Sendable, Hashable, CaseIterable {
    /// A hiccup of the service: wait and repeat.
    case transient
    /// Too many requests, also when it hides in the text of a 400: wait as long as asked and repeat.
    case throttled
    /// Another writer was faster: GET again, plan that target again, at most five times.
    case race
    /// A lock, a policy or a deny assignment forbids it: report, never repeat.
    case blocked
    /// The caller lacks a permission: report.
    case permission
    /// An identity in the request is missing or must not be assigned: GET it to tell which, drop it, go on with the rest.
    case ambiguousIdentity
    /// The directory or a replica does not know a new object yet: repeat for a bounded time.
    case propagation
    /// It does not exist.
    case gone
    /// It is being deleted: still there, and no write will be taken any more.
    case deleting
    /// The role assignment exists already: success when it is the same triple.
    case alreadyExists
    /// The token was refused.
    case authentication
    /// Compute refuses `{}` and null in one body: add first, then remove (F9). With an unmixed body it is a bug.
    case mixedRejected
    /// The request itself was wrong: a bug of idsync or a value that ARM does not take.
    case bug
    /// None of these: report.
    case other

    /// The class of an answer.
    init(of response: HTTPResponse) {
        guard response.status >= 400 else {
            self = .other
            return
        }
        self.init(status: response.status, body: ARMErrorBody(response.body))
    }

    /// The class by status, codes and everything that was said; the first matching row of the table decides.
    init(status: Int, body: ARMErrorBody?) {
        let refusal = ErrorRule.Refusal(
            status: status,
            code: Folding.fold(body?.code ?? ""),
            inner: Set((body?.details ?? []).compactMap { $0.code.map(Folding.fold) }),
            text: Folding.fold(Self.texts(of: body).joined(separator: "\n"))
        )
        self = ErrorRule.table.first { $0.matches(refusal) }?.errorClass ?? .other
    }

    /// Message, inner codes and inner messages: where a nested 429 or a missing identity hides.
    static func texts(of body: ARMErrorBody?) -> [String] {
        guard let body else { return [] }
        return [body.message].compactMap(\.self)
            + body.details.flatMap { [$0.code, $0.message].compactMap(\.self) }
    }
}

/// One row of the error table: every condition that is given must hold.
struct ErrorRule: Sendable {
    let errorClass: ErrorClass
    var statuses: [Int] = []
    var codes: [String] = []
    var texts: [String] = []

    /// Codes of details and inner errors, at any depth.
    var innerCodes: [String] = []

    /// What the table looks at, folded.
    struct Refusal {
        let status: Int
        let code: String
        let inner: Set<String>
        let text: String
    }

    func matches(_ refusal: Refusal) -> Bool {
        (statuses.isEmpty || statuses.contains(refusal.status))
            && (codes.isEmpty || codes.contains { Folding.fold($0) == refusal.code })
            && (innerCodes.isEmpty || innerCodes.contains { refusal.inner.contains(Folding.fold($0)) })
            && (texts.isEmpty || texts.contains { refusal.text.contains(Folding.fold($0)) })
    }

    /// Field-failures section 5 and FACTS section 10, most specific first.
    static let table: [ErrorRule] = [
        ErrorRule(errorClass: .throttled, statuses: [429]),
        ErrorRule(errorClass: .throttled, codes: throttling),
        // Whatever the wrapper is called, what it wraps is a 429 (F61).
        ErrorRule(errorClass: .throttled, innerCodes: throttling),
        // The identity provider's own answer is wrapped into the text of Compute's 400 (F61, F25, F51).
        ErrorRule(
            errorClass: .throttled,
            codes: [wrapped],
            texts: [
                "Status: '429'", "Status: 'TooManyRequests'", "has issued too many requests",
                "\"code\":\"TooManyRequests\"", "\"code\":\"429\"",
            ]
        ),
        ErrorRule(errorClass: .ambiguousIdentity, codes: [wrapped], texts: ["was not found"]),
        ErrorRule(errorClass: .race, codes: [wrapped], texts: ["Status: 'Conflict'", "Status: '409'"]),
        ErrorRule(errorClass: .transient, codes: [wrapped], texts: wrappedFailures),
        ErrorRule(errorClass: .bug, codes: [wrapped], texts: ["exceed limit", "should not contain"]),
        ErrorRule(errorClass: .race, statuses: [412]),
        ErrorRule(errorClass: .race, codes: ["PreconditionFailed"]),
        ErrorRule(errorClass: .authentication, statuses: [401]),
        ErrorRule(
            errorClass: .authentication,
            codes: [
                "ExpiredAuthenticationToken", "InvalidAuthenticationToken",
                "InvalidAuthenticationTokenTenant",
            ]
        ),
        ErrorRule(errorClass: .propagation, codes: ["PrincipalNotFound"]),
        ErrorRule(errorClass: .ambiguousIdentity, codes: ["LinkedAuthorizationFailed"]),
        ErrorRule(
            errorClass: .blocked,
            codes: ["ScopeLocked", "RequestDisallowedByPolicy", "DenyAssignmentAuthorizationFailed"]
        ),
        ErrorRule(errorClass: .permission, codes: ["AuthorizationFailed"]),
        ErrorRule(errorClass: .permission, statuses: [403]),
        ErrorRule(errorClass: .deleting, codes: ["OperationNotAllowed"], texts: ["marked for deletion"]),
        ErrorRule(errorClass: .deleting, codes: ["ResourceGroupBeingDeleted"]),
        ErrorRule(
            errorClass: .race,
            codes: [
                "Conflict", "ConflictingConcurrentWriteNotAllowed", "AnotherOperationInProgress",
                "OperationPreempted",
                "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", "Canceled",
                "OperationCanceled",
            ]
        ),
        ErrorRule(errorClass: .alreadyExists, codes: ["RoleAssignmentExists"]),
        ErrorRule(errorClass: .gone, statuses: [404]),
        ErrorRule(
            errorClass: .gone,
            codes: [
                "ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "NotFound",
                "SubscriptionNotFound",
            ]
        ),
        ErrorRule(errorClass: .mixedRejected, statuses: [400], texts: ["keys should only be empty"]),
        ErrorRule(
            errorClass: .bug,
            codes: [
                "InvalidIdentityValues", "InvalidParameter", "InvalidRequestContent", "DuplicateIdentityIds",
                "LinkedInvalidPropertyId", "LocationRequired", "PropertyChangeNotAllowed",
                "MissingIdentityIds",
            ]
        ),
        ErrorRule(errorClass: .transient, statuses: [408, 500, 502, 503, 504]),
        ErrorRule(
            errorClass: .transient,
            codes: [
                "InternalServerError", "ProviderError", "ServerTimeout", "ServiceUnavailable",
                "ResourceReadFailed",
                "InternalResourceIdentityError",
            ]
        ),
        ErrorRule(errorClass: .race, statuses: [409], codes: [""]),
    ]

    private static let throttling = [
        "429", "TooManyRequests", "TooManyRequestsReceived", "SubscriptionRequestsThrottled",
    ]

    private static let wrapped = "FailedIdentityOperation"

    private static let wrappedFailures = [
        "InternalServerError", "BadGateway", "ServiceUnavailable", "GatewayTimeout", "500", "502", "503",
        "504",
    ].map { "Status: '\($0)'" }
}
