package import ARMEmulator
import Foundation
package import IdSyncAzure
import IdSyncCore
import Synchronization

/// Azure on a loopback port for the built binary: the emulator, a place to intercept, and everything that arrived.
package final class LoopbackAzure: Sendable {
    /// One request that arrived, with how it was answered.
    package struct Arrival: Sendable {
        /// The method.
        package let method: HTTPMethod
        /// The path as sent.
        package let path: String
        /// The `Authorization` header.
        package let authorization: String?
        /// The status of the answer; 0 while there is none.
        package fileprivate(set) var status = 0
        /// Whether the emulator saw it, rather than an interception alone.
        package fileprivate(set) var reachedARM = false

        /// `PATCH myVM`.
        package var label: String { "\(method.rawValue) \(path.split(separator: "/").last ?? "")" }
    }

    /// Looks at a request, with its number from 1 on, before the emulator does; a reply keeps it from the emulator.
    package typealias Interception = @Sendable (HTTPRequest, Int) -> EmulatorReply?

    /// The state behind it.
    package let state: EmulatorState
    private let desk = Desk()
    private let server: LoopbackServer

    /// Starts Azure on a free port.
    ///
    /// - Throws: `LoopbackError` when no port can be had.
    package init(_ state: EmulatorState) throws {
        self.state = state
        let router = EmulatorRouter(state: state)
        server = try LoopbackServer(replying: { [desk] request in
            let (number, intercept) = desk.arrive(request)
            if let reply = intercept?(request, number) {
                desk.answered(number, with: reply.response.status, byARM: false)
                return reply
            }
            return desk.pass(request, number, to: router)
        })
    }

    /// Starts the small world of `EndToEnd` on a free port.
    package convenience init() throws { try self.init(EndToEnd.state()) }

    /// Sets or removes the interception; requests already under way keep the one that they met.
    package func intercept(_ interception: Interception?) { desk.set(interception) }

    /// Sets what is done with the emulator's reply before it leaves.
    package func beforeAnswering(_ work: (@Sendable (HTTPRequest, Int) -> Void)?) {
        desk.setBeforeAnswering(work)
    }

    /// Forgets what arrived; numbers start from 1 again.
    package func clear() { desk.clear() }

    /// Ends every connection and stops listening.
    package func stop() { server.stop() }

    /// The base URL.
    package var url: String { "http://127.0.0.1:\(server.port)" }
    /// The port.
    package var port: Int { server.port }
    /// Everything so far, in order of arrival.
    package var arrivals: [Arrival] { desk.arrivals }
    /// The writes that ARM accepted.
    package var written: [Arrival] {
        arrivals.filter { $0.method != .get && $0.reachedARM && (200..<300).contains($0.status) }
    }
    /// Everything that was not a GET, accepted or not.
    package var attemptedWrites: [Arrival] { arrivals.filter { $0.method != .get } }

    /// The names of the identities on a machine, sorted, with `(system)` for its system-assigned one.
    package func carried(by machine: String) -> [String] {
        guard let block = state.identityBlock(of: Build.vm(machine)) else { return [] }
        let names = block.attached.map { $0.spelling.split(separator: "/").last.map(String.init) ?? "" }
        return ((block.type.hasSystem ? ["(system)"] : []) + names).sorted()
    }

    /// The names of the identities that exist, sorted.
    package var identities: [String] { state.identities.map(\.name).sorted() }
}

/// What the server's threads share.
private final class Desk: Sendable {
    private struct State {
        var arrivals: [LoopbackAzure.Arrival] = []
        var offset = 0
        var interception: LoopbackAzure.Interception?
        var beforeAnswering: (@Sendable (HTTPRequest, Int) -> Void)?
    }

    private let state = Mutex(State())

    var arrivals: [LoopbackAzure.Arrival] { state.withLock { $0.arrivals } }

    func set(_ interception: LoopbackAzure.Interception?) {
        state.withLock { $0.interception = interception }
    }

    func setBeforeAnswering(_ work: (@Sendable (HTTPRequest, Int) -> Void)?) {
        state.withLock { $0.beforeAnswering = work }
    }

    func clear() {
        state.withLock {
            $0.offset += $0.arrivals.count
            $0.arrivals = []
        }
    }

    /// Notes a request; its ticket stays valid when the log is cleared meanwhile.
    func arrive(_ request: HTTPRequest) -> (ticket: Int, LoopbackAzure.Interception?) {
        state.withLock { state in
            state.arrivals.append(
                LoopbackAzure.Arrival(
                    method: request.method,
                    path: request.url.path(percentEncoded: true),
                    authorization: request.header("Authorization")
                )
            )
            return (state.offset + state.arrivals.count, state.interception)
        }
    }

    func pass(_ request: HTTPRequest, _ ticket: Int, to router: EmulatorRouter) -> EmulatorReply {
        let reply = router.reply(to: request)
        answered(ticket, with: reply.response.status, byARM: true)
        state.withLock { $0.beforeAnswering }?(request, ticket)
        return reply
    }

    func answered(_ ticket: Int, with status: Int, byARM: Bool) {
        state.withLock { state in
            let index = ticket - state.offset - 1
            guard state.arrivals.indices.contains(index) else { return }
            state.arrivals[index].status = status
            state.arrivals[index].reachedARM = byARM
        }
    }
}
