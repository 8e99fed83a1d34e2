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
