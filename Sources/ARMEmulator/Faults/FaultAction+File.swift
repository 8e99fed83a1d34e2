import IdSyncCore

extension FaultAction {
    /// Reads an action; its one telling member says which it is.
    init(_ entry: StateReader) throws(EmulatorStateError) {
        let members = try entry.object()
        try entry.refuse(FaultRule.conditions.subtracting(["body"]), belongingInside: "match")
        try entry.refuse(["delayMs"], belongingInside: nil)
        let telling = [
            "status", "precondition", "reset", "truncate", "garbage", "html", "lro", "otherWriter",
            "notFoundFor",
            "identityError", "foreignNextLink", "foreignOperation", "redirect",
        ].filter { members[$0] != nil }
        guard let name = telling.first, telling.count == 1 else {
            throw entry.failure(
                "expected exactly one of status, precondition, reset, …, found \(telling.count)"
            )
        }
        let others: [String: Set<String>] = [
            "status": ["code", "message", "retryAfter", "headers", "body"],
            "lro": ["code", "message", "applied"],
        ]
        _ = try entry.object((others[name] ?? []).union([name]))
        self = try Self.read(name, entry)
    }

    private static func read(_ name: String, _ entry: StateReader) throws(EmulatorStateError) -> FaultAction {
        switch name {
        case "status": .answer(try FaultAnswer(entry))
        case "precondition": .precondition
        case "reset": .reset(afterWrite: entry.value[name] == "after")
        case "truncate": .truncate(try entry.integer(name, in: 0...1_000_000_000) ?? 0)
        case "garbage": entry.value[name] == "bytes" ? .garbageBytes : .garbage
        case "html": .html(try entry.integer(name, in: 200...599) ?? 502)
        case "lro": .longRunning(try LongRunningFault(entry))
        case "notFoundFor": .notFoundFor(try entry.integer(name, in: 1...1_000_000) ?? 1)
        case "foreignNextLink": .foreignNextLink(try entry.string(name) ?? "")
        case "foreignOperation": .foreignOperation(try entry.string(name) ?? "")
        case "redirect": .redirect(try entry.string(name) ?? "")
        case "identityError": try identityError(entry.member(name) ?? entry)
        default: .otherWriter(try OtherWriter(entry.member(name) ?? entry))
        }
    }

    private static func identityError(_ entry: StateReader) throws(EmulatorStateError) -> FaultAction {
        _ = try entry.object(["identities", "status"])
        let identities = try entry.strings("identities")
        if identities.isEmpty { throw entry.failure("the member 'identities' is missing or empty") }
        let status = try entry.integer("status", in: 400...403) ?? 403
        guard status == 400 || status == 403 else { throw entry.failure("the status has to be 400 or 403") }
        return .identityError(identities: identities, status: status)
    }

    /// The action as a file has it.
    func json(times: Int?) -> JSONValue {
        switch self {
        case .answer(let answer): answer.json
        case .precondition: ["precondition": .integer(times ?? 1_000)]
        case .reset(let afterWrite): ["reset": afterWrite ? "after" : true]
        case .truncate(let count): ["truncate": .integer(count)]
        case .garbage: ["garbage": true]
        case .garbageBytes: ["garbage": "bytes"]
        case .html(let status): ["html": .integer(status)]
        case .longRunning(let fault):
            [
                "lro": .string(fault.end.rawValue), "code": .string(fault.code),
                "message": .string(fault.message),
                "applied": .bool(fault.applied),
            ]
        case .otherWriter(let writer): ["otherWriter": writer.json]
        case .notFoundFor(let count): ["notFoundFor": .integer(count)]
        case .identityError(let identities, let status):
            [
                "identityError": [
                    "identities": .array(identities.map(JSONValue.string)), "status": .integer(status),
                ]
            ]
        case .foreignNextLink(let host): ["foreignNextLink": .string(host)]
        case .foreignOperation(let host): ["foreignOperation": .string(host)]
        case .redirect(let url): ["redirect": .string(url)]
        }
    }
}

extension FaultAnswer {
    fileprivate init(_ entry: StateReader) throws(EmulatorStateError) {
        self.init(
            status: try entry.integer("status", in: 200...599) ?? 500,
            code: try entry.string("code"),
            message: try entry.string("message"),
            retryAfter: try entry.integer("retryAfter", in: 0...86_400)
        )
        headers = try entry.texts("headers")
        body = entry.value["body"]
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "status": .integer(status), "code": .string(code), "message": .string(message),
        ]
        members["retryAfter"] = retryAfter.map(JSONValue.integer)
        if !headers.isEmpty { members["headers"] = .object(headers.mapValues(JSONValue.string)) }
        members["body"] = body
        return .object(members)
    }
}

extension LongRunningFault {
    fileprivate init(_ entry: StateReader) throws(EmulatorStateError) {
        guard let end = try entry.word("lro", End.self) else {
            throw entry.failure("the member 'lro' is null")
        }
        self.init(end)
        code = try entry.string("code") ?? code
        message = try entry.string("message") ?? message
        applied = try entry.bool("applied") ?? false
    }
}

extension OtherWriter {
    fileprivate init(_ entry: StateReader) throws(EmulatorStateError) {
        _ = try entry.object([
            "machine", "add", "remove", "systemAssigned", "bumpETag", "tags", "provisioningState",
            "deleteMachine",
            "createIdentity", "location", "deleteIdentity",
        ])
        self.init(add: try entry.strings("add"), remove: try entry.strings("remove"))
        machine = try entry.member("machine")?.resourceID(.virtualMachine, .virtualMachineScaleSet)
        systemAssigned = try entry.bool("systemAssigned")
        bumpETag = try entry.bool("bumpETag") ?? false
        tags = entry.member("tags") == nil ? nil : try entry.texts("tags")
        provisioningState = try entry.string("provisioningState")
        deleteMachine = try entry.bool("deleteMachine") ?? false
        createIdentity = try entry.member("createIdentity")?.resourceID(.userAssignedIdentity)
        location = try entry.string("location") ?? location
        deleteIdentity = try entry.member("deleteIdentity")?.resourceID(.userAssignedIdentity)
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["machine"] = machine.map { .string($0.description) }
        if !add.isEmpty { members["add"] = .array(add.map(JSONValue.string)) }
        if !remove.isEmpty { members["remove"] = .array(remove.map(JSONValue.string)) }
        members["systemAssigned"] = systemAssigned.map(JSONValue.bool)
        if bumpETag { members["bumpETag"] = true }
        members["tags"] = tags.map { .object($0.mapValues(JSONValue.string)) }
        members["provisioningState"] = provisioningState.map(JSONValue.string)
        if deleteMachine { members["deleteMachine"] = true }
        members["createIdentity"] = createIdentity.map { .string($0.description) }
        if createIdentity != nil { members["location"] = .string(location) }
        members["deleteIdentity"] = deleteIdentity.map { .string($0.description) }
        return .object(members)
    }
}
