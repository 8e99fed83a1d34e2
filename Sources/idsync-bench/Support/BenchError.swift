/// Why the benchmark could not be run.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    /// Whether the command line is at fault.
    var isUsage = false

    init(_ description: String, isUsage: Bool = false) {
        self.description = description
        self.isUsage = isUsage
    }
}
