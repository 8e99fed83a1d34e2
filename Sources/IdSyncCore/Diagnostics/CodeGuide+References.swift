// The codes of references, contradictions and names in a manifest.
extension CodeGuide {
    static let references: [CodeGuide] = [
        error(
            .unknownIdentity,
            "unknown identity",
            "A short name refers to an identity under 'identities' in this manifest, and there is none of that name.",
            do:
                "Correct the name, declare the identity, or refer to it as group/name or by its full resource id."
        ),
        error(
            .malformedReference,
            "malformed reference",
            "A reference is a declared name, group/name, or the full resource id of a user-assigned identity.",
            do: "Correct it; 'az identity show --query id' prints the full id."
        ),
        error(
            .ambiguousName,
            "ambiguous name",
            "Two declared identities in different groups have this name.",
            do: "Write group/name or the full resource id."
        ),
        error(
            .duplicateIdentity,
            "identity declared twice",
            "Two entries under 'identities' are the same Azure resource; upper and lower case make no difference.",
            do: "Remove one of them."
        ),
        error(
            .duplicateTarget,
            "machine with two entries",
            "Two entries under 'virtualMachines' are the same machine; upper and lower case make no difference.",
            do: "Put everything about the machine into one entry."
        ),
        error(
            .duplicateReference,
            "listed twice",
            "A list names the same identity or pattern twice. Often one of the two was meant to be another.",
            do: "Correct or remove one of them."
        ),
        error(
            .assignedAndRemoved,
            "assigned and removed",
            "An entry has the same identity under 'userAssigned' and under 'remove'.",
            do: "Keep it in one of the two lists."
        ),
        error(
            .removesProtected,
            "removes a protected identity",
            "'remove' names an identity that a pattern under 'protected' matches. Protected identities never leave a "
                + "machine.",
            do: "Remove it from the list, or narrow the pattern."
        ),
        error(
            .deletesProtected,
            "deletes a protected identity",
            "An identity has 'state: absent', and a pattern under 'protected' matches it.",
            do: "Remove the state, or narrow the pattern."
        ),
        error(
            .assignsAbsent,
            "assigns an absent identity",
            "A machine is to have an identity that has 'state: absent' in the same manifest.",
            do: "Remove it from 'userAssigned', or remove 'state: absent'."
        ),
        error(
            .ignoreWithoutExclusive,
            "ignore without exclusive",
            "'ignore' names exceptions from 'exclusive: true'. Without that, nothing is removed that it could keep.",
            do: "Add 'exclusive: true', or remove 'ignore'."
        ),
        warning(
            .removeWithExclusive,
            "remove with exclusive",
            "With 'exclusive: true' every identity that is not listed is removed anyway, so 'remove' has no effect.",
            do: "Remove one of the two."
        ),
        error(
            .exclusiveWithoutList,
            "exclusive without a list",
            "'exclusive: true' needs 'userAssigned', which is then the exact set of identities.",
            do: "Add the list; write 'userAssigned: []' to remove every user-assigned identity."
        ),
        error(
            .noDefault,
            "no default",
            "An entry does not say its subscription, resource group or location, and 'defaults' does not either.",
            do: "Add the value to the entry or under 'defaults'."
        ),
        warning(
            .asksNothing,
            "entry asks for nothing",
            "An entry names a machine and nothing to change on it.",
            do: "Add systemAssigned, userAssigned or remove, or remove the entry."
        ),
    ]

    static let names: [CodeGuide] = [
        error(
            .identityName,
            "invalid identity name",
            "Azure allows 3 to 128 letters, digits, '-' and '_', starting with a letter or digit.",
            do: "Choose another name."
        ),
        warning(
            .longIdentityName,
            "long identity name",
            "Azure documents at most 24 characters for an identity that is assigned to a virtual machine. Longer names "
                + "often work, but the service decides.",
            do: "Use a shorter name for a new identity."
        ),
        error(
            .resourceGroup,
            "invalid resource group name",
            "Azure allows 1 to 90 letters, digits, '-', '_', '(', ')' and '.', not ending with '.'.",
            do: "Correct the name."
        ),
        error(
            .machineName,
            "invalid machine name",
            "The name of a virtual machine has up to 64 characters, no blanks and no punctuation such as / or :.",
            do: "Write the name of the resource, not its host name or id."
        ),
        error(
            .subscription,
            "invalid subscription",
            "A subscription is given by its id, a GUID, not by its name.",
            do: "'az account show --query id' prints it."
        ),
        error(
            .location,
            "invalid location",
            "A location is a name such as westus or 'West US 2'.",
            do: "'az account list-locations --query [].name' lists them."
        ),
        error(
            .tagCount,
            "too many tags",
            "A resource has at most 50 tags; those of 'defaults' count too.",
            do: "Remove some."
        ),
        error(
            .tagName,
            "invalid tag name",
            "The name of a tag has 1 to 512 characters and none of < > % & \\ ? /.",
            do: "Choose another name."
        ),
        error(
            .tagValue,
            "invalid tag value",
            "The value of a tag has at most 256 characters.",
            do: "Shorten it."
        ),
        error(
            .duplicateTag,
            "tag given twice",
            "Two tags differ only in upper and lower case, which Azure treats as the same tag.",
            do: "Remove one of them."
        ),
        error(
            .apiVersion,
            "invalid api-version",
            "An api-version is a date such as 2024-07-01, perhaps with -preview, and not older than what idsync can use.",
            do: "Remove it to use the default, or correct it."
        ),
        error(
            .cloudURL,
            "invalid cloud URL",
            "The endpoints of a custom cloud are https:// URLs. Tokens are sent to them, so http:// is allowed only for "
                + "loopback hosts such as localhost and 127.0.0.1.",
            do: "Correct the URL, or use a named cloud."
        ),
        error(
            .limit,
            "invalid limit",
            "A limit is a count such as 10, or a percentage from \"0%\" to \"100%\".",
            do: "Correct it, or remove it to use the default."
        ),
        error(
            .pattern,
            "invalid pattern",
            "A pattern is the name, group/name or resource id of identities, with '*' and '?' for any characters, and "
                + "without blanks.",
            do: "Correct it; a pattern that starts with '*' needs quotes."
        ),
    ]
}
