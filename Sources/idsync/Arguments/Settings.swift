import IdSyncAzure
import IdSyncCore

/// The typed values of the options; every bad value is a usage error that names the option.
struct Settings: Sendable, Equatable {
    /// The format of the document on stdout.
    enum Output: String, Sendable, CaseIterable { case text, json }

    let output: Output
    let parallelism: Int
    let timeout: Duration?
    let limits: FlagLimits
    let auth: AuthMode
    let logLevel: LogLevel
    let port: UInt16

    /// Reads the options of an invocation.
    init(_ invocation: Invocation) throws(UsageError) {
        output = try Self.choice(invocation, "output", Output.allCases, default: .text)
        auth = try Self.choice(invocation, "auth", AuthMode.allCases, default: .auto)
        logLevel = try Self.choice(invocation, "log-level", LogLevel.allCases, default: .warning)
        parallelism = try Self.number(invocation, "parallelism", 1...64) ?? 8
        port = UInt16(try Self.number(invocation, "port", 0...65535) ?? 0)
        limits = try FlagLimits(
            PlanOptions(
                maxDeletes: invocation["max-deletes"],
                maxUnassigns: invocation["max-unassigns"],
                skipBlocked: invocation.has("skip-blocked")
            ),
            command: invocation.command
        )
        timeout = try Self.duration(invocation, "timeout")
        if invocation.has("emulator"), invocation.has("endpoint") {
            throw UsageError("--emulator and --endpoint cannot be used together", command: invocation.command)
        }
        if invocation.has("quiet"), invocation.has("verbose") {
            throw UsageError("-q and -v cannot be used together", command: invocation.command)
        }
        if invocation.has("no-save"), invocation.has("out") {
            throw UsageError("--no-save and --out cannot be used together", command: invocation.command)
        }
    }

    private static func choice<Choice: RawRepresentable & Sendable>(
        _ invocation: Invocation,
        _ name: String,
        _ choices: [Choice],
        default fallback: Choice
    ) throws(UsageError) -> Choice where Choice.RawValue == String {
        guard let text = invocation[name] else { return fallback }
        guard let choice = choices.first(where: { $0.rawValue == text }) else {
            let names = choices.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--\(name) '\(text)' is not one of: \(names)", command: invocation.command)
        }
        return choice
    }

    private static func number(_ invocation: Invocation, _ name: String, _ range: ClosedRange<Int>)
        throws(UsageError) -> Int?
    {
        guard let text = invocation[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "--\(name) '\(text)' is not a number from \(range.lowerBound) to \(range.upperBound)",
                command: invocation.command
            )
        }
        return number
    }

    private static func duration(_ invocation: Invocation, _ name: String) throws(UsageError) -> Duration? {
        guard let text = invocation[name] else { return nil }
        let units: [(suffix: String, seconds: Int)] = [("s", 1), ("m", 60), ("h", 3600)]
        for unit in units where text.hasSuffix(unit.suffix) {
            if let count = Int(text.dropLast()), count > 0, count <= 100_000 {
                return .seconds(count * unit.seconds)
            }
        }
        throw UsageError(
            "--\(name) '\(text)' is not a duration like 30s, 10m or 2h",
            command: invocation.command
        )
    }
}
