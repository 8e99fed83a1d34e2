import CYaml

/// Reads YAML by libyaml's events; the one owner of a `yaml_parser_t`, and the only code that sees C.
///
/// The parser and its input live on the heap: libyaml keeps pointers to both from one call to the next.
@safe
struct YAMLEvents: ~Copyable, EventSource {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let isReady: Bool
    private let file: String

    /// Starts reading UTF-8 text that `CharacterCheck` has passed.
    init(_ bytes: ArraySlice<UInt8>, file: String) {
        self.file = file
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: bytes.count)
        _ = unsafe input.initialize(from: bytes)
        isReady = unsafe yaml_parser_initialize(parser) == 1
        guard isReady else { return }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        if isReady { unsafe yaml_parser_delete(parser) }
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    mutating func next() throws(SyntaxProblem) -> ParseEvent {
        guard isReady else {
            let start = SourceLocation(file: file, line: 1, column: 1)
            throw SyntaxProblem(.invalidYAML, "there is not enough memory to read the file", at: start)
        }
        let event = OwnedEvent()
        guard unsafe yaml_parser_parse(parser, event.raw) == 1 else { throw failure() }
        return event.copied(file: file)
    }

    /// What libyaml found wrong.
    private func failure() -> SyntaxProblem {
        let state = unsafe parser.pointee
        let place = unsafe Self.location(state.problem_mark, file: file)
        let complaint = unsafe YAMLComplaint(
            problem: state.problem.map { unsafe String(cString: $0) } ?? "the text is not YAML",
            context: state.context.map { unsafe String(cString: $0) },
            place: place,
            contextPlace: Self.location(state.context_mark, file: file),
            character: character(at: Int(state.problem_mark.index)),
            endLine: lastLine()
        )
        return complaint.syntaxProblem
    }

    /// The character at an index that counts characters; nil behind the last one.
    private func character(at index: Int) -> Unicode.Scalar? {
        unsafe String(decoding: input, as: UTF8.self).unicodeScalars.dropFirst(index).first
    }

    /// The last line that holds anything.
    private func lastLine() -> Int {
        unsafe SourceText(file: file, bytes: Array(input)[...]).lastFilledLine
    }

    fileprivate static func location(_ mark: yaml_mark_t, file: String) -> SourceLocation {
        SourceLocation(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

/// The one owner of a `yaml_event_t`; what leaves it is copied.
@safe
private struct OwnedEvent: ~Copyable {
    let raw: UnsafeMutablePointer<yaml_event_t>

    init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(to: yaml_event_t())
    }

    deinit {
        unsafe yaml_event_delete(raw)
        unsafe raw.deallocate()
    }

    func copied(file: String) -> ParseEvent {
        let event = unsafe raw.pointee
        let place = unsafe YAMLEvents.location(event.start_mark, file: file)
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            // By length, not as a C string: a double-quoted scalar may hold NUL.
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let kind = unsafe ParseEvent.Kind.scalar(
                text: String(decoding: bytes, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE
            )
            return unsafe Self.event(kind, place, anchor: scalar.anchor, tag: scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return unsafe Self.event(.sequenceStart, place, anchor: start.anchor, tag: start.tag)
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return unsafe Self.event(.mappingStart, place, anchor: start.anchor, tag: start.tag)
        case YAML_ALIAS_EVENT:
            return unsafe Self.event(.alias, place, anchor: event.data.alias.anchor, tag: nil)
        case YAML_SEQUENCE_END_EVENT: return ParseEvent(kind: .sequenceEnd, location: place)
        case YAML_MAPPING_END_EVENT: return ParseEvent(kind: .mappingEnd, location: place)
        case YAML_DOCUMENT_START_EVENT: return ParseEvent(kind: .documentStart, location: place)
        case YAML_DOCUMENT_END_EVENT: return ParseEvent(kind: .documentEnd, location: place)
        case YAML_STREAM_START_EVENT: return ParseEvent(kind: .streamStart, location: place)
        default: return ParseEvent(kind: .streamEnd, location: place)
        }
    }

    private static func event(
        _ kind: ParseEvent.Kind,
        _ place: SourceLocation,
        anchor: UnsafeMutablePointer<UInt8>?,
        tag: UnsafeMutablePointer<UInt8>?
    ) -> ParseEvent {
        unsafe ParseEvent(
            kind: kind,
            location: place,
            anchor: anchor.map { unsafe String(cString: $0) },
            tag: tag.map { unsafe String(cString: $0) }
        )
    }
}
