import YAMLDocument

/// A value with the place that gave it.
struct Located<Value> {
    let value: Value
    let location: SourceLocation
}

/// What reading one field came to; `broken` keeps a mistake from causing messages about its consequences.
enum Field<Value> {
    /// The field is not there.
    case absent
    /// The field is there, and what is wrong with it has been reported.
    case broken
    /// The field is there and of the right type; a name that breaks its rule is reported and kept.
    case given(Located<Value>)

    /// The value and its place, when there is one.
    var located: Located<Value>? {
        guard case .given(let located) = self else { return nil }
        return located
    }

    /// The value, when there is one.
    var value: Value? { located?.value }

    /// The field after one more step; nil from `body` means that a mistake was reported.
    func flatMap<Result>(_ body: (Value) -> Result?) -> Field<Result> {
        switch self {
        case .absent: .absent
        case .broken: .broken
        case .given(let located):
            body(located.value).map { .given(Located<Result>(value: $0, location: located.location)) }
                ?? .broken
        }
    }

    /// Whether a mistake in it was reported.
    var isBroken: Bool {
        if case .broken = self { true } else { false }
    }
}

extension Located: Sendable where Value: Sendable {}
extension Field: Sendable where Value: Sendable {}
