import IdSyncCore

/// What the command line asks for.
struct Options: Sendable {
    enum Command: String {
        case all, plan, apply, pacing, help
        /// The server of the plan benchmark; started by the benchmark itself, as are the next two.
        case servePages = "serve-pages"
        case serveEmulator = "serve-emulator"
        case measure
    }

    /// A number that a flag gives, with its default and its range.
    enum Number: String, CaseIterable {
        case vms, patches, latency, parallelism, seed, port
        case perGroup = "per-group"
        case runs = "repeat"

        var range: ClosedRange<Int> {
            switch self {
            case .vms: 10...100_000
            case .perGroup: 1...100_000
            case .patches: 1...5_000
            case .runs: 1...99
            case .latency: 0...10_000
            case .parallelism: 1...256
            case .seed: 0...Int.max
            case .port: 1...65_535
            }
        }
    }

    let command: Command
    let isJSON: Bool
    /// What a measuring child measures.
    let subject: String?
    private let numbers: [Number: Int]

    /// The number that was given, or a default that depends on the benchmark.
    func number(_ name: Number, default value: Int) -> Int { numbers[name] ?? value }

    init(_ words: [String]) throws(BenchError) {
        var rest = words[...]
        var command = Command.all
        if let word = rest.first, !word.hasPrefix("-") {
            guard let known = Command(rawValue: word) else {
                throw BenchError("there is no benchmark '\(word)'; see idsync-bench help", isUsage: true)
            }
            command = known
            rest = rest.dropFirst()
        }
        var subject: String?
        if command == .measure { subject = rest.popFirst() }
        var isJSON = false
        var numbers: [Number: Int] = [:]
        while let word = rest.popFirst() {
            switch word {
            case "--json": isJSON = true
            case "--help", "-h": command = .help
            default: try Self.readNumber(word, from: &rest, into: &numbers)
            }
        }
        self.command = command
        self.isJSON = isJSON
        self.subject = subject
        self.numbers = numbers
    }

    private static func readNumber(
        _ word: String,
        from rest: inout ArraySlice<String>,
        into numbers: inout [Number: Int]
    ) throws(BenchError) {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard word.hasPrefix("--"), let name = parts.first?.dropFirst(2),
            let number = Number(rawValue: String(name))
        else {
            throw BenchError("'\(word)' is not an option; see idsync-bench help", isUsage: true)
        }
        let text = parts.count == 2 ? parts[1] : rest.popFirst()
        guard let text, let value = Int(text), number.range.contains(value) else {
            let range = number.range
            throw BenchError(
                "--\(name) takes a number from \(range.lowerBound) to \(range.upperBound)",
                isUsage: true
            )
        }
        numbers[number] = value
    }
}

/// What `idsync-bench help` prints.
enum Usage {
    static let text = """
        usage: idsync-bench [plan | apply | pacing] [options]      without a name: all three

        plan     reads and plans VMs against a loopback server that serves list pages, in processes of their own;
                 time and peak memory, as ratios to fetching the same pages and discarding them
        apply    patches VMs against the emulator on loopback, at a server latency and a parallelism;
                 time, as a ratio to what four round trips a patch take with so many requests in flight
        pacing   10,000 VM patches and 1,000 identity creations against the emulator's published limits,
                 in virtual time, alone and beside a second client; time as a ratio to what the limits allow

        --vms N           plan: VMs, with N/10 identities (10,000; at most 100,000); pacing: VMs to patch (10,000)
        --per-group N     plan: VMs per resource group (250)
        --patches N       apply: VMs to patch (200)
        --latency MS      the server waits that long before each answer (plan: 0; apply: 20 and 50)
        --parallelism N   requests in flight (plan and pacing: 8; apply: 8 and 32)
        --repeat N        runs of each measurement (plan: 5; apply: 3); median and range are printed
        --seed N          pacing: the seed of the simulated network (1)
        --json            one JSON document instead of text
        """
}
