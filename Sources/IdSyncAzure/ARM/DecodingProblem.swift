import Foundation

/// Says what a decoding error means in terms of the JSON, not of Swift.
enum DecodingProblem {
    /// The place and what is wrong there, such as `'properties.tags' has another type`; scrubbed, for names come from
    /// the server too.
    static func text(_ error: any Error) -> String { Scrubber().scrub(raw(error), limit: 400) }

    private static func raw(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context): "\(path(context)) has another type"
        case DecodingError.valueNotFound(_, let context): "\(path(context)) is null"
        case DecodingError.keyNotFound(let key, let context): "\(path(context, key)) is missing"
        case DecodingError.dataCorrupted(let context): corrupted(context)
        default: "it cannot be decoded"
        }
    }

    /// Wire types say themselves what is wrong with a value; the decoder's own words are about Swift.
    private static func corrupted(_ context: DecodingError.Context) -> String {
        context.underlyingError == nil && !context.codingPath.isEmpty
            ? "\(path(context)): \(context.debugDescription)" : "\(path(context)) cannot be read"
    }

    private static func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
        let keys = context.codingPath + [last].compactMap(\.self)
        let text = keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return text.isEmpty ? "the top level" : "'\(text)'"
    }
}
