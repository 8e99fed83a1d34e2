/// The commands.
enum CommandName: String, CaseIterable, Sendable {
    case validate, plan, apply, emulate, demo, schema, version, help

    /// What follows the command name.
    var operands: String {
        switch self {
        case .validate, .plan, .apply: "[PATH…]"
        case .schema: "[manifest|plan|report]"
        case .help: "[COMMAND|TOPIC|CODE]"
        case .emulate, .demo, .version: ""
        }
    }

    /// One line for help.
    var summary: String {
        switch self {
        case .validate: "check a manifest offline: syntax, schema, references, names, limits"
        case .plan: "read live state and show what apply would do; writes nothing to Azure"
        case .apply: "carry out the saved plan, or plan again and ask"
        case .emulate: "serve the embedded ARM emulator on a loopback port"
        case .demo: "plan, apply and plan again on the embedded emulator"
        case .schema: "print a JSON Schema (default: the manifest's)"
        case .version: "print the version"
        case .help: "help for a command, a code such as IDS1103, or on: \(HelpTopic.names)"
        }
    }

    /// Two lines to copy, each with what it does.
    var examples: [(line: String, does: String)] {
        switch self {
        case .validate:
            [
                ("idsync validate manifest.yaml", "check one file"),
                ("idsync validate manifests -o json", "check a directory; diagnostics as JSON"),
            ]
        case .plan:
            [
                ("idsync plan manifest.yaml", "show what would change, and remember it for apply"),
                (
                    "idsync plan manifest.yaml --detailed-exitcode -o json",
                    "for a pipeline: exit 2 on changes"
                ),
            ]
        case .apply:
            [
                ("idsync apply", "carry out the plan that was shown last"),
                (
                    "idsync apply --plan plan.json -o json",
                    "carry out a plan made with --out; the report as JSON"
                ),
            ]
        case .emulate:
            [
                ("idsync emulate", "serve the quickstart state on a free port"),
                (
                    "idsync emulate --port 8080 --state state.json",
                    "serve a state of your own, and keep it up to date"
                ),
            ]
        case .demo:
            [
                ("idsync demo", "see a plan and an apply, without an Azure account"),
                ("idsync demo -v", "with the exact requests"),
            ]
        case .schema:
            [
                ("idsync schema > manifest.schema.json", "the manifest's schema, for editors"),
                ("idsync schema plan", "the schema of plan -o json"),
            ]
        case .version:
            [
                ("idsync version", "the version for people"),
                ("idsync version -o json", "the version for scripts"),
            ]
        case .help:
            [
                ("idsync help plan", "a command with its options"),
                ("idsync help IDS1103", "what a code in a message means, and what to do"),
            ]
        }
    }

    /// What the operands are, for the help; nil where their names say it.
    var operandHelp: [String]? {
        switch self {
        case .validate, .plan: Help.paths + Help.defaultPaths
        case .apply:
            Help.paths + [
                "Without PATH: the plan that 'idsync plan' remembered (\(PlanStore.path)); when there is none, the manifest",
                "that 'idsync plan' reads without PATH.",
            ]
        default: nil
        }
    }
}
