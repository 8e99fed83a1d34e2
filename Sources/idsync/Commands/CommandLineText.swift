import IdSyncCore

/// Commands that messages tell the user to run next.
enum CommandLineText {
    /// The command that makes a plan of the same manifest at the same place anew.
    static func plan(_ files: ManifestInput, _ target: PlanTarget) -> String {
        let names = files.documents.map { $0.name == "<stdin>" ? "-" : quoted($0.name) }
        var words = ["idsync", "plan"] + (names.count > 3 ? ["(the same files)"] : names)
        if let emulator = target.emulator { words += ["--emulator", quoted(emulator)] }
        if let endpoint = target.endpoint { words += ["--endpoint", quoted(endpoint)] }
        return words.joined(separator: " ")
    }

    /// A word as a shell takes it.
    static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./:@%+=,".unicodeScalars.contains($0)
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
