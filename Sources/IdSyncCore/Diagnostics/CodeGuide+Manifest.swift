// The codes of manifest errors and warnings, by their first three digits.
extension CodeGuide {
    static let syntax: [CodeGuide] = [
        error(
            .emptyDocument,
            "empty file",
            "The file is empty, or holds only comments.",
            do: "Start the manifest with 'version: 1', or remove the file from the directory."
        ),
        error(
            .invalidUTF8,
            "not UTF-8",
            "A byte does not belong to UTF-8 text. The file was probably saved in an older encoding such as Latin-1.",
            do: "Save the file as UTF-8 in your editor."
        ),
        error(
            .wrongEncoding,
            "UTF-16 or UTF-32",
            "The file is UTF-16 or UTF-32 text, which PowerShell and some editors on Windows write.",
            do: "Save it as UTF-8; in PowerShell: Out-File -Encoding utf8."
        ),
        error(
            .forbiddenCharacter,
            "forbidden character",
            "A control character, an unusual line separator or a byte order mark stands inside the text. Editors do not "
                + "show it, and programs disagree on what it means.",
            do: "Remove it, or write it as an escape in double quotes."
        ),
        error(
            .invalidYAML,
            "not valid YAML",
            "The text is not YAML: often a tab, a wrong indentation, or a quote or bracket that is not closed.",
            do: "Look at the place of the message and at the lines above it."
        ),
        error(
            .invalidJSON,
            "not valid JSON",
            "A file that ends in .json, or starts with '{', is read as strict JSON: no comments, no comma before a "
                + "closing bracket, text in double quotes.",
            do: "Correct it, or rename the file to .yaml."
        ),
        error(
            .duplicateKey,
            "duplicate key",
            "A mapping has the same key twice. Most programs silently keep one of the two; idsync does not guess.",
            do: "Remove one of them, or put both values under one key."
        ),
        error(
            .alias,
            "anchor or alias",
            "Anchors ('&name') and aliases ('*name') are not allowed. A text that starts with '*' needs quotes.",
            do: "Write the value out, or put the text in quotes: \"*\"."
        ),
        error(
            .mergeKey,
            "merge key",
            "The merge key '<<' is not allowed.",
            do: "Write the fields out; values that all entries share go under 'defaults'."
        ),
        error(
            .tag,
            "YAML tag",
            "A YAML tag such as !!str is not allowed; it has nothing to do with the tags of Azure resources.",
            do: "Remove it. Quoted values are strings; numbers, true and false take no quotes."
        ),
        error(
            .severalDocuments,
            "several documents",
            "The file holds more than one YAML document, separated by '---'.",
            do: "Put each document in a file of its own and name all files, or the directory."
        ),
        error(
            .keyNotScalar,
            "key is not a word",
            "A key is a list or a mapping. This often comes from '{' or '[' at the start of an unquoted key.",
            do: "Write the key as a single word, or put it in quotes."
        ),
        error(
            .tooLarge,
            "file too large",
            "One manifest file may have up to 8 MiB.",
            do: "Split it into several files; several files are read as one manifest."
        ),
        error(
            .tooDeep,
            "nesting too deep",
            "Lists and mappings are nested deeper than any manifest needs.",
            do: "Check the brackets, or the program that wrote the file."
        ),
        error(
            .tooMany,
            "too many values or errors",
            "The file holds more values than are read, or more errors than are shown.",
            do: "Correct the errors that are shown first; split a file with very many entries."
        ),
        error(
            .notText,
            "not a text file",
            "The file holds NUL bytes or mostly control characters: it is an image, an archive or another binary file.",
            do: "Check the path. A manifest is YAML or JSON text."
        ),
    ]

    static let fields: [CodeGuide] = [
        error(
            .wrongType,
            "wrong type",
            "A field holds another kind of value than it needs: a number where text is needed, a single value or a "
                + "mapping where a list is needed.",
            do: "The note shows how to write it. Text that looks like a number needs quotes."
        ),
        error(
            .missingField,
            "missing field",
            "A required field is not there.",
            do: "Add it; the note shows an example."
        ),
        error(
            .unknownKey,
            "unknown key",
            "The format has no such key at this place. It may be misspelt, indented too far or too little, or come from "
                + "another tool.",
            do: "Use the proposed key, or one of the known ones. 'idsync schema' gives editors completion."
        ),
        error(
            .notSupportedYet,
            "not supported yet",
            "The key belongs to the manifest format, but this version of idsync does not act on it. Ignoring it would "
                + "give another result than the manifest says.",
            do: "Remove it, or use a newer version of idsync."
        ),
        error(
            .valueNotAllowed,
            "value not allowed",
            "A field takes one of a few values, and this is none of them.",
            do: "Use one of the values in the note; upper and lower case matter."
        ),
        error(
            .noValue,
            "no value",
            "A key has no value, or null. That could mean 'nothing' or 'unchanged', so idsync does not guess.",
            do: "Give it a value, write [] for an empty list, or remove the key."
        ),
        error(
            .sectionDiffers,
            "section given twice",
            "Two files of one manifest give different values for a section that applies to all of them, such as "
                + "'defaults' or 'limits'.",
            do: "Keep the section in one file."
        ),
        error(
            .noManifest,
            "no manifest",
            "None of the given paths holds a manifest. A directory stands for its own *.yaml, *.yml and *.json files; "
                + "plans, reports and emulator states among them do not count, and subdirectories are not searched.",
            do: "Name the file, or the directory that holds it."
        ),
        error(
            .unreadableFile,
            "file cannot be read",
            "A manifest file does not exist or cannot be read.",
            do: "Check the path and the permissions."
        ),
        warning(
            .declaresNothing,
            "nothing declared",
            "The manifest has no entry under 'identities' and none under 'virtualMachines', so a plan of it never "
                + "changes anything.",
            do: "Add entries, or check that the right file was given."
        ),
    ]
}
