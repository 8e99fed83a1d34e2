/// What ARM says with a status or a code when a fault rule gives no words of its own.
///
/// Texts of FACTS section 10 and of published bodies, without the names that those have in them.
enum FaultDefaults {
    /// The code that goes with a status.
    static func code(of status: Int) -> String {
        codes[status] ?? (status >= 500 ? "InternalServerError" : "BadRequest")
    }

    /// The message that goes with a code.
    static func message(of code: String) -> String {
        messages[code] ?? "The request was refused; a fault rule says so."
    }

    private static let codes = [
        400: "BadRequest", 401: ARMFailure.wrongToken.code, 403: "AuthorizationFailed",
        404: "ResourceNotFound",
        405: "HttpMethodNotSupported", 408: "RequestTimeout", 409: ARMFailure.conflict.code,
        412: ARMFailure.exists.code, 415: "UnsupportedMediaType", 429: "TooManyRequests",
        502: "ProviderError",
        503: "ServerTimeout", 504: "GatewayTimeout",
    ]

    private static let messages = [
        "AnotherOperationInProgress": "Another operation on this or dependent resource is in progress.",
        "AuthorizationFailed":
            "The client does not have authorization to perform this action or the scope is "
            + "invalid. If access was recently granted, please refresh your credentials.",
        "BadRequest": "The request is invalid.",
        ARMFailure.conflict.code: ARMFailure.conflict.message,
        "ConflictingConcurrentWriteNotAllowed":
            "The operation was interrupted by a conflicting concurrent write on "
            + "the same entity. Please retry later.",
        "ExpiredAuthenticationToken": "The access token expiry UTC time is earlier than current UTC time.",
        "GatewayTimeout":
            "The gateway did not receive a response from the resource provider within the specified "
            + "time period.",
        "HttpMethodNotSupported": "The http method is not supported for this resource.",
        "InternalServerError": "The server encountered an internal error.",
        ARMFailure.wrongToken.code: ARMFailure.wrongToken.message,
        ARMFailure.preempted.code: ARMFailure.preempted.message,
        ARMFailure.exists.code: "Etag provided in if-match header does not match the etag of the resource.",
        "ProviderError": "The resource provider failed to return a response.",
        "RequestDisallowedByPolicy": "The resource was disallowed by policy.",
        "RequestTimeout": "The request timed out.",
        "ResourceNotFound": "The resource was not found. For more details please go to "
            + "https://aka.ms/ARMResourceNotFoundFix",
        "ScopeLocked":
            "The scope cannot perform write operation because following scope(s) are locked. Please remove "
            + "the lock and try again.",
        "ServerTimeout": "The request timed out.",
        "TooManyRequests":
            "The server rejected the request because too many requests have been received for this "
            + "subscription.",
        "UnsupportedMediaType":
            "The content media type is not supported. Only 'application/json' is supported.",
    ]
}
