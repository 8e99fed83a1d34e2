import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore

/// `idsync emulate`: the emulator on a loopback port until SIGINT or SIGTERM ends it.
///
/// With `--state FILE` every write is in the file before its answer is sent, so nothing is lost however it ends.
enum EmulateCommand {
    static func run(_ run: Run) async throws(Failure) -> ExitCode {
        guard run.invocation.operands.isEmpty else {
            throw Failure(
                code: .usage,
                message: "emulate takes no operand; the state is given with --state FILE"
            )
        }
        let file = try loadState(run)
        let path = run.invocation["state"]
        let server = try start(EmulatorState(file), path: path, run)
        let url = "http://127.0.0.1:\(server.port)"
        run.console.document(run.isJSON ? (["url": .string(url)] as JSONValue).prettyText() : url)
        run.note(
            "try: IDSYNC_ACCESS_TOKEN=any idsync plan MANIFEST --endpoint \(url)   (Ctrl-C ends the emulator)"
        )
        await Signals.wait()
        server.stop()
        return .done
    }

    private static func loadState(_ run: Run) throws(Failure) -> EmulatorStateFile {
        do throws(EmulatorStateError) {
            var file = EmulatorStateFile()
            if let path = run.invocation["state"] {
                file = try EmulatorStateFile.load(from: path)
            } else {
                file = try EmulatorStateFile(json: try Quickstart.state())
            }
            if let faults = run.invocation["faults"] { file.faults += try FaultScript.load(from: faults) }
            return file
        } catch {
            throw Failure(code: .usage, message: error.description)
        }
    }

    private static func start(_ state: EmulatorState, path: String?, _ run: Run) throws(Failure)
        -> LoopbackServer
    {
        let router = EmulatorRouter(state: state, time: run.time)
        let keeper = path.map { path in
            StateKeeper(state, in: path, time: run.time) { [console = run.console] in
                console.say("error: \($0)")
            }
        }
        do throws(LoopbackError) {
            return try LoopbackServer(port: Int(run.settings.port)) { request in
                keeper?.reply(to: request) ?? router.reply(to: request)
            }
        } catch {
            throw Failure(code: .usage, message: "the emulator cannot listen: \(error)")
        }
    }
}
