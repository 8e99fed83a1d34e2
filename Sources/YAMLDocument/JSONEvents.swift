/// Reads strict JSON (RFC 8259) as events with exact places.
///
/// The structure is checked here because `JSONDecoder` of this toolchain accepts a trailing comma and tells no place;
/// what a string with escapes or a number means is left to `JSONDecoder`.
struct JSONEvents: EventSource {
    private enum State {
        case streamStart, value, firstElement, firstKey, key, separator, documentEnd, streamEnd
    }

    private enum Container { case object, array }

    private var cursor: JSONCursor
    private var state = State.streamStart
    private var containers: [Container] = []

    /// Starts reading UTF-8 text that `CharacterCheck` has passed.
    init(_ bytes: ArraySlice<UInt8>, file: String) { cursor = JSONCursor(bytes, file: file) }

    mutating func next() throws(SyntaxProblem) -> ParseEvent {
        cursor.skipBlanks()
        let place = cursor.location
        switch state {
        case .streamStart:
            // An empty file is the composer's to report, as for YAML.
            state = cursor.byte == nil ? .streamEnd : .value
            return ParseEvent(kind: .documentStart, location: place)
        case .firstElement where cursor.byte == UInt8(ascii: "]"): return close(at: place)
        case .value, .firstElement: return try value(at: place)
        case .firstKey where cursor.byte == UInt8(ascii: "}"): return close(at: place)
        case .key, .firstKey: return try key(at: place)
        case .separator: return try separator(at: place)
        case .documentEnd:
            guard cursor.byte == nil else {
                throw cursor.unexpected("the end of the file after the JSON value")
            }
            state = .streamEnd
            return ParseEvent(kind: .documentEnd, location: place)
        case .streamEnd: return ParseEvent(kind: .streamEnd, location: place)
        }
    }

    private mutating func value(at place: SourceLocation) throws(SyntaxProblem) -> ParseEvent {
        switch cursor.byte {
        case UInt8(ascii: "{"):
            cursor.advance()
            containers.append(.object)
            state = .firstKey
            return ParseEvent(kind: .mappingStart, location: place)
        case UInt8(ascii: "["):
            cursor.advance()
            containers.append(.array)
            state = .firstElement
            return ParseEvent(kind: .sequenceStart, location: place)
        case UInt8(ascii: "\""):
            let text = try cursor.string()
            endValue()
            return ParseEvent(kind: .scalar(text: text, isPlain: false), location: place)
        case UInt8(ascii: "]") where containers.last == .array:
            throw cursor.problem("JSON allows no comma before ']'", at: place)
        default:
            let text = try cursor.literal()
            endValue()
            return ParseEvent(kind: .scalar(text: text, isPlain: true), location: place)
        }
    }

    private mutating func key(at place: SourceLocation) throws(SyntaxProblem) -> ParseEvent {
        guard cursor.byte == UInt8(ascii: "\"") else {
            if state == .key, cursor.byte == UInt8(ascii: "}") {
                throw cursor.problem("JSON allows no comma before '}'", at: place)
            }
            throw cursor.unexpected("a key in double quotes")
        }
        let text = try cursor.string()
        cursor.skipBlanks()
        guard cursor.byte == UInt8(ascii: ":") else { throw cursor.unexpected("':' after the key") }
        cursor.advance()
        state = .value
        return ParseEvent(kind: .scalar(text: text, isPlain: false), location: place)
    }

    private mutating func separator(at place: SourceLocation) throws(SyntaxProblem) -> ParseEvent {
        let isObject = containers.last == .object
        switch cursor.byte {
        case UInt8(ascii: ","):
            cursor.advance()
            state = isObject ? .key : .value
            return try next()
        case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
            return close(at: place)
        default: throw cursor.unexpected(isObject ? "',' or '}'" : "',' or ']'")
        }
    }

    private mutating func close(at place: SourceLocation) -> ParseEvent {
        cursor.advance()
        let kind: ParseEvent.Kind = containers.popLast() == .object ? .mappingEnd : .sequenceEnd
        endValue()
        return ParseEvent(kind: kind, location: place)
    }

    private mutating func endValue() { state = containers.isEmpty ? .documentEnd : .separator }
}
