/// How long something took or has taken, for people.
package enum Elapsed {
    /// `0.6 s`, `33 s`, `119 s`, `2 min 5 s`: what a change took.
    package static func text(milliseconds: Int) -> String {
        let tenths = (milliseconds + 50) / 100
        if tenths < 100 { return "\(tenths / 10).\(tenths % 10) s" }
        let seconds = (milliseconds + 500) / 1000
        return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }

    /// `30 s`, `1 min`, `1 min 30 s`, `1 h 5 min`: how long a run goes on already.
    package static func text(since duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60)
        if hours > 0 { return minutes > 0 ? "\(hours) h \(minutes) min" : "\(hours) h" }
        guard minutes > 0 else { return "\(seconds) s" }
        return seconds % 60 > 0 ? "\(minutes) min \(seconds % 60) s" : "\(minutes) min"
    }
}
