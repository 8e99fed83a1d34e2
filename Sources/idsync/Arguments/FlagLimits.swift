import IdSyncCore

/// What `--max-deletes`, `--max-unassigns` and `--skip-blocked` make of a plan.
struct FlagLimits: Sendable, Equatable {
    /// The flags in the user's words, as the plan document keeps them.
    let options: PlanOptions
    private let deletes: Limits.Limit?
    private let unassigns: Limits.Limit?

    /// Reads the flags' values.
    init(_ options: PlanOptions, command: CommandName) throws(UsageError) {
        self.options = options
        deletes = try Self.limit(options.maxDeletes, "max-deletes", command)
        unassigns = try Self.limit(options.maxUnassigns, "max-unassigns", command)
    }

    /// The flags of this run over those that a saved plan was made with.
    func over(_ saved: PlanOptions, command: CommandName) throws(UsageError) -> FlagLimits {
        try FlagLimits(
            PlanOptions(
                maxDeletes: options.maxDeletes ?? saved.maxDeletes,
                maxUnassigns: options.maxUnassigns ?? saved.maxUnassigns,
                skipBlocked: options.skipBlocked || saved.skipBlocked
            ),
            command: command
        )
    }

    /// A limit that the manifest states is only ever tightened by a flag; the built-in default gives way to it.
    func applied(to manifest: Limits) -> Limits {
        Limits(
            deletes: Self.tighter(manifest.deletes, deletes),
            unassigns: Self.tighter(manifest.unassigns, unassigns)
        )
    }

    private static func tighter(_ stated: Limits.Limit, _ flag: Limits.Limit?) -> Limits.Limit {
        guard let flag else { return stated }
        guard stated.origin != nil else { return flag }
        return Limits.Limit(
            count: [stated.count, flag.count].compactMap { $0 }.min(),
            percent: [stated.percent, flag.percent].compactMap { $0 }.min(),
            origin: stated.origin
        )
    }

    private static func limit(_ text: String?, _ name: String, _ command: CommandName) throws(UsageError)
        -> Limits.Limit?
    {
        guard let text else { return nil }
        if let count = Int(text), Limits.counts.contains(count) { return Limits.Limit(count: count) }
        if text.hasSuffix("%"), let percent = Int(text.dropLast()), (0...100).contains(percent) {
            return Limits.Limit(percent: percent)
        }
        throw UsageError("--\(name) '\(text)' is neither a count nor a percentage like 25%", command: command)
    }
}
