/// How much `--log-level` shows.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case error, warning, info, debug, trace

    /// Orders from quiet to loud.
    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Where log lines go; every line is scrubbed of secrets before it leaves.
package struct Log: Sendable {
    /// The loudest level that is shown.
    package let level: LogLevel
    private let sink: @Sendable (String) -> Void

    /// Makes a log that hands finished lines to a sink.
    package init(level: LogLevel, sink: @escaping @Sendable (String) -> Void) {
        self.level = level
        self.sink = sink
    }

    /// Writes a line when its level is shown; the text is only made then.
    package func write(_ level: LogLevel, _ text: @autoclosure () -> String) {
        guard level <= self.level else { return }
        sink("\(level.rawValue): \(Scrubber().scrub(text()))")
    }
}
