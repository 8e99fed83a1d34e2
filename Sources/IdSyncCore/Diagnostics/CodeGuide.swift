/// What a code means and what to do about it, for `idsync help CODE`.
package struct CodeGuide: Sendable, Equatable {
    /// What a code belongs to.
    package enum Kind: String, Sendable, Equatable {
        case manifestError = "an error in the manifest"
        case manifestWarning = "a warning about the manifest"
        case gate = "a gate: the plan names a target that it will not touch"
        case planWarning = "a warning in a plan"
        case savedFile = "an error in a saved file"
    }

    /// The code, such as `IDS1103`.
    package let code: String
    /// What the code belongs to.
    package let kind: Kind
    /// The name of the gate, for a gate.
    package let gate: Gate?
    /// A few words.
    package let title: String
    /// What it means, in a sentence or two.
    package let meaning: String
    /// What to do.
    package let advice: String

    /// The entry of a code, or of a gate by its name; nil when there is none.
    package static func find(_ text: String) -> CodeGuide? {
        let folded = Folding.fold(text)
        return all.first { Folding.fold($0.code) == folded || $0.gate?.rawValue == folded }
    }

    /// Every code, in order.
    package static let all = syntax + fields + references + names + gates + planWarnings + savedFiles

    static func error(_ code: DiagnosticCode, _ title: String, _ meaning: String, do advice: String)
        -> CodeGuide
    {
        CodeGuide(
            code: code.rawValue,
            kind: .manifestError,
            gate: nil,
            title: title,
            meaning: meaning,
            advice: advice
        )
    }

    static func warning(_ code: DiagnosticCode, _ title: String, _ meaning: String, do advice: String)
        -> CodeGuide
    {
        CodeGuide(
            code: code.rawValue,
            kind: .manifestWarning,
            gate: nil,
            title: title,
            meaning: meaning,
            advice: advice
        )
    }

    static func gate(_ gate: Gate, _ title: String, _ meaning: String, do advice: String) -> CodeGuide {
        CodeGuide(code: gate.code, kind: .gate, gate: gate, title: title, meaning: meaning, advice: advice)
    }

    static func planWarning(_ code: String, _ title: String, _ meaning: String, do advice: String)
        -> CodeGuide
    {
        CodeGuide(code: code, kind: .planWarning, gate: nil, title: title, meaning: meaning, advice: advice)
    }

    static func savedFile(_ code: String, _ title: String, _ meaning: String, do advice: String) -> CodeGuide
    {
        CodeGuide(code: code, kind: .savedFile, gate: nil, title: title, meaning: meaning, advice: advice)
    }
}
