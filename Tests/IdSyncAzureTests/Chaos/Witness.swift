import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Synchronization
import TestSupport

/// One request as the server saw it, with what it did.
struct Exchange: Sendable {
    let method: HTTPMethod
    let path: String
    /// The resource, when the request is about one.
    let target: ResourceID?
    let ifMatch: String?
    let body: Data?
    /// The status of the answer; 0 when there was none.
    let status: Int
    /// Whether the server carried the request out and said so, whatever became of its answer.
    let isAccepted: Bool
    /// Whether the whole answer arrived and is what ARM sends.
    let isReal: Bool
    /// The ETag that the answer carried.
    let etag: String?
    /// What the machine carried right before and right after, other writers aside; nil when it does not exist.
    let before: Set<String>?
    let after: Set<String>?
    /// What a machine carried although it did not exist, when a PATCH came.
    let dangling: Set<String>
    /// Whether the identity was there before and after.
    let existed: Bool
    let exists: Bool
    /// The machines that carried the identity when a DELETE came.
    let carriers: [ResourceID]
    /// Whether the answer took its time.
    let isSlow: Bool
    /// Whether the run had been asked to stop.
    let isAfterStop: Bool
    /// When it came.
    let at: Duration

    /// Whether a client cannot know whether the server accepted the request: from the answer, or because it gave up
    /// waiting for a slow one after the run was stopped.
    var isUnclear: Bool {
        method != .get && (!isReal || status == 502 || status == 504 || (isAfterStop && isSlow))
    }
    /// Whether it is a page of all VMs or all scale sets of a subscription.
    var isSearch: Bool {
        let parts = path.split(separator: "/").map { Folding.fold(String($0)) }
        return method == .get && parts.count == 5 && parts[3] == "microsoft.compute"
    }
}

/// The wire between idsync and the emulator: lets other writers in, cuts it, and notes what every request did.
///
/// One lock makes a request, the looks before and after it, and the writers that come before it one step.
final class Witness: Transport {
    /// What a phase of the run noted.
    struct Record: Sendable {
        var exchanges: [Exchange] = []
        /// What others wrote, with the number of exchanges before it.
        var intrusions: [(at: Int, writer: OtherWriter)] = []
    }

    private struct Book: Sendable {
        var record = Record()
        var seen: [Int]
        var struck: [Int]
        var isPlanning = true
        var isArmed = true
    }

    /// Where the wire is cut: the process is gone from then on.
    struct Cut: Sendable {
        /// The request, from 0, that no longer comes back.
        let at: Int
        /// Whether the server still carries it out.
        let afterwards: Bool
    }

    private let state: EmulatorState
    private let scenario: Scenario
    private let time: VirtualTime
    private let scheduler: ChaosScheduler
    private let router: EmulatorRouter
    private let stop: StopSignal
    private let book: Mutex<Book>
    private let cut: Mutex<Cut?> = Mutex(nil)
    private let intruders: [Intruder]

    init(_ scenario: Scenario, state: EmulatorState, time: VirtualTime, scheduler: ChaosScheduler) {
        self.scenario = scenario
        self.state = state
        self.time = time
        self.scheduler = scheduler
        router = EmulatorRouter(state: state, time: time)
        stop = StopSignal()
        intruders = scenario.intruders
        let zeros = scenario.intruders.map { _ in 0 }
        book = Mutex(Book(seen: zeros, struck: zeros))
    }

    /// The signal that the run is stopped by.
    var stopSignal: StopSignal { stop }

    /// Begins the apply: what was noted so far comes back, and intruders of this phase get their turn.
    func beginApply(cut: Cut? = nil) -> Record {
        self.cut.withLock { $0 = cut }
        return book.withLock { book in
            defer { book.record = Record() }
            book.isPlanning = false
            return book.record
        }
    }

    /// Ends a phase; nobody else writes from now on.
    func endAll() -> Record {
        cut.withLock { $0 = nil }
        return book.withLock { book in
            defer { book.record = Record() }
            book.isArmed = false
            return book.record
        }
    }

    /// Lets the writers between plan and apply in.
    func intrude() {
        book.withLock { book in
            for case let intruder in intruders where book.isArmed {
                guard case .beforeApply = intruder.moment else { continue }
                state.apply(intruder.writer)
                book.record.intrusions.append((book.record.exchanges.count, intruder.writer))
            }
        }
    }

    /// Sends a request.
    ///
    /// - Throws: `TransportError` as faults and the cut say.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        await scheduler.shuffle()
        let cut = self.cut.withLock { $0 }
        let reply = book.withLock { book -> EmulatorReply? in
            let index = book.record.exchanges.count
            guard let cut, index >= cut.at else { return exchange(request, &book) }
            if index == cut.at, cut.afterwards { _ = exchange(request, &book) }
            return nil
        }
        guard let reply else { throw TransportError(.connectionLost, "the process is gone") }
        return try await reply.delivered(to: request, time: time)
    }

    private func exchange(_ request: HTTPRequest, _ book: inout Book) -> EmulatorReply {
        let path = request.url.path(percentEncoded: false)
        let target = try? ResourceID(parsing: path)
        let machine = target.flatMap { $0.kind == .userAssignedIdentity ? nil : $0 }
        letIntrudersIn(request.method, target, &book)
        if scenario.stopAt == book.record.exchanges.count, !book.isPlanning, book.isArmed {
            stop.stop(.signal(2))
        }
        let isWrite = request.method != .get
        let before = isWrite ? machine.flatMap(state.carried) : nil
        let existed = machine == nil && exists(target)
        let dangling = request.method == .patch ? before?.subtracting(state.identities.map(\.key)) : nil
        let carriers = request.method == .delete ? carriers(of: target) : []
        let reply = router.reply(to: request)
        let after = machine.flatMap(state.carried)
        let isARM = Self.isARM(reply)
        book.record.exchanges.append(
            Exchange(
                method: request.method,
                path: path,
                target: target,
                ifMatch: request.header("If-Match"),
                body: request.body,
                status: reply.response.status,
                isAccepted: isWrite && isARM && (200..<300).contains(reply.response.status),
                isReal: isARM && reply.delivery == .whole && reply.delay <= request.timeout,
                etag: reply.response.header("etag"),
                before: isWrite ? before : after,
                after: after,
                dangling: dangling ?? [],
                existed: existed,
                exists: machine == nil && exists(target),
                carriers: carriers,
                isSlow: reply.delay > .zero,
                isAfterStop: stop.reason != nil,
                at: time.now()
            )
        )
        return reply
    }

    /// Tells ARM's answers from what the faults `garbage` and `html` put in their place.
    private static func isARM(_ reply: EmulatorReply) -> Bool {
        if case .raw = reply.delivery { return false }
        return reply.response.header("content-type") != "text/html" && !reply.response.body.contains(1)
    }

    private func exists(_ id: ResourceID?) -> Bool { id.map(state.identities.contains) ?? false }

    private func carriers(of id: ResourceID?) -> [ResourceID] {
        guard let id else { return [] }
        return scenario.machines.map(\.id).filter { machine in
            state.carried(by: machine)?.contains(id.key) ?? false
        }
    }

    private func letIntrudersIn(_ method: HTTPMethod, _ target: ResourceID?, _ book: inout Book) {
        for (index, intruder) in intruders.enumerated() where book.isArmed {
            guard case .request(method, let wanted, let nth, let times, book.isPlanning) = intruder.moment,
                wanted == nil || wanted == target
            else { continue }
            book.seen[index] += 1
            guard book.seen[index] >= nth, book.struck[index] < times else { continue }
            book.struck[index] += 1
            state.apply(intruder.writer)
            book.record.intrusions.append((book.record.exchanges.count, intruder.writer))
        }
    }
}
