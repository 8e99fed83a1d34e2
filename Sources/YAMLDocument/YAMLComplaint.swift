/// A refusal of libyaml, put into words that say what to change.
struct YAMLComplaint {
    /// What libyaml found wrong.
    let problem: String
    /// What it was reading meanwhile, such as "while scanning a quoted scalar".
    let context: String?
    /// Where it stopped.
    let place: SourceLocation
    /// Where it began what `context` speaks of.
    let contextPlace: SourceLocation
    /// The character at `place`; nil at the end of the file.
    let character: Unicode.Scalar?
    /// The last line of the file that holds anything.
    let endLine: Int

    /// The problem to report.
    var syntaxProblem: SyntaxProblem { tab ?? openQuote ?? openBracket ?? bareStar ?? wrongStart ?? other }

    /// libyaml has three messages for a tab in the indentation, and two of them do not name it.
    private var tab: SyntaxProblem? {
        guard character == "\t", problem != "found unexpected end of stream" else { return nil }
        return SyntaxProblem(.invalidYAML, "a tab cannot indent YAML; use spaces", at: place)
    }

    /// A quote without its partner is noticed far behind the place to look at.
    private var openQuote: SyntaxProblem? {
        guard context == "while scanning a quoted scalar",
            problem == "found unexpected end of stream" || problem == "found unexpected document indicator"
        else { return nil }
        let end =
            character == nil
            ? "it runs to the end of the file, line \(max(endLine, contextPlace.line))"
            : "it runs to line \(place.line)"
        return SyntaxProblem(.invalidYAML, "this quote is not closed", at: contextPlace, notes: [end])
    }

    /// The same for a list or mapping in brackets that the file ends in.
    private var openBracket: SyntaxProblem? {
        let brackets = ["while parsing a flow sequence": "[", "while parsing a flow mapping": "{"]
        guard character == nil, let bracket = context.flatMap({ brackets[$0] }) else { return nil }
        return SyntaxProblem(
            .invalidYAML,
            "this '\(bracket)' is not closed",
            at: contextPlace,
            notes: ["it runs to the end of the file, line \(max(endLine, contextPlace.line))"]
        )
    }

    /// `[*]` and `*/name` are meant as patterns; to YAML the star begins an alias.
    private var bareStar: SyntaxProblem? {
        let marks = ["while scanning an alias": "*", "while scanning an anchor": "&"]
        guard let mark = context.flatMap({ marks[$0] }) else { return nil }
        return SyntaxProblem(
            .invalidYAML,
            "a value that starts with '\(mark)' needs quotes",
            at: contextPlace,
            notes: ["for example \"\(mark)\""]
        )
    }

    private var wrongStart: SyntaxProblem? {
        guard problem == "found character that cannot start any token", let character else { return nil }
        let quoted = Quoting.quote(String(character))
        return SyntaxProblem(
            .invalidYAML,
            "\(quoted) cannot start a YAML value",
            at: place,
            notes: ["put the value in double quotes"]
        )
    }

    /// In libyaml's words, with a hint for the mistakes that people make most.
    private var other: SyntaxProblem {
        let start = "\(contextPlace.line):\(contextPlace.column)"
        var notes =
            context.map { [Self.containers[$0].map { "\($0) \(start)" } ?? "\($0) at \(start)"] } ?? []
        if let hint = Self.hints.first(where: { problem.contains($0.problem) })?.hint { notes.append(hint) }
        return SyntaxProblem(.invalidYAML, "not valid YAML: \(problem)", at: place, notes: notes)
    }

    private static let containers = [
        "while parsing a block collection": "in the list that starts at",
        "while parsing a block mapping": "in the mapping that starts at",
        "while parsing a flow sequence": "in the list that starts at",
        "while parsing a flow mapping": "in the mapping that starts at",
    ]

    private static let hints: [(problem: String, hint: String)] = [
        (
            "mapping values are not allowed",
            "check the indentation, and put a value that contains ': ' in quotes"
        ),
        ("block sequence entries are not allowed", "start the list on a new line, each entry with '- '"),
        ("did not find expected key", indentation),
        ("did not find expected '-' indicator", indentation),
        ("could not find expected ':'", "a key is followed by ': ' on the same line"),
    ]

    private static let indentation = "check the indentation of this line and of the lines above it"
}
