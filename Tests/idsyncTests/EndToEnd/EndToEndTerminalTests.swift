import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import TestSupport
import Testing

/// At a terminal: the question, the line at the bottom, signals, and a terminal that can do nothing.
@Suite(.timeLimit(.minutes(10)))
struct EndToEndTerminalTests {
    private static let erase = "\r\u{1B}[K"
    private static let question =
        "\n\nApply 5 changes to the emulator state.json (1 unassign)?\nType yes to apply; anything else stops: "
    private static let refusal = "not approved; nothing was written to Azure\n"

    private let apply = ["apply", "manifest.yaml", "--emulator", "state.json"]

    @Test("Anything but yes stops, says so, and gives one document", arguments: ["no\n", "\n", "\u{4}"])
    func no(answer: String) async throws {
        let tool = try Tool.quickstart()
        let state = try tool.read("state.json")
        let run = try Terminal(tool, apply + ["-o", "json"], outputApart: true)
        #expect(await run.shows(Self.question))
        run.type(answer)
        #expect(await run.finished() == 5)
        #expect(run.text.hasSuffix(Self.refusal), "\(run.text)")
        let document = try JSONValue(parsing: Data(run.output.utf8))
        #expect(document["exitCode"] == 5 && document["format"] == "idsync.error/1")
        #expect(try tool.read("state.json") == state)
    }

    @Test("A signal at the question is a no", arguments: [(2, 130), (15, 143)] as [(Int32, Int32)])
    func signalled(signal: Int32, code: Int32) async throws {
        let tool = try Tool.quickstart()
        let state = try tool.read("state.json")
        let run = try Terminal(tool, apply + ["-o", "json"], outputApart: true)
        #expect(await run.shows(Self.question))
        run.signal(signal)
        #expect(await run.finished() == code)
        #expect(run.text.hasSuffix(Self.question + Self.erase + Self.refusal), "\(run.text)")
        let document = try JSONValue(parsing: Data(run.output.utf8))
        #expect(document["exitCode"] == .integer(Int(code)))
        #expect(try tool.read("state.json") == state)
    }

    @Test("yes applies what was shown")
    func yes() async throws {
        let tool = try Tool.quickstart()
        let run = try Terminal(tool, apply)
        #expect(await run.shows(Self.question))
        run.type("yes\n")
        #expect(await run.finished() == 0)
        let last = "Applied: 5 of 5. 0 failed, 0 stale, 0 blocked, 0 not started. Azure was modified.\n"
        #expect(run.text.hasSuffix(last), "\(run.text)")
    }

    @Test("The question names the subscription that is written to")
    func subscription() async throws {
        let (tool, azure) = (try Tool(), try LoopbackAzure())
        try tool.write("manifest.yaml", EndToEnd.manifest())
        let run = try Terminal(
            tool,
            ["apply", "manifest.yaml", "--endpoint", azure.url],
            environment: ["IDSYNC_ACCESS_TOKEN": "t"]
        )
        let question = "Apply 5 changes to subscription \(Build.subscription) (1 delete, 1 unassign)?"
        #expect(await run.shows(question), "\(run.text)")
        run.type("no\n")
        #expect(await run.finished() == 5)
        #expect(azure.attemptedWrites.isEmpty)
    }

    @Test("A dumb terminal gets no control characters, and stays in black and white")
    func dumb() async throws {
        let tool = try Tool.quickstart()
        let dumb = ["TERM": "dumb"]
        let plan = try Terminal(
            tool,
            ["plan", "manifest.yaml", "--emulator", "state.json"],
            environment: dumb
        )
        #expect(await plan.finished() == 0)
        let run = try Terminal(tool, apply, environment: dumb)
        #expect(await run.shows(Self.question))
        run.type("yes\n")
        #expect(await run.finished() == 0)
        for text in [plan.text, run.text] {
            #expect(!text.contains("\r") && !text.contains("\u{1B}"), "\(text)")
        }
        #expect(run.text.contains("5 of 5 done: "))
    }

    @Test("While a plan reads, the terminal shows for how long; the line is gone afterwards")
    func reading() async throws {
        let (tool, azure, turnstile) = (try Tool(), try LoopbackAzure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.manifest())
        azure.intercept { _, _ in
            turnstile.pass()
            return nil
        }
        let run = try Terminal(
            tool,
            ["plan", "--endpoint", azure.url],
            environment: ["IDSYNC_ACCESS_TOKEN": "t", "NO_COLOR": "1"]
        )
        #expect(await run.shows(Self.erase + "reading live state, "))
        turnstile.open()
        #expect(await run.finished() == 0)
        #expect(run.text.contains(Self.erase + "idsync "), "\(run.text)")
    }

    @Test("An apply names what is under way; Ctrl-C speaks on a line of its own, twice says one word more")
    func writing() async throws {
        let (tool, azure, turnstile) = (try Tool(), try LoopbackAzure(), Turnstile())
        defer { turnstile.open() }
        try tool.write("manifest.yaml", EndToEnd.systemOnly(["db", "other"]))
        azure.intercept { request, _ in
            if request.method != .get { turnstile.pass() }
            return nil
        }
        let run = try Terminal(
            tool,
            ["apply", "manifest.yaml", "--auto-approve", "--endpoint", azure.url],
            environment: ["IDSYNC_ACCESS_TOKEN": "t", "NO_COLOR": "1"]
        )
        #expect(await run.shows(Self.erase + "[0/2] "), "\(run.text)")
        #expect(await run.shows(" s: db, other"), "\(run.text)")
        run.signal(SIGINT)
        #expect(await run.shows(Self.erase + "interrupted: "), "\(run.text)")
        run.signal(SIGINT)
        #expect(await run.finished() == 130)
        #expect(run.text.hasSuffix(Self.erase + "stopped at once; writes under way may still take effect\n"))
    }
}
