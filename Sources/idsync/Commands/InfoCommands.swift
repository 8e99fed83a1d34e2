import IdSyncCore

/// `idsync version`.
enum VersionCommand {
    static func run(_ run: Run) throws(Failure) -> ExitCode {
        guard run.invocation.operands.isEmpty else {
            throw Failure(code: .usage, message: "version takes no operand")
        }
        return run.finish(
            .done,
            text: "idsync \(Version.number)",
            json: ["name": "idsync", "version": .string(Version.number)]
        )
    }
}

/// `idsync schema`: the JSON Schemas, for editors and for those who read the documents.
enum SchemaCommand {
    static func run(_ run: Run) throws(Failure) -> ExitCode {
        let name = run.invocation.operands.first ?? "manifest"
        guard run.invocation.operands.count <= 1, let text = Schemas.text(name) else {
            throw Failure(
                code: .usage,
                message: "schema takes one of: \(Schemas.names.joined(separator: ", "))"
            )
        }
        run.console.document(text)
        return .done
    }
}

/// `idsync help [COMMAND|TOPIC|CODE]`.
enum HelpCommand {
    static func run(_ run: Run) throws(Failure) -> ExitCode {
        let text = try text(run.invocation.operands)
        return run.finish(.done, text: text, json: ["format": "idsync.help/1", "text": .string(text)])
    }

    private static func text(_ operands: [String]) throws(Failure) -> String {
        guard let name = operands.first else { return Help.overview }
        guard operands.count == 1 else {
            throw Failure(code: .usage, message: "help takes one command, topic or code")
        }
        if let command = CommandName(rawValue: name) { return Help.command(command) }
        if let topic = HelpTopic(rawValue: name) { return topic.text }
        if let guide = CodeGuide.find(name) { return Help.code(guide) }
        if name.uppercased().hasPrefix("IDS"), name.dropFirst(3).allSatisfy(\.isNumber) {
            throw Failure(code: .usage, message: "there is no code '\(name)'; 'idsync help codes' lists them")
        }
        let known = CommandName.allCases.map(\.rawValue) + HelpTopic.allCases.map(\.rawValue)
        let near = Suggestion.near(name, among: known).first
        throw Failure(
            code: .usage,
            message: "no help on '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? "")
        )
    }
}
