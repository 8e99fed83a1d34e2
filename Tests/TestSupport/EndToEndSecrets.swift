import Foundation

/// Looks for secrets where none may be: in what a run printed and in the files that it left.
package struct SecretHunt: Sendable {
    private let needles: [String]

    /// Hunts for texts, each also as a form, a URL, JSON and base64 would write it.
    package init(_ secrets: [String]) {
        needles = Array(
            Set(
                secrets.filter { !$0.isEmpty }.flatMap { secret -> [String] in
                    let encoded = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
                    return [secret, encoded ?? secret, Data(secret.utf8).base64EncodedString()]
                }
            )
        )
    }

    /// The parts of a JWT that give it away, and the whole.
    package static func parts(of token: String) -> [String] {
        [token] + token.split(separator: ".").map(String.init)
    }

    /// The secrets found in a text.
    package func found(in text: String) -> [String] { needles.filter { text.contains($0) }.sorted() }

    /// The secrets found in what a run printed.
    package func found(in result: ToolResult) -> [String] { found(in: result.out + "\n" + result.err) }

    /// The files below a tool's folder that hold a secret, but for those that the test put there itself.
    package func files(of tool: Tool, except own: Set<String> = []) throws -> [String] {
        let all = FileManager.default.enumerator(atPath: tool.folder.path)?.allObjects ?? []
        return all.compactMap { $0 as? String }.filter { name in
            guard !own.contains(name),
                let data = FileManager.default.contents(atPath: tool.folder.path + "/" + name)
            else { return false }
            return !found(in: String(decoding: data, as: UTF8.self)).isEmpty
        }.sorted()
    }
}
