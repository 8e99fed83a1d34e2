/// One field of the manifest, as the reader checks it and the schema describes it.
struct FieldSpec: Sendable {
    let name: String
    let type: FieldType
    let isRequired: Bool
    /// What the field means, for editors.
    let summary: String
    let examples: [JSONValue]

    init(_ name: String, _ type: FieldType, required: Bool = false, _ summary: String, examples: [JSONValue])
    {
        self.name = name
        self.type = type
        isRequired = required
        self.summary = summary
        self.examples = examples
    }
}

/// What a field may hold.
indirect enum FieldType: Sendable {
    /// Any string; idsync makes no use of it.
    case anyText
    /// A string that obeys a rule.
    case text(TextRule)
    /// One of some strings.
    case choice([String])
    /// `true` or `false`.
    case boolean
    /// One integer and no other.
    case constant(Int)
    /// A list of strings that obey a rule, each at most once.
    case texts(TextRule)
    /// A list of objects.
    case objects(ObjectSpec)
    /// An object.
    case object(ObjectSpec)
    /// One of some strings, or an object.
    case choiceOrObject([String], ObjectSpec)
    /// Tag names and values.
    case tags
    /// A count, or a percentage such as `"25%"`.
    case limit
}

/// The fields of one kind of mapping.
struct ObjectSpec: Sendable {
    /// How messages name it, with an article when it needs one.
    let label: String
    let fields: [FieldSpec]
    /// Keys of the manifest format that this version refuses by name, rather than as unknown.
    let notYet: Set<String>
    /// What some unknown keys mean, by the key in lower case.
    let hints: [String: KeyHint]
    /// Rules between fields, as keywords of the schema; the program has them in `MachineEntryRules`.
    let conditions: [String: JSONValue]
    private let byName: [String: FieldSpec]

    init(
        _ label: String,
        _ fields: [FieldSpec],
        notYet: Set<String> = [],
        hints: [String: KeyHint] = [:],
        conditions: [String: JSONValue] = [:]
    ) {
        self.label = label
        self.fields = fields
        self.notYet = notYet
        self.hints = hints
        self.conditions = conditions
        byName = Dictionary(fields.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The names to propose; not those that start with `$`, which are for other programs.
    var names: [String] { fields.map(\.name).filter { !$0.hasPrefix("$") } }

    subscript(name: String) -> FieldSpec? { byName[name] }
}
