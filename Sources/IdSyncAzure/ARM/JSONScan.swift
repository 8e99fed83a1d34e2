package import Foundation

/// One pass over JSON bytes without building values: where it breaks off, and where a page goes on.
///
/// A page of VMs is large; its `nextLink` is found here, so that the next page can be fetched while this one is decoded.
struct JSONScan: Sendable, Equatable {
    enum Outcome: Sendable, Equatable {
        /// Balanced; the decoder has the last word on the rest.
        case complete
        /// The bytes end inside a value.
        case cutOff(at: Int)
        /// Not JSON, from this byte on.
        case invalid(at: Int)
    }

    private(set) var outcome = Outcome.complete
    /// The byte range of the value of the top-level member asked for, quotes included.
    private(set) var value: Range<Int>?

    /// Scans the bytes and notes the string value of one member of the top-level object.
    init(_ bytes: [UInt8], member: String? = nil) {
        let wanted = member.map { Array($0.utf8) }
        var stack: [UInt8] = []
        var index = 0
        var lastString = 0..<0
        var isWanted = false
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                guard let end = Self.endOfString(bytes, from: index) else {
                    outcome = .cutOff(at: bytes.count)
                    return
                }
                if isWanted, stack.count == 1 { value = index..<end }
                isWanted = false
                lastString = index..<end
                index = end
                continue
            case UInt8(ascii: ":") where stack.count == 1:
                isWanted = wanted.map { bytes[lastString].dropFirst().dropLast().elementsEqual($0) } ?? false
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                stack.append(byte + 2)
                isWanted = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard stack.popLast() == byte else {
                    outcome = .invalid(at: index)
                    return
                }
            case UInt8(ascii: ","): isWanted = false
            case 0..<9, 11, 12, 14..<32, UInt8(ascii: "<"):
                outcome = .invalid(at: index)
                return
            default: break
            }
            index += 1
        }
        if !stack.isEmpty { outcome = .cutOff(at: bytes.count) }
    }

    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }
}

/// What is wrong with a body that should have been JSON.
package enum BodyProblem: Sendable, Equatable, CustomStringConvertible {
    case empty
    case html
    /// The JSON ends too early, at this byte.
    case cutOff(at: Int)
    /// It is no JSON, from about this byte on.
    case notJSON(at: Int)
    /// It is JSON, but not of the expected shape; the text says where.
    case shape(String)

    /// Looks at a body; nil when it is JSON as far as its structure goes.
    package init?(_ body: Data) {
        let blanks: Set<UInt8> = [9, 10, 13, 32]
        let bytes = [UInt8](body)
        guard let first = bytes.firstIndex(where: { !blanks.contains($0) }) else {
            self = .empty
            return
        }
        if bytes[first] == UInt8(ascii: "<") {
            self = .html
            return
        }
        switch JSONScan(bytes).outcome {
        case .cutOff(let byte): self = .cutOff(at: byte)
        case .invalid(let byte): self = .notJSON(at: byte)
        case .complete:
            // Balanced text such as "Bad Gateway": only a decoder can tell.
            if (try? JSONDecoder().decode(AnyJSON.self, from: body)) != nil { return nil }
            self = .notJSON(at: first)
        }
    }

    /// What to tell people.
    package var description: String {
        switch self {
        case .empty: "the body is empty"
        case .html: "the body is an HTML page"
        case .cutOff(let byte): "the JSON is cut off at byte \(byte)"
        case .notJSON(let byte): "the body is not JSON (byte \(byte))"
        case .shape(let text): "the JSON is not what ARM sends: \(text)"
        }
    }

    /// Accepts every value, and makes the decoder parse the whole text.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) {}
    }
}
