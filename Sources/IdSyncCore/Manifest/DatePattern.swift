/// A regular expression for dates `YYYY-MM-DD`, perhaps from a first one on, which a pattern can tell digit by digit.
enum DatePattern {
    private static let month = "(0[1-9]|1[0-2])"
    private static let day = "(0[1-9]|[12][0-9]|3[01])"

    /// The expression; `least` is a date, of which what follows the day is passed over.
    static func text(atLeast least: String?) -> String {
        let parts = (least ?? "").prefix(10).split(separator: "-").map(String.init)
        guard parts.count == 3 else { return "[0-9]{4}-\(month)-\(day)" }
        let (year, thisMonth, thisDay) = (parts[0], parts[1], parts[2])
        let days = thisDay == "01" ? day : choice(from: thisDay, to: 31)
        var cases = ["\(year)-\(thisMonth)-\(days)"]
        if thisMonth != "12" { cases.append("\(year)-\(choice(after: thisMonth, to: 12))-\(day)") }
        return "(" + (cases + later(than: year).map { "\($0)-\(month)-\(day)" }).joined(separator: "|") + ")"
    }

    /// Years after one: those that share a head of its digits and go on with a greater one.
    private static func later(than year: String) -> [String] {
        let digits = year.compactMap(\.wholeNumberValue)
        return digits.indices.reversed().filter { digits[$0] < 9 }.map { index in
            let head = digits[..<index].map(String.init).joined()
            let rest = digits.count - index - 1
            return head + "[\(digits[index] + 1)-9]" + String(repeating: "[0-9]", count: rest)
        }
    }

    private static func choice(after number: String, to last: Int) -> String {
        choice(from: twoDigits((Int(number) ?? 0) + 1), to: last)
    }

    private static func choice(from number: String, to last: Int) -> String {
        let first = Int(number) ?? last
        return "(" + (first...max(first, last)).map(twoDigits).joined(separator: "|") + ")"
    }

    private static func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
