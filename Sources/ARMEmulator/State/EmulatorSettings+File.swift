import IdSyncCore

extension EmulatorSettings {
    /// Reads the settings from the top level of a state file.
    init(_ top: StateReader) throws(EmulatorStateError) {
        self.init()
        pageSize = try top.integer("pageSize", in: 1...100_000) ?? pageSize
        throttle = try top.bool("throttle") ?? throttle
        tokens = try top.strings("tokens")
        tenantID = try top.string("tenantId") ?? tenantID
        if let running = top.member("longRunning") {
            _ = try running.object(["polls", "seconds", "retryAfter"])
            polls = try running.integer("polls", in: 0...1000) ?? polls
            operationTime = .seconds(try running.integer("seconds", in: 0...86_400) ?? 0)
            retryAfter = try running.integer("retryAfter", in: 0...86_400)
        }
        guard let behaviour = top.member("behaviour") else { return }
        _ = try behaviour.object([
            "missingIdentity", "unattachedRemoval", "mixedPatch", "concurrentWrites", "idCase",
            "typeSpelling",
            "etags", "emptyPages",
        ])
        missingIdentity = try behaviour.word("missingIdentity", MissingIdentity.self) ?? missingIdentity
        unattachedRemoval =
            try behaviour.word("unattachedRemoval", UnattachedRemoval.self) ?? unattachedRemoval
        mixedPatch = try behaviour.word("mixedPatch", MixedPatch.self) ?? mixedPatch
        concurrentWrites = try behaviour.word("concurrentWrites", ConcurrentWrites.self) ?? concurrentWrites
        idCase = try behaviour.word("idCase", IDCase.self) ?? idCase
        typeSpelling = try behaviour.word("typeSpelling", TypeSpelling.self) ?? typeSpelling
        etags = try behaviour.bool("etags") ?? etags
        emptyPages = try behaviour.bool("emptyPages") ?? emptyPages
    }

    /// The members of the top level of a state file that are settings.
    var json: [String: JSONValue] {
        var running: [String: JSONValue] = [
            "polls": .integer(polls), "seconds": .integer(Int(operationTime.components.seconds)),
        ]
        running["retryAfter"] = retryAfter.map(JSONValue.integer)
        return [
            "pageSize": .integer(pageSize),
            "throttle": .bool(throttle),
            "tokens": .array(tokens.map(JSONValue.string)),
            "tenantId": .string(tenantID),
            "longRunning": .object(running),
            "behaviour": [
                "missingIdentity": .string(missingIdentity.rawValue),
                "unattachedRemoval": .string(unattachedRemoval.rawValue),
                "mixedPatch": .string(mixedPatch.rawValue),
                "concurrentWrites": .string(concurrentWrites.rawValue),
                "idCase": .string(idCase.rawValue),
                "typeSpelling": .string(typeSpelling.rawValue),
                "etags": .bool(etags),
                "emptyPages": .bool(emptyPages),
            ],
        ]
    }
}
