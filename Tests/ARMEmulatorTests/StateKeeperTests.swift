import ARMEmulator
import Dispatch
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import Testing

/// `emulate --state`: what was answered is in the file.
@Suite struct StateKeeperTests {
    private func put(_ name: String) throws -> HTTPRequest {
        let url = try #require(
            URL(string: "https://management.azure.com\(Rig.id(name))?api-version=2023-01-31")
        )
        return HTTPRequest(
            .put,
            url,
            headers: [("Authorization", "Bearer t"), ("Content-Type", "application/json")],
            body: Data(#"{"location": "westus"}"#.utf8)
        )
    }

    @Test("Every answered write of parallel writers is in the file when it is answered")
    func parallelWriters() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("state.json")
        let rig = try Rig()
        let keeper = StateKeeper(rig.state, in: path) { Issue.record("\($0)") }
        let lost = Mutex<[String]>([])
        for round in 0..<6 {
            let requests = try (0..<8).map { try put("round-\(round)-writer-\($0)") }
            DispatchQueue.concurrentPerform(iterations: requests.count) { index in
                let reply = keeper.reply(to: requests[index])
                let name = requests[index].url.lastPathComponent
                let kept = (try? EmulatorStateFile.load(from: path))?.json["identities"]?.array ?? []
                let isKept = kept.contains { $0["id"]?.string?.hasSuffix("/\(name)") == true }
                if reply.response.status != 201 || !isKept { lost.withLock { $0.append(name) } }
            }
        }
        #expect(lost.withLock { $0 } == [])
        #expect(try EmulatorStateFile.load(from: path).json == rig.state.snapshot().json)
    }

    @Test("A read writes nothing; a change that comes with one is kept")
    func reads() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("state.json")
        let rig = try Rig()
        let keeper = StateKeeper(rig.state, in: path) { Issue.record("\($0)") }
        let url = try #require(URL(string: "https://management.azure.com\(Rig.vm)?api-version=2024-07-01"))
        let get = HTTPRequest(.get, url, headers: [("Authorization", "Bearer t")])
        #expect(keeper.reply(to: get).response.status == 200)
        #expect(!FileManager.default.fileExists(atPath: path))
        let one = try Rig.parsed(Rig.id("ID1"))
        rig.state.install([FaultRule(action: .otherWriter(OtherWriter(deleteIdentity: one)))])
        #expect(keeper.reply(to: get).response.status == 200)
        #expect(try EmulatorStateFile.load(from: path).json["identities"]?.array?.count == 2)
    }

    @Test("A write that cannot be kept is not answered as if it were")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        let rig = try Rig()
        let problems = Mutex<[String]>([])
        let path = folder.file("missing/state.json")
        let keeper = StateKeeper(rig.state, in: path) { problem in
            problems.withLock { $0.append(problem.description) }
        }
        let answer = keeper.reply(to: try put("NEW1")).response
        #expect(answer.status == 500)
        #expect(
            try answer.errorMessage()
                == "The emulator could not write its state file; the change is in its memory only."
        )
        #expect(problems.withLock { $0 } == ["\(path): cannot be written: no such file"])
        try FileManager.default.createDirectory(
            atPath: folder.file("missing"),
            withIntermediateDirectories: true
        )
        #expect(keeper.reply(to: try put("NEW2")).response.status == 201)
        #expect(try EmulatorStateFile.load(from: path).json["identities"]?.array?.count == 5)
    }
}
