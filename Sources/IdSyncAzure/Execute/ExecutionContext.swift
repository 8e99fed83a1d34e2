package import IdSyncCore

/// What every change needs to be carried out.
package struct ExecutionContext: Sendable {
    /// The client that may write.
    package let client: ARMClient
    /// The versions to use.
    package let apiVersions: APIVersions
    /// The clock.
    package let time: any TimeSource
    /// The rules of each declared machine: what a re-plan after a race goes by.
    package let rules: [ResourceID: MachineRules]
    /// The declared identities by id.
    package let identities: [ResourceID: DesiredIdentity]
    /// Identities that this run has created: a replica may not know them yet.
    private(set) var created: Set<ResourceID> = []
    /// Requests in flight.
    package let parallelism: Int
    /// How long one long-running operation may take.
    package let operationDeadline: Duration
    /// How long an operation in flight may still take after the run was asked to stop.
    package let stopGrace: Duration
    /// How long a change may still look after that, so that the report says what is live.
    static let lastLook = Duration.seconds(30)
    /// Set when no more writes may begin.
    package let stop: StopSignal
    /// Random numbers from 0 up to 1 that spread repeated writes.
    package let jitter: @Sendable () -> Double
    /// Most times that one target is read and planned anew after a race (DESIGN section 4).
    package static let raceLimit = 5

    /// Makes a context.
    package init(
        client: ARMClient,
        apiVersions: APIVersions,
        time: any TimeSource,
        rules: [ResourceID: MachineRules],
        identities: [ResourceID: DesiredIdentity],
        parallelism: Int = 8,
        operationDeadline: Duration = .seconds(1800),
        stopGrace: Duration = .seconds(60),
        stop: StopSignal = StopSignal(),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.client = client
        self.apiVersions = apiVersions
        self.time = time
        self.rules = rules
        self.identities = identities
        self.parallelism = parallelism
        self.operationDeadline = operationDeadline
        self.stopGrace = stopGrace
        self.stop = stop
        self.jitter = jitter
    }

    /// The same once a stage is over.
    func knowing(created: Set<ResourceID>) -> ExecutionContext {
        var context = self
        context.created.formUnion(created)
        return context
    }

    /// Changes under way at once; most wait for their operations, and the transport bounds the requests.
    var changesInFlight: Int { parallelism * 16 }

    var reader: SingleRead { SingleRead(client: client, apiVersions: apiVersions) }

    /// Waits for the turn of a write, unless the run is to stop; nil when it is.
    func turn(_ method: HTTPMethod, _ id: ResourceID) async throws(ARMFailure) -> WriteTurn? {
        if let now = client.turns.turnNow(method, id) { return now }
        let stopped = Result<WriteTurn, TransportError>.failure(
            TransportError(.stopped, "the run is to stop")
        )
        let (result, _) = await stop.withGrace(.zero, on: time, otherwise: stopped) {
            [turns = client.turns] in
            do throws(TransportError) { return .success(try await turns.turn(method, id)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let turn): return turn
        case .failure(let error):
            if stop.reason != nil { return nil }
            throw .transport(error, ARMCall(method: method, path: id.description, attempts: 0))
        }
    }

    /// Sends the write of a planned request, and waits until ARM says that it is over.
    ///
    /// Transports repeat only what an ETag guards. Anything else says the whole of something, so each attempt needs its
    /// own look right before, or it would undo what came while the last one was waited for.
    func write(
        _ request: PlannedRequest,
        to id: ResourceID,
        after look: Look,
        tally: inout WriteTally
    ) async throws(ARMFailure) {
        let answer = try await send(request, after: look, tally: &tally)
        guard id.kind != .userAssignedIdentity else { return }
        try await wait(for: answer, of: id, apiVersion: request.apiVersion)
    }

    /// Waits for the operation of a write: as long as it may take, and no longer than the grace once the run is to stop.
    private func wait(for answer: ARMAnswer, of id: ResourceID, apiVersion: String) async throws(ARMFailure) {
        let late = ARMFailure.deadline(after: stopGrace, operation: nil, answer.call)
        let (result, wasCut) = await stop.withGrace(stopGrace, on: time, otherwise: .failure(late)) {
            [client, operationDeadline] in
            do throws(ARMFailure) {
                try await client.waitForCompletion(
                    of: answer,
                    resourcePath: id.description,
                    apiVersion: apiVersion,
                    deadline: operationDeadline
                )
                return Result<Void, ARMFailure>.success(())
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let failure) = result, wasCut, failure.isCancelled { throw late }
        try result.get()
    }

    /// How long an operation that is not ours may keep a machine busy before we write all the same.
    static let patienceWithOthers = Duration.seconds(60)

    /// Waits until no operation runs on a machine any more; false when that takes too long.
    func waitWhileOperating(_ id: ResourceID, atMost limit: Duration? = nil) async -> Bool {
        let began = time.now()
        var pause = Duration.seconds(1)
        while time.now() - began < (stop.reason == nil ? limit ?? operationDeadline : stopGrace) {
            do { try await time.sleep(for: pause) } catch { return false }
            pause = min(pause * 2, .seconds(15))
            let seen = await reader.get(id, as: WireMachine.self)
            guard seen.lookup.value?.machine.isOperating == true else { return true }
        }
        return false
    }

    /// Sends the write itself and notes what it cost, whatever became of it.
    private func send(
        _ request: PlannedRequest,
        after look: Look,
        tally: inout WriteTally
    ) async throws(ARMFailure) -> ARMAnswer {
        let log = AttemptLog()
        let gate = WriteGate(stop: stop, time: time, lookedAt: look.at)
        let outcome = await AttemptLog.$current.withValue(log) {
            await WriteGate.$current.withValue(gate) {
                await WriteTurn.$current.withValue(look.turn) {
                    () async -> Result<ARMAnswer, ARMFailure> in
                    do throws(ARMFailure) {
                        return .success(
                            try await client.send(
                                HTTPMethod(rawValue: request.method) ?? .patch,
                                path: request.path,
                                apiVersion: request.apiVersion,
                                ifMatch: look.etag,
                                body: request.body,
                                isRepeatable: look.etag != nil
                            )
                        )
                    } catch { return .failure(error) }
                }
            }
        }
        tally.note(outcome, log)
        return try outcome.get()
    }

    /// The ending of a change whose first write was held back because the run is to stop; nil for any other failure.
    func notBegun(_ failure: ARMFailure, _ tally: WriteTally) -> Ending? {
        guard let reason = stop.reason, case .transport(let error, _) = failure, error.reason == .stopped,
            !tally.mayHaveWritten
        else { return nil }
        return .notStarted(reason)
    }
}

/// What a write builds on.
struct Look: Sendable {
    /// The turn that was taken before it.
    let turn: WriteTurn
    /// When the answer came.
    let at: Duration
    /// The ETag that it brought, when the version has one.
    var etag: String?
}
