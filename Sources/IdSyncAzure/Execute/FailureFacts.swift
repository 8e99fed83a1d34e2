import IdSyncCore

/// What the executor and the report take from a failed call.
extension ARMFailure {
    /// ARM's own refusal, when ARM spoke.
    var armError: ARMError? {
        if case .arm(let error) = self { error } else { nil }
    }

    /// ARM's code, or a word of ours.
    var code: String {
        switch self {
        case .arm(let error): error.code ?? "HTTP \(error.status)"
        case .transport(let error, _): error.reason.rawValue
        case .credential: "authentication"
        case .malformed: "malformed"
        case .foreignURL: "foreign-url"
        case .redirect: "redirect"
        case .deadline: "deadline"
        case .cancelled: Self.cancelledCode
        }
    }

    /// The message without what the report shows in fields of its own: path, status, code and ids.
    var shortMessage: String {
        guard let error = armError else { return message }
        return error.policies.isEmpty
            ? error.message : "\(error.message) (policy: \(error.policies.joined(separator: ", ")))"
    }

    /// ARM's request id, when an answer carried one.
    var requestID: String? {
        switch self {
        case .arm(let error): error.requestID
        case .malformed(_, _, let requestID, _): requestID
        case .foreignURL(_, _, let call), .redirect(_, _, let call), .deadline(_, _, let call): call.requestID
        default: nil
        }
    }

    /// ARM's correlation id, when an answer carried one.
    var correlationID: String? { armError?.correlationID }

    /// The identities that ARM's text names.
    var namedIdentities: [ResourceID] { armError?.identities ?? [] }

    /// How often the failed request was sent.
    var attempts: Int {
        switch self {
        case .arm(let error): error.attempts
        case .transport(_, let call), .malformed(_, _, _, let call), .foreignURL(_, _, let call),
            .redirect(_, _, let call), .deadline(_, _, let call), .cancelled(let call):
            call.attempts
        case .credential: 0
        }
    }

    /// A request that idsync itself held back.
    static func held(_ message: String, path: String) -> ARMFailure {
        .transport(
            TransportError(.refused, message),
            ARMCall(method: .patch, path: path, attempts: 0)
        )
    }
}
