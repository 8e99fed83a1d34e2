/// How the emulated ARM behaves where ARM itself varies, or where its behaviour is not established.
///
/// Every member is a member of `behaviour` in the state file, but for `pageSize`, `throttle`, `tokens`, `tenantId`
/// and `longRunning`, which stand at the top level.
package struct EmulatorSettings: Sendable, Equatable {
    /// What a PATCH that assigns an identity that does not exist is answered with (F25, F52).
    package enum MissingIdentity: String, Sendable, Equatable, CaseIterable {
        /// 400 `FailedIdentityOperation`, "was not found".
        case notFound
        /// 403 `LinkedAuthorizationFailed`, "or the linked scope(s) are invalid".
        case forbidden
    }

    /// What `null` for an identity that is not attached does; not established for ARM (field-failures section 6).
    package enum UnattachedRemoval: String, Sendable, Equatable, CaseIterable { case refuse, ignore }

    /// Whether one PATCH may add and remove; ARM was seen to refuse it once (F9).
    package enum MixedPatch: String, Sendable, Equatable, CaseIterable { case accept, refuse }

    /// What a write to a machine with a running operation does.
    package enum ConcurrentWrites: String, Sendable, Equatable, CaseIterable {
        /// The new write wins; the old operation ends `Canceled` with `OperationPreempted` (F63).
        case preempt
        /// 409 `Conflict` (FACTS section 10).
        case conflict
    }

    /// The case of user-assigned identity ids in answers about machines (F1).
    package enum IDCase: String, Sendable, Equatable, CaseIterable { case asWritten, lower, upper }

    /// The spelling of a type with both kinds (F5).
    package enum TypeSpelling: String, Sendable, Equatable, CaseIterable {
        /// `SystemAssigned, UserAssigned`, as Compute sends it.
        case spaced
        /// `SystemAssigned,UserAssigned`, as the common types spell it.
        case compact
    }

    /// The largest number of entries on a list page; at least 1.
    package var pageSize = 100
    /// Whether every second page of a list is empty and still has a `nextLink` (FACTS section 6).
    package var emptyPages = false
    /// How many polls of a long-running operation answer `InProgress` before it ends.
    package var polls = 1
    /// The shortest time that a long-running operation takes; zero leaves it to the polls.
    package var operationTime = Duration.zero
    /// The `Retry-After` in seconds on writes that start an operation and on its polls; nil sends none, as recorded.
    package var retryAfter: Int?
    /// Whether machines show an ETag where the api-version has one; false is F14.
    package var etags = true
    /// The answer to an identity that does not exist.
    package var missingIdentity = MissingIdentity.notFound
    /// The answer to `null` for an identity that is not attached.
    package var unattachedRemoval = UnattachedRemoval.refuse
    /// The answer to a PATCH that adds and removes.
    package var mixedPatch = MixedPatch.accept
    /// The answer to a write while an operation runs.
    package var concurrentWrites = ConcurrentWrites.preempt
    /// The case of identity ids in answers.
    package var idCase = IDCase.asWritten
    /// The spelling of the double type in answers.
    package var typeSpelling = TypeSpelling.spaced
    /// Whether requests are throttled with the limits of FACTS section 11.
    package var throttle = false
    /// The bearer tokens that are accepted; empty accepts any.
    package var tokens: [String] = []
    /// The tenant of every subscription.
    package var tenantID = "99999999-9999-9999-9999-999999999999"

    /// Makes the default settings.
    package init() {}
}
