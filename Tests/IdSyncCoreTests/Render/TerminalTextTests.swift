import IdSyncCore
import Testing

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("vm-1", "vm-1"), ("Größe", "Größe"), ("", ""),
        ("a\u{1B}[31mb", "a\\u001b[31mb"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\u{7F}\u{9B}\u{85}", "\\u007f\\u009b\\u0085"),
        ("\u{202E}x\u{200B}\u{2028}\u{FEFF}", "\\u202ex\\u200b\\u2028\\ufeff"),
        ("\u{E0041}", "\\u{e0041}"),
    ])
    func escapes(text: String, safe: String) {
        #expect(TerminalText.safe(text) == safe)
    }

    @Test func paintIsPlainWithoutColour() {
        #expect(Style.plain.paint("x", .refused) == "x")
        #expect(Style.ansi.paint("x", .refused) == "\u{1B}[1;31mx\u{1B}[0m")
        #expect(Style.ansi.paint("", .refused).isEmpty)
    }
}
