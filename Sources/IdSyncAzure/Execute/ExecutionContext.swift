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

    /// Changes under way at once; most wait for their operations, and the transport bounds the requests.
    var changesInFlight: Int { parallelism * 16 }

    var reader: SingleRead { SingleRead(client: client, apiVersions: apiVersions) }

    /// Sends the write of a planned request with a fresh ETag, and waits until ARM says that it is over.
    func write(
        _ request: PlannedRequest,
        to id: ResourceID,
        etag: String?,
        tally: inout WriteTally
    ) async throws(ARMFailure) {
        // A PATCH of a machine says the whole `type`, and in array versions the whole list. Without an ETag each attempt
        // needs its own look right before, or it would undo what came while the last one was waited for.
        let isRepeatable = etag != nil || id.kind == .userAssignedIdentity
        let answer = try await send(request, etag: etag, isRepeatable: isRepeatable, tally: &tally)
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

    /// Waits until no operation runs on a machine any more; false when that takes too long.
    func waitWhileOperating(_ id: ResourceID) async -> Bool {
        let began = time.now()
        var pause = Duration.seconds(1)
        while time.now() - began < (stop.reason == nil ? operationDeadline : stopGrace) {
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
        etag: String?,
        isRepeatable: Bool,
        tally: inout WriteTally
    ) async throws(ARMFailure) -> ARMAnswer {
        let log = AttemptLog()
        let outcome = await AttemptLog.$current.withValue(log) {
            await StoppableTransport.$stop.withValue(stop) { () async -> Result<ARMAnswer, ARMFailure> in
                do throws(ARMFailure) {
                    return .success(
                        try await client.send(
                            HTTPMethod(rawValue: request.method) ?? .patch,
                            path: request.path,
                            apiVersion: request.apiVersion,
                            ifMatch: etag,
                            body: request.body,
                            isRepeatable: isRepeatable
                        )
                    )
                } catch { return .failure(error) }
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

/// What the writes of one change cost.
struct WriteTally: Sendable {
    /// Requests that ARM accepted.
    var writes = 0
    /// HTTP attempts, retries included.
    var attempts = 0
    /// The last status of a write.
    var httpStatus: Int?
    /// Whether an answer was lost, so that ARM may have accepted a request without anybody knowing.
    private(set) var isUncertain = false

    /// Whether this change wrote to Azure, or may have.
    var mayHaveWritten: Bool { writes > 0 || isUncertain }

    /// A look has shown that no request whose answer was lost was carried out.
    mutating func nothingArrived() { isUncertain = false }

    /// A look has shown that a request whose answer was lost was carried out.
    mutating func arrived() {
        writes = max(writes, 1)
        isUncertain = false
    }

    /// Adds one request with all its attempts; any of them may have arrived although its answer did not (F67).
    mutating func note(_ outcome: Result<ARMAnswer, ARMFailure>, _ log: AttemptLog) {
        switch outcome {
        case .success(let answer):
            if answer.isFromARM { writes += 1 } else { isUncertain = true }
            attempts += answer.attempts
            httpStatus = answer.status
        case .failure(let failure):
            attempts += max(log.attempts, failure.attempts)
            httpStatus = failure.armError?.status ?? httpStatus
            let isUnanswered =
                if case .transport(let error, _) = failure { error.mayHaveArrived } else { false }
            isUncertain = isUncertain || log.leavesDoubt || isUnanswered
        }
    }
}

/// How a change ended, before it is put together with its cost.
struct Ending: Sendable {
    let status: ChangeStatus
    let error: ReportError?
    var notes: [String] = []
    /// The status of the refusal that the error is about, when later requests went well.
    var httpStatus: Int?

    static let applied = Ending(status: .applied, error: nil)
    static let alreadyDone = Ending(status: .alreadyDone, error: nil)

    static func failed(_ failure: ARMFailure, notes: [String] = []) -> Ending {
        Ending(status: .failed, error: ReportError(failure), notes: notes)
    }

    static func failed(code: String, _ message: String) -> Ending {
        Ending(status: .failed, error: ReportError(code: code, message: message))
    }

    static func stale(_ message: String) -> Ending {
        Ending(status: .stale, error: ReportError(code: "stale", message: message))
    }

    static func notStarted(_ message: String) -> Ending {
        Ending(status: .notStarted, error: ReportError(code: "not-started", message: message))
    }

    /// Live is as wanted, but only an operation says so that nobody has seen the end of.
    static let stillOperating = failed(
        code: "deadline",
        "the machine shows what was asked for, but its operation did not end in time; run the plan again"
    )

    /// The run was stopped and ARM did not answer in time.
    static let cutOff = failed(
        code: "interrupted",
        "the run was stopped before ARM said how this ended; run the plan again"
    )

    static func notStarted(_ reason: StopSignal.Reason) -> Ending {
        notStarted(reason.words)
    }
}

extension ReportError {
    /// What a failed call says in the report.
    init(_ failure: ARMFailure) {
        self.init(
            code: failure.code,
            message: failure.shortMessage,
            requestID: failure.requestID,
            correlationID: failure.correlationID,
            remedy: failure.remedy,
            isPermission: failure.errorClass == .permission || failure.errorClass == .authentication
        )
    }
}
