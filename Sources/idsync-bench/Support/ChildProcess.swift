import Foundation
import IdSyncCore

/// This program in another process, so that times and peaks of one measurement do not mix with those of another.
enum ChildProcess {
    /// Runs a measurement to its end and reads the JSON document that it prints.
    static func measure(
        _ subject: Measurement.Subject,
        _ arguments: [String],
        input text: String = ""
    ) throws(BenchError) -> JSONValue {
        let output = Pipe()
        let input = Pipe()
        let process = try start(["measure", subject.rawValue] + arguments, output: output, input: input)
        try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try? input.fileHandleForWriting.close()
        let data = (try? output.fileHandleForReading.readToEnd()) ?? nil
        process.waitUntilExit()
        guard process.terminationStatus == 0, let data, let document = try? JSONValue(parsing: data) else {
            throw BenchError("measuring \(subject.rawValue) failed with status \(process.terminationStatus)")
        }
        return document
    }

    static func start(_ arguments: [String], output: Pipe, input: Pipe) throws(BenchError) -> Process {
        guard let path = Bundle.main.executablePath else {
            throw BenchError("the path of this program is unknown, so it cannot be started again")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = input
        do { try process.run() } catch {
            throw BenchError("\(path) cannot be started: \(error.localizedDescription)")
        }
        return process
    }
}

/// A server of this program in another process; it lives as long as its standard input stays open.
///
/// So it ends with the benchmark, however that ends.
final class ServerProcess {
    let port: Int
    private let process: Process
    private let input: Pipe

    /// Starts a server and waits until it says which port it listens on.
    init(_ command: Options.Command, _ arguments: [String]) throws(BenchError) {
        let output = Pipe()
        let input = Pipe()
        process = try ChildProcess.start([command.rawValue] + arguments, output: output, input: input)
        self.input = input
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(text.filter(\.isNumber)) else {
            process.terminate()
            throw BenchError("the server did not start")
        }
        self.port = port
    }

    /// The flag that tells a measurement where the server is.
    var arguments: [String] { ["--port", "\(port)"] }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The server's side: says the port, then waits for the end of standard input.
    static func announce(_ port: Int) {
        FileHandle.standardOutput.write(Data("\(port)\n".utf8))
        while !FileHandle.standardInput.availableData.isEmpty {}
    }
}
