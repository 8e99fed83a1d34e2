import YAMLDocument

/// A cursor on a JSON value that knows its path, so that an error can say where the document is wrong.
struct JSONReader {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, path: String = "") {
        self.value = value
        self.path = path
    }

    /// The member, null when it is missing; reading it then fails with its path.
    subscript(name: String) -> JSONReader {
        JSONReader(value[name] ?? .null, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// The member, or nil when it is missing.
    func optional(_ name: String) -> JSONReader? { value[name] == nil ? nil : self[name] }

    var isNull: Bool { value == .null }

    func text() throws(Diagnostic) -> String {
        guard let text = value.string else { throw wrong("a string") }
        return text
    }

    func integer() throws(Diagnostic) -> Int {
        guard case .integer(let number) = value else { throw wrong("an integer") }
        return number
    }

    func elements() throws(Diagnostic) -> [JSONReader] {
        guard let array = value.array else { throw wrong("an array") }
        return array.enumerated().map { JSONReader($0.element, path: "\(path)[\($0.offset)]") }
    }

    func texts() throws(Diagnostic) -> [String] { try map { reader throws(Diagnostic) in try reader.text() } }

    func map<T>(_ transform: (JSONReader) throws(Diagnostic) -> T) throws(Diagnostic) -> [T] {
        var result: [T] = []
        for element in try elements() { result.append(try transform(element)) }
        return result
    }

    func textMap() throws(Diagnostic) -> [String: String] {
        guard let members = value.object else { throw wrong("an object") }
        var result: [String: String] = [:]
        for name in members.keys { result[name] = try self[name].text() }
        return result
    }

    /// A string that is the raw value of an enumeration.
    func choice<T: RawRepresentable>(_ type: T.Type) throws(Diagnostic) -> T where T.RawValue == String {
        guard let choice = T(rawValue: try text()) else { throw wrong("a value that this version knows") }
        return choice
    }

    func resourceID() throws(Diagnostic) -> ResourceID {
        do {
            return try ResourceID(parsing: try text())
        } catch let error as ResourceIDError {
            throw wrong("a resource id (\(error))")
        } catch {
            throw wrong("a resource id")
        }
    }

    func wrong(_ expected: String) -> Diagnostic {
        Diagnostic(
            .error,
            code: SavedDocumentCode.shape,
            "the document is not as its format says: expected \(expected) at \(path)"
        )
    }
}
