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
    /// It does not exist, or is being deleted.
    case gone
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
        let body = ARMErrorBody(response.body)
        self.init(status: response.status, code: body?.code, texts: Self.texts(of: body))
    }

    /// The class by status, code and everything that was said; the first matching row of the table decides.
    init(status: Int, code: String?, texts: [String]) {
        let code = Folding.fold(code ?? "")
        let text = Folding.fold(texts.joined(separator: "\n"))
        self =
            ErrorRule.table.first { $0.matches(status: status, code: code, text: text) }?.errorClass ?? .other
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

    func matches(status: Int, code: String, text: String) -> Bool {
        (statuses.isEmpty || statuses.contains(status))
            && (codes.isEmpty || codes.contains { Folding.fold($0) == code })
            && (texts.isEmpty || texts.contains { text.contains(Folding.fold($0)) })
    }

    /// Field-failures section 5 and FACTS section 10, most specific first.
    static let table: [ErrorRule] = [
        ErrorRule(errorClass: .throttled, statuses: [429]),
        ErrorRule(
            errorClass: .throttled,
            codes: ["429", "TooManyRequests", "SubscriptionRequestsThrottled"]
        ),
        // The identity provider's own answer is wrapped into the text of Compute's 400 (F61, F25, F51).
        ErrorRule(
            errorClass: .throttled,
            codes: [wrapped],
            texts: ["Status: '429'", "Status: 'TooManyRequests'", "has issued too many requests"]
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
        ErrorRule(errorClass: .gone, codes: ["OperationNotAllowed"], texts: ["marked for deletion"]),
        ErrorRule(errorClass: .gone, codes: ["ResourceGroupBeingDeleted"]),
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

    private static let wrapped = "FailedIdentityOperation"

    private static let wrappedFailures = [
        "InternalServerError", "BadGateway", "ServiceUnavailable", "GatewayTimeout", "500", "502", "503",
        "504",
    ].map { "Status: '\($0)'" }
}
