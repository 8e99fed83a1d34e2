import Foundation
import IdSyncCore

/// What the body of a refusal says, with or without the `error` envelope.
struct ARMErrorBody: Sendable, Equatable {
    var code: String?
    var message: String?
    var target: String?
    var details: [ARMErrorDetail] = []
    var policies: [String] = []

    /// Reads a body; nil when it is not a JSON object with something to say.
    ///
    /// The envelope is `{"error":{…}}` (RPC), but a published 429 comes without it (FACTS section 10), and the parts may be
    /// missing, null or of another type.
    init?(_ data: Data) {
        guard let json = try? JSONValue(parsing: data) else { return nil }
        self.init(json["error"]?.object == nil ? json : json["error"] ?? json)
    }

    /// Reads the error object itself, as an operation status carries it.
    init?(_ error: JSONValue) {
        code = Self.text(error["code"])
        message = Self.text(error["message"]) ?? Self.text(error["Message"])
        target = Self.text(error["target"])
        details = Self.details(of: error, depth: 0)
        policies = (error["additionalInfo"]?.array ?? []).compactMap(Self.policy)
        for detail in error["details"]?.array ?? [] {
            policies += (detail["additionalInfo"]?.array ?? []).compactMap(Self.policy)
        }
        if code == nil, message == nil, details.isEmpty { return nil }
    }

    /// The details and the chain of inner errors, flattened.
    private static func details(of error: JSONValue, depth: Int) -> [ARMErrorDetail] {
        guard depth < 8 else { return [] }
        var all: [ARMErrorDetail] = []
        for detail in error["details"]?.array ?? [] {
            all.append(
                ARMErrorDetail(
                    code: text(detail["code"]),
                    message: text(detail["message"]),
                    target: text(detail["target"])
                )
            )
            all += details(of: detail, depth: depth + 1)
        }
        // Compute calls the inner code `internalErrorCode`, and an inner error may nest further.
        if let inner = error["innererror"] ?? error["innerError"], inner.object != nil {
            let code = text(inner["code"]) ?? text(inner["internalErrorCode"]) ?? text(inner["exceptiontype"])
            let message = text(inner["message"]) ?? text(inner["errordetail"])
            if code != nil || message != nil {
                all.append(ARMErrorDetail(code: code, message: message, target: nil))
            }
            all += details(of: inner, depth: depth + 1)
        }
        return all
    }

    /// The name of the policy assignment in a `PolicyViolation` entry.
    private static func policy(_ info: JSONValue) -> String? {
        guard Folding.fold(text(info["type"]) ?? "") == "policyviolation", let info = info["info"] else {
            return nil
        }
        let names = ["policyAssignmentDisplayName", "policyDefinitionDisplayName", "policyAssignmentName"]
        if let name = names.compactMap({ text(info[$0]) }).first(where: { !$0.isEmpty }) { return name }
        return text(info["policyAssignmentId"]) ?? text(info["policyDefinitionId"])
    }

    /// A string, or a number spelled as one: codes have been seen as both.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .integer(let number): String(number)
        default: nil
        }
    }
}

/// One entry of `details`, or one inner error.
package struct ARMErrorDetail: Sendable, Equatable {
    /// ARM's code.
    package let code: String?
    /// ARM's message, scrubbed when it is part of an `ARMError`.
    package let message: String?
    /// The part of the request that it is about.
    package let target: String?

    /// Makes an entry.
    package init(code: String?, message: String? = nil, target: String? = nil) {
        self.code = code
        self.message = message
        self.target = target
    }
}
