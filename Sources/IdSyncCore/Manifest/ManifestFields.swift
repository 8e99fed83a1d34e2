/// The tables of format version 1: the one source for the reader and for `schemas/manifest.schema.json`.
enum ManifestFields {
    static let schema = FieldSpec(
        "$schema",
        .anyText,
        "Where this schema is, for editors; idsync ignores it.",
        examples: ["../schemas/manifest.schema.json"]
    )
    static let version = FieldSpec(
        "version",
        .constant(1),
        required: true,
        "The version of the manifest format; every file states it.",
        examples: [1]
    )
    static let cloud = FieldSpec(
        "cloud",
        .choiceOrObject(Cloud.named.map(\.name), CustomCloudFields.object),
        "The Azure cloud, by name or by its endpoints; AzureCloud when left out.",
        examples: ["AzureCloud", "AzureUSGovernment"]
    )
    static let apiVersions = FieldSpec(
        "apiVersions",
        .object(APIVersionFields.object),
        "The api-versions that requests carry; recent stable ones when left out.",
        examples: [["compute": "2024-07-01", "managedIdentity": "2023-01-31"]]
    )
    static let defaults = FieldSpec(
        "defaults",
        .object(DefaultFields.object),
        "Values for entries that do not give their own.",
        examples: [["resourceGroup": "TestRG", "location": "westus"]]
    )
    static let identities = FieldSpec(
        "identities",
        .objects(IdentityFields.object),
        "The user-assigned identities to create, update or, with state absent, delete.",
        examples: [[["name": "ID1"], ["name": "OLD", "state": "absent"]]]
    )
    static let virtualMachines = FieldSpec(
        "virtualMachines",
        .objects(MachineFields.object),
        "The virtual machines and the identities to assign to them.",
        examples: [[["name": "myVM", "userAssigned": ["ID1"]]]]
    )
    static let protected = FieldSpec(
        "protected",
        .texts(.glob),
        "Patterns of identities that are never detached or deleted, whatever else is said. "
            + "A pattern with '/' is matched with group/name and with the full id, another one with the name.",
        examples: [["*/Built-In-Identity-*"]]
    )
    static let limits = FieldSpec(
        "limits",
        .object(LimitFields.object),
        "How much one plan may remove; a plan beyond it is blocked.",
        examples: [["deletes": 10, "unassigns": "25%"]]
    )

    static let object = ObjectSpec(
        "the manifest",
        [version, cloud, apiVersions, defaults, identities, virtualMachines, protected, limits, schema],
        notYet: ["stack", "prune", "virtualMachineScaleSets", "assignments"],
        hints: KeyHint.manifest
    )
}

/// A cloud given by its endpoints.
enum CustomCloudFields {
    static let resourceManager = FieldSpec(
        "resourceManager",
        .text(.resourceManagerURL),
        required: true,
        "The base URL of Azure Resource Manager; https, or http on a loopback host.",
        examples: ["https://management.local.azurestack.external"]
    )
    static let authority = FieldSpec(
        "authority",
        .text(.authorityURL),
        required: true,
        "The base URL that tokens come from.",
        examples: ["https://login.microsoftonline.com"]
    )
    static let audience = FieldSpec(
        "audience",
        .text(.audience),
        required: true,
        "The audience of federated assertions.",
        examples: ["api://AzureADTokenExchange"]
    )
    static let object = ObjectSpec("cloud", [resourceManager, authority, audience])
}

/// The api-versions.
enum APIVersionFields {
    static let compute = FieldSpec(
        "compute",
        .text(.apiVersion(atLeast: "2017-12-01")),
        "The version for virtual machines; 2017-12-01 or later.",
        examples: ["2024-07-01", "2018-06-01"]
    )
    static let managedIdentity = FieldSpec(
        "managedIdentity",
        .text(.apiVersion(atLeast: "2015-08-31-preview")),
        "The version for identities; 2015-08-31-preview or later.",
        examples: ["2023-01-31", "2018-11-30"]
    )
    static let authorization = FieldSpec(
        "authorization",
        .text(.apiVersion(atLeast: nil)),
        "The version for role assignments.",
        examples: ["2022-04-01"]
    )
    static let object = ObjectSpec("apiVersions", [compute, managedIdentity, authorization])
}

/// What entries fall back to.
enum DefaultFields {
    static let subscription = FieldSpec(
        "subscription",
        .text(.subscription),
        "The subscription of entries that name none, and of references of the form group/name.",
        examples: ["80c696ff-5efa-4909-a64d-f1b616f423ca"]
    )
    static let resourceGroup = FieldSpec(
        "resourceGroup",
        .text(.resourceGroup),
        "The resource group of entries that name none.",
        examples: ["TestRG"]
    )
    static let location = FieldSpec(
        "location",
        .text(.location),
        "The location of identities that name none.",
        examples: ["westus", "West US 2"]
    )
    static let tags = FieldSpec(
        "tags",
        .tags,
        "Tags that every identity of the manifest gets; an identity's own tags take precedence.",
        examples: [["owner": "platform"]]
    )
    static let object = ObjectSpec("defaults", [subscription, resourceGroup, location, tags])
}

/// One identity.
enum IdentityFields {
    static let name = FieldSpec(
        "name",
        .text(.identityName),
        required: true,
        "The name: 3 to 128 letters, digits, '-' and '_'; above 24 a VM may refuse it.",
        examples: ["ID1"]
    )
    static let subscription = FieldSpec(
        "subscription",
        .text(.subscription),
        "The subscription, when not the one of 'defaults'.",
        examples: ["80c696ff-5efa-4909-a64d-f1b616f423ca"]
    )
    static let resourceGroup = FieldSpec(
        "resourceGroup",
        .text(.resourceGroup),
        "The resource group, when not the one of 'defaults'.",
        examples: ["TestRG"]
    )
    static let location = FieldSpec(
        "location",
        .text(.location),
        "The location, when not the one of 'defaults'; it cannot be changed later.",
        examples: ["westus"]
    )
    static let tags = FieldSpec(
        "tags",
        .tags,
        "Tags to set; tags that are not named here are left alone.",
        examples: [["owner": "payments"]]
    )
    static let state = FieldSpec(
        "state",
        .choice(["present", "absent"]),
        "Whether the identity should exist; present when left out.",
        examples: ["absent"]
    )
    static let object = ObjectSpec(
        "an identity",
        [name, subscription, resourceGroup, location, tags, state],
        notYet: ["federatedCredentials", "roleAssignments", "access", "isolationScope", "adopt"],
        hints: KeyHint.identity
    )
}

/// One virtual machine.
enum MachineFields {
    static let name = FieldSpec(
        "name",
        .text(.machineName),
        required: true,
        "The name of the virtual machine.",
        examples: ["myVM"]
    )
    static let subscription = IdentityFields.subscription
    static let resourceGroup = IdentityFields.resourceGroup
    static let systemAssigned = FieldSpec(
        "systemAssigned",
        .boolean,
        "Whether the machine should have a system-assigned identity; left out, it stays as it is.",
        examples: [true, false]
    )
    static let userAssigned = FieldSpec(
        "userAssigned",
        .texts(.reference),
        "Identities to add; nothing else is touched. Each is the name of an identity of this manifest, "
            + "group/name, or a full resource id.",
        examples: [["ID1", "other-rg/ID7"]]
    )
    static let remove = FieldSpec(
        "remove",
        .texts(.reference),
        "Identities to remove; nothing else is touched. The word dangling means every assigned identity that "
            + "no longer exists.",
        examples: [["ID2"], ["dangling"]]
    )
    static let exclusive = FieldSpec(
        "exclusive",
        .boolean,
        "Whether userAssigned is the exact set, so that every other identity is removed.",
        examples: [true]
    )
    static let ignore = FieldSpec(
        "ignore",
        .texts(.glob),
        "Only with exclusive: patterns of identities to keep although userAssigned does not list them.",
        examples: [["*/Built-In-Identity-*"]]
    )
    static let reattach = FieldSpec(
        "reattach",
        .boolean,
        "Whether identities of userAssigned that were deleted and created again are detached and attached again, so that "
            + "the machine can use the new ones; a short outage for each.",
        examples: [true]
    )
    static let object = ObjectSpec(
        "a virtual machine",
        [
            name, subscription, resourceGroup, systemAssigned, userAssigned, remove, exclusive, ignore,
            reattach,
        ],
        notYet: ["create"],
        hints: KeyHint.machine,
        conditions: [
            "dependentRequired": ["ignore": ["exclusive"]],
            "allOf": [
                [
                    "if": ["properties": ["exclusive": ["const": true]], "required": ["exclusive"]],
                    "then": ["required": ["userAssigned"]],
                ],
                [
                    "if": ["properties": ["exclusive": ["const": false]], "required": ["exclusive"]],
                    "then": ["properties": ["ignore": false]],
                ],
            ],
        ]
    )
}

/// The limits of one plan.
enum LimitFields {
    static let deletes = FieldSpec(
        "deletes",
        .limit,
        "How many identities one plan may delete, as a count or a percentage; 10 when left out.",
        examples: [10, "25%"]
    )
    static let unassigns = FieldSpec(
        "unassigns",
        .limit,
        "How many identities one plan may remove from machines, as a count or a percentage; 100 when left out.",
        examples: [100, "25%"]
    )
    static let object = ObjectSpec("limits", [deletes, unassigns])
}
