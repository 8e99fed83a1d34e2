import IdSyncAzure
package import IdSyncCore

/// A file of fault rules: `{"format": "idsync.faults/1", "faults": [ … ]}` with the rules of `FaultRule`.
package enum FaultScript {
    /// Reads a fault file.
    ///
    /// - Throws: `EmulatorStateError`, which names the file and the place in it.
    package static func load(from path: String) throws(EmulatorStateError) -> [FaultRule] {
        let reader = try StateReader.file(path)
        do throws(EmulatorStateError) {
            return try rules(reader.value)
        } catch {
            throw EmulatorStateError("\(path): \(error)")
        }
    }

    /// Reads fault rules.
    ///
    /// - Throws: `EmulatorStateError`, which names the place.
    package static func rules(_ json: JSONValue) throws(EmulatorStateError) -> [FaultRule] {
        let top = StateReader(value: json, path: "")
        _ = try top.object(["format", "faults"])
        guard try top.string("format") == "idsync.faults/1" else {
            throw top.failure("the member 'format' has to be 'idsync.faults/1'")
        }
        var rules: [FaultRule] = []
        for entry in try top.elements("faults") { rules.append(try FaultRule(entry)) }
        return rules
    }
}

extension StateReader {
    /// Refuses members that are known but stand in the wrong place of a rule.
    func refuse(_ names: Set<String>, belongingInside home: String?) throws(EmulatorStateError) {
        guard let stray = (value.object ?? [:]).keys.filter(names.contains).min() else { return }
        throw failure(
            "'\(stray)' belongs " + (home.map { "inside '\($0)'" } ?? "beside 'match' and 'action'")
        )
    }
}

extension FaultRule {
    /// The members of `match`.
    static let conditions: Set = ["method", "path", "body", "nth", "times", "always"]

    /// Reads a rule.
    init(_ entry: StateReader) throws(EmulatorStateError) {
        try entry.refuse(Self.conditions, belongingInside: "match")
        _ = try entry.object(["name", "match", "delayMs", "action"])
        self.init(
            name: try entry.string("name"),
            delay: .milliseconds(try entry.integer("delayMs", in: 0...3_600_000) ?? 0)
        )
        if let found = entry.member("action") { action = try FaultAction(found) }
        if action == nil, delay == .zero {
            throw entry.failure("the rule has neither 'action' nor 'delayMs'")
        }
        if case .identityError = action { times = nil }
        if let storm = try entry.member("action")?.integer("precondition", in: 1...10_000) { times = storm }
        guard let match = entry.member("match") else { return }
        try match.refuse(["delayMs"], belongingInside: nil)
        _ = try match.object(Self.conditions)
        if let text = try match.string("method") {
            guard let known = HTTPMethod(rawValue: text) else {
                throw match.failure("'\(text)' is not one of GET, PUT, PATCH, POST, DELETE")
            }
            method = known
        }
        path = try match.string("path").map(GlobPattern.init)
        body = try match.string("body")
        nth = try match.integer("nth", in: 1...1_000_000) ?? 1
        times = try match.integer("times", in: 1...1_000_000) ?? times
        if try match.bool("always") == true { times = nil }
    }

    /// The rule as a file has it.
    var json: JSONValue {
        var match: [String: JSONValue] = [:]
        match["method"] = method.map { .string($0.rawValue) }
        match["path"] = path.map { .string($0.description) }
        match["body"] = body.map(JSONValue.string)
        if nth != 1 { match["nth"] = .integer(nth) }
        if let times { match["times"] = .integer(times) } else { match["always"] = true }
        var members: [String: JSONValue] = ["match": .object(match)]
        members["name"] = name.map(JSONValue.string)
        members["action"] = action?.json(times: times)
        let milliseconds =
            delay.components.seconds * 1000 + delay.components.attoseconds / 1_000_000_000_000_000
        if milliseconds != 0 { members["delayMs"] = .integer(Int(milliseconds)) }
        return .object(members)
    }
}
