package import Foundation
import IdSyncCore

/// How long a server asks to wait.
package enum RetryAfter {
    /// The longest wait that is believed; the longest published one is 20 minutes (FACTS section 10).
    private static let longest = 3_600.0

    /// The longest wait asked for by `Retry-After` (seconds or HTTP date), `retry-after-ms` or `x-ms-retry-after-ms`.
    ///
    /// Source: FACTS section 10 (the three headers that SDK-CORE honours).
    package static func header(of response: HTTPResponse, now: Date) -> Duration? {
        var waits: [Duration] = []
        for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
            if let text = response.header(name), let value = number(text) {
                waits.append(.milliseconds(min(value, longest * 1_000)))
            }
        }
        if let text = response.header("retry-after") {
            if let value = number(text) {
                waits.append(.seconds(min(value, longest)))
            } else if let date = HTTPDate.parse(text) {
                waits.append(.seconds(min(max(0, date.timeIntervalSince(now)), longest)))
            }
        }
        return waits.max()
    }

    /// The wait that a nested error only tells in words: "Retry after 20 seconds" (F61).
    package static func words(in text: String) -> Duration? {
        let pattern = /(retry|try again)\s+after\s+'?(\d{1,6})'?\s+second/.ignoresCase()
        guard let match = text.firstMatch(of: pattern), let seconds = Int(match.output.2) else { return nil }
        return .seconds(min(Double(seconds), longest))
    }

    private static func number(_ text: String) -> Double? {
        guard let value = Double(text.trimmingCharacters(in: .whitespaces)), value >= 0, value.isFinite else {
            return nil
        }
        return value
    }
}

/// The date format of HTTP headers, `Wed, 21 Oct 2015 07:28:00 GMT`.
package enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// Parses a date, or nil when the text is not one.
    package static func parse(_ text: String) -> Date? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" }).map(String.init)
        guard parts.count == 8, parts[7] == "GMT" || parts[7] == "UTC",
            let day = Int(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: Folding.fold(parts[2])),
            let year = Int(parts[3]), (1970...9999).contains(year),
            let hour = Int(parts[4]), (0...23).contains(hour),
            let minute = Int(parts[5]), (0...59).contains(minute),
            let second = Int(parts[6]), (0...60).contains(second)
        else { return nil }
        let days = days(year: year, month: month + 1, day: day)
        return Date(timeIntervalSince1970: Double(((days * 24 + hour) * 60 + minute) * 60 + second))
    }

    /// Days since 1970-01-01 in the Gregorian calendar; the year is counted from March so that February ends it.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
