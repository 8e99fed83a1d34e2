import Foundation

/// Turns the injected monotonic time into the dates that answers show.
///
/// Answers must not depend on the day they are made on, so the origin of the time source is a fixed date.
enum EmulatorClock {
    /// 2026-01-12T04:00:00Z.
    private static let origin = Date(timeIntervalSince1970: 1_768_190_400)

    /// An ISO 8601 date with fractional seconds, as operation bodies have it.
    static func text(_ time: Duration) -> String {
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return origin.addingTimeInterval(seconds).formatted(style)
    }
}
