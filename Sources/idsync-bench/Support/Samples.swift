import IdSyncCore

/// The values of one quantity over several runs.
struct Samples {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var median: Double {
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    var least: Double { sorted.first ?? 0 }
    var most: Double { sorted.last ?? 0 }

    /// `median (least–most)` with a number of digits, in a unit of so many.
    func text(_ digits: Int, _ unit: String, per size: Double = 1) -> String {
        let range = "\(Digits.text(least / size, digits))–\(Digits.text(most / size, digits))"
        return "\(Digits.text(median / size, digits)) \(unit) (\(range))"
    }

    var json: JSONValue {
        ["median": .number(median), "min": .number(least), "max": .number(most)]
    }
}

/// Decimal numbers for people.
enum Digits {
    static func text(_ value: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + "\(scaled)" }
        let fraction = String(scaled % Int(scale))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(scaled / Int(scale)).\(zeros)\(fraction)"
    }

    /// A ratio such as `1.32x`; a dash when there is nothing to divide by.
    static func ratio(_ value: Double, _ base: Double) -> String {
        base > 0 ? text(value / base, 2) + "x" : "-"
    }
}
