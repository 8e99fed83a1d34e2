/// What to do about a failure: sentences in lines, commands so that they can be copied.
enum RemedyText {
    /// The lines below the label `next`; `leavesOutRole` drops the sentence that only names the command's role.
    static func lines(_ remedy: String, indent: Int, leavesOutRole: Bool) -> [String] {
        var pieces: [String] = []
        for line in remedy.split(separator: "\n").map(String.init) {
            if let range = line.firstRange(of: ": az "), !line.hasPrefix("az ") {
                pieces += [String(line[..<range.lowerBound]) + ":", "az " + line[range.upperBound...]]
            } else {
                pieces.append(line)
            }
        }
        if leavesOutRole, pieces.contains(where: isCommand) {
            pieces.removeAll { $0.hasPrefix("the caller needs the role") }
        }
        return pieces.enumerated().flatMap { index, piece in
            let label = index == 0 ? "next" : ""
            guard isCommand(piece) else { return Layout.labelled(label, piece, indent: indent) }
            let start = String(repeating: " ", count: indent + Layout.labelWidth)
            return command(piece, width: Layout.width - start.count).enumerated().map { row, line in
                let head = row == 0 ? String(repeating: " ", count: indent) + pad(label) : start
                return head + line
            }
        }
    }

    private static func pad(_ label: String) -> String { Words.pad(label, to: Layout.labelWidth) }

    private static func isCommand(_ text: String) -> Bool { text.hasPrefix("az ") }

    /// A command as a shell reads it: one logical line, broken before options with a backslash.
    static func command(_ text: String, width: Int) -> [String] {
        var parts: [String] = []
        for word in text.split(separator: " ") {
            if parts.isEmpty || word.hasPrefix("--") {
                parts.append(String(word))
            } else {
                parts[parts.count - 1] += " " + word
            }
        }
        var lines: [String] = []
        for part in parts {
            // Two columns for the indent, two for the backslash.
            if let last = lines.last, last.count + 1 + part.count + 2 <= width {
                lines[lines.count - 1] += " " + part
            } else {
                lines.append((lines.isEmpty ? "" : "  ") + part)
            }
        }
        return lines.enumerated().map { $0.offset < lines.count - 1 ? $0.element + " \\" : $0.element }
    }
}
