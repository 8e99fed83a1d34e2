import IdSyncCore

/// Errors about what a request addresses: authentication, versions, scopes, resources.
extension ARMFailure {
    static let noToken = ARMFailure(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        isGateway: true
    )

    static let wrongToken = ARMFailure(
        401,
        "InvalidAuthenticationToken",
        "The access token is invalid.",
        isGateway: true
    )

    /// Not an answer of ARM: the emulator itself failed.
    static let notKept = ARMFailure(
        500,
        "InternalServerError",
        "The emulator could not write its state file; the change is in its memory only."
    )

    static let missingVersion = ARMFailure(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
        isGateway: true
    )

    static func invalidVersion(_ version: String) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidApiVersionParameter",
            "The api-version '\(version)' is invalid. It has the form YYYY-MM-DD or YYYY-MM-DD-preview.",
            isGateway: true
        )
    }

    static func unregistered(_ version: String, type: String, supported: [String]) -> ARMFailure {
        ARMFailure(
            400,
            "NoRegisteredProviderFound",
            "No registered resource provider found for API version '\(version)' for type '\(type)'. "
                + "The supported api-versions are '\(supported.joined(separator: ", "))'.",
            isGateway: true
        )
    }

    static func malformedSubscription(_ id: String) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidSubscriptionId",
            "The provided subscription identifier '\(id)' is malformed or invalid.",
            isGateway: true
        )
    }

    static func noSubscription(_ id: String) -> ARMFailure {
        ARMFailure(
            404,
            "SubscriptionNotFound",
            "The subscription '\(id)' could not be found.",
            isGateway: true
        )
    }

    static func noGroup(_ name: String) -> ARMFailure {
        ARMFailure(
            404,
            "ResourceGroupNotFound",
            "Resource group '\(name)' could not be found.",
            isGateway: true
        )
    }

    /// The text of the recordings (aso-identity-20181130-crud, aso-vm-20220301-crud).
    static func noResource(_ id: ResourceID) -> ARMFailure {
        ARMFailure(
            404,
            "ResourceNotFound",
            "The Resource '\(id.kind.namespace)/\(id.kind.typeName)/\(id.name)' under resource group "
                + "'\(id.resourceGroup)' was not found. For more details please go to "
                + "https://aka.ms/ARMResourceNotFoundFix",
            isGateway: true
        )
    }

    static func noRoute(_ path: String) -> ARMFailure {
        ARMFailure(404, "InvalidResourceType", "No resource type was found for '\(path)'.", isGateway: true)
    }

    static func noOperation(_ id: String) -> ARMFailure {
        ARMFailure(404, "NotFound", "The operation '\(id)' was not found.")
    }

    static let badSignature = ARMFailure(
        403,
        "AuthorizationFailed",
        "The signature of the operation URL does not match; the URL has to be used unchanged."
    )

    static func methodNotAllowed(_ method: String) -> ARMFailure {
        ARMFailure(
            405,
            "HttpMethodNotSupported",
            "The http method '\(method)' is not supported for this resource.",
            isGateway: true
        )
    }

    static func mediaType(_ type: String) -> ARMFailure {
        ARMFailure(
            415,
            "UnsupportedMediaType",
            "The content media type '\(type)' is not supported. Only 'application/json' is supported.",
            isGateway: true
        )
    }

    /// The family of a body that ARM cannot read.
    static func content(_ what: String) -> ARMFailure {
        ARMFailure(
            400,
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized: '\(what)'.",
            isGateway: true
        )
    }

    static let noLocation = ARMFailure(
        400,
        "LocationRequired",
        "The location property is required for this definition.",
        isGateway: true
    )

    static func otherLocation(_ id: ResourceID, is location: String, wanted: String) -> ARMFailure {
        ARMFailure(
            409,
            "InvalidResourceLocation",
            "The resource '\(id.name)' already exists in location '\(location)' in resource group "
                + "'\(id.resourceGroup)'. A resource with the same name cannot be created in location "
                + "'\(wanted)'. Please select a new resource name.",
            isGateway: true
        )
    }

    static func invalidName(_ id: ResourceID, rule: String) -> ARMFailure {
        ARMFailure(400, "InvalidResourceName", "The resource name '\(id.name)' is invalid: \(rule).")
    }
}
