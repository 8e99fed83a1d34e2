import Foundation

/// An element of a list that may be damaged without taking the rest of the page with it.
struct LossyItem<Item: Decodable & Sendable>: Decodable, Sendable {
    /// The element, or what is wrong with it.
    let result: Result<Item, Damage>

    /// What a damaged element still says.
    struct Damage: Error, Sendable {
        /// The resource id, when at least that is readable.
        let id: String?
        /// What is wrong, with the path inside the element.
        let message: String
    }

    private struct IDOnly: Decodable { let id: String? }

    init(from decoder: any Decoder) throws {
        do {
            result = .success(try Item(from: decoder))
        } catch {
            let id = (try? IDOnly(from: decoder))?.id
            result = .failure(Damage(id: id, message: DecodingProblem.text(error)))
        }
    }
}

/// Says what a decoding error means in terms of the JSON, not of Swift.
enum DecodingProblem {
    static func text(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context): "\(path(context)): \(context.debugDescription)"
        case DecodingError.valueNotFound(_, let context): "\(path(context)) is null"
        case DecodingError.keyNotFound(let key, let context):
            "\(path(context)): '\(key.stringValue)' is missing"
        case DecodingError.dataCorrupted(let context): "\(path(context)): \(context.debugDescription)"
        default: "the JSON has an unexpected form"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
        return path.isEmpty ? "the document" : path.joined(separator: ".")
    }
}
