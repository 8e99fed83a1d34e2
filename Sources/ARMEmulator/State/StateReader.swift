import Foundation
import IdSyncCore

/// A place in a state or fault file: the one way that those files are read, so that every error names its place.
struct StateReader {
    let value: JSONValue
    /// The path of the place, such as `virtualMachines[2].identity`; empty at the top.
    let path: String

    /// The error that something is wrong here.
    func failure(_ message: String) -> EmulatorStateError {
        EmulatorStateError("\(path.isEmpty ? "the file" : path): \(message)")
    }

    /// The members of an object after a check that all of them are known; nil knows all.
    func object(_ known: Set<String>? = nil) throws(EmulatorStateError) -> [String: JSONValue] {
        guard case .object(let members) = value else { throw failure("expected an object") }
        if let known, let foreign = members.keys.filter({ !known.contains($0) }).min() {
            throw failure("unknown member '\(foreign)'; known are \(known.sorted().joined(separator: ", "))")
        }
        return members
    }

    /// A member of an object, or nil when it is absent or null.
    func member(_ name: String) -> StateReader? {
        guard let found = value[name], found != .null else { return nil }
        return StateReader(value: found, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// The elements of an array member; absent is empty.
    func elements(_ name: String) throws(EmulatorStateError) -> [StateReader] {
        guard let list = member(name) else { return [] }
        guard case .array(let values) = list.value else { throw list.failure("expected an array") }
        return values.enumerated().map { StateReader(value: $1, path: "\(list.path)[\($0)]") }
    }

    /// This value as text.
    func string() throws(EmulatorStateError) -> String {
        guard let text = value.string else { throw failure("expected a string") }
        return text
    }

    /// A text member, or nil.
    func string(_ name: String) throws(EmulatorStateError) -> String? { try member(name)?.string() }

    /// A boolean member, or nil.
    func bool(_ name: String) throws(EmulatorStateError) -> Bool? {
        guard let found = member(name) else { return nil }
        guard case .bool(let flag) = found.value else { throw found.failure("expected true or false") }
        return flag
    }

    /// A whole number member within bounds, or nil.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(EmulatorStateError) -> Int? {
        guard let found = member(name) else { return nil }
        guard case .integer(let number) = found.value, range.contains(number) else {
            throw found.failure("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A member that is one of the words of an enumeration, or nil.
    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _: Word.Type)
        throws(EmulatorStateError) -> Word? where Word.RawValue == String
    {
        guard let found = member(name) else { return nil }
        guard let word = Word(rawValue: try found.string()) else {
            throw found.failure("expected one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    /// A list of texts; absent is empty.
    func strings(_ name: String) throws(EmulatorStateError) -> [String] {
        var texts: [String] = []
        for element in try elements(name) { texts.append(try element.string()) }
        return texts
    }

    /// A member that is an object of texts; absent is empty, null values are left out.
    func texts(_ name: String) throws(EmulatorStateError) -> [String: String] {
        guard let found = member(name) else { return [:] }
        var texts: [String: String] = [:]
        for key in try found.object().keys { texts[key] = try found.string(key) }
        return texts
    }

    /// This value as a resource id of one of the kinds.
    func resourceID(_ kinds: ResourceKind...) throws(EmulatorStateError) -> ResourceID {
        let text = try string()
        let id: ResourceID
        do throws(ResourceIDError) {
            id = try ResourceID(parsing: text)
        } catch {
            throw failure("not a resource id: \(error)")
        }
        guard kinds.contains(id.kind) else {
            throw failure("expected an id of \(kinds.map(\.typeName).joined(separator: " or "))")
        }
        return id
    }

    /// Reads a JSON file; the error of a bad one has its name and, for bad syntax, line and column.
    static func file(_ path: String) throws(EmulatorStateError) -> StateReader {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let values = try? URL(fileURLWithPath: path).resourceValues(forKeys: [.isDirectoryKey])
            let reason = values?.isDirectory == true ? "it is a directory" : FileReason.text(error)
            throw EmulatorStateError(
                "\(path): \(reason == "no such file" ? reason : "cannot be read: \(reason)")"
            )
        }
        guard let value = try? JSONValue(parsing: data) else {
            throw EmulatorStateError("\(path): not JSON: \(syntaxError(in: data))")
        }
        return StateReader(value: value, path: "")
    }

    /// What is wrong with the syntax of a file and where.
    ///
    /// `JSONDecoder` does not say on Linux; `JSONSerialization` names the byte in the text of its error.
    private static func syntaxError(in data: Data) -> String {
        var text = "no JSON value"
        do {
            _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        } catch {
            text = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "\(error)"
        }
        guard let match = text.firstMatch(of: /\s*around character (\d+)\.?/), let offset = Int(match.1)
        else {
            return text
        }
        let before = data.prefix(offset)
        let line = before.count { $0 == 0x0A } + 1
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return "line \(line), column \(column): \(text[..<match.range.lowerBound])"
    }
}
