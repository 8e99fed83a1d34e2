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
    /// The subscriptions in which users of identities to be deleted are searched.
    package let subscriptions: [String]
    /// Requests in flight.
    package let parallelism: Int
    /// How long one long-running operation may take.
    package let operationDeadline: Duration
    /// How long an operation in flight may still take after the run was asked to stop.
    package let stopGrace: Duration
    /// Set when no more writes may begin.
    package let stop: StopSignal
    /// Most times that one target is read and planned anew after a race (DESIGN section 4).
    package static let raceLimit = 5

    /// Makes a context.
    package init(
        client: ARMClient,
        apiVersions: APIVersions,
        time: any TimeSource,
        rules: [ResourceID: MachineRules],
        identities: [ResourceID: DesiredIdentity],
        subscriptions: [String] = [],
        parallelism: Int = 8,
        operationDeadline: Duration = .seconds(1800),
        stopGrace: Duration = .seconds(60),
        stop: StopSignal = StopSignal()
    ) {
        self.client = client
        self.apiVersions = apiVersions
        self.time = time
        self.rules = rules
        self.identities = identities
        self.subscriptions = subscriptions
        self.parallelism = parallelism
        self.operationDeadline = operationDeadline
        self.stopGrace = stopGrace
        self.stop = stop
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
        tally.requestsSent += 1
        let watch = WriteWatch(stop: stop)
        let outcome = await WriteWatch.$current.withValue(watch) { [client] in
            do throws(ARMFailure) {
                return Result<ARMAnswer, ARMFailure>.success(
                    try await client.send(
                        HTTPMethod(rawValue: request.method) ?? .patch,
                        path: request.path,
                        apiVersion: request.apiVersion,
                        ifMatch: etag,
                        body: request.body
                    )
                )
            } catch {
                return .failure(error)
            }
        }
        let answer: ARMAnswer
        do throws(ARMFailure) { answer = try outcome.get() } catch {
            tally.note(error, wasLost: watch.isLost)
            throw error
        }
        tally.writes += 1
        tally.attempts += answer.attempts
        tally.httpStatus = answer.status
        guard id.kind != .userAssignedIdentity else { return }
        try await wait(for: answer, of: id, apiVersion: request.apiVersion)
    }

    /// The ending of a change whose first write was held back because the run is to stop; nil for any other failure.
    func notBegun(_ failure: ARMFailure, _ tally: WriteTally) -> Ending? {
        guard let reason = stop.reason, case .transport(let error, _) = failure, error.reason == .stopped,
            !tally.mayHaveWritten
        else { return nil }
        return .notStarted(reason)
    }

    /// Waits for the operation of a write: as long as it may take, and no longer than the grace once the run is to stop.
    private func wait(for answer: ARMAnswer, of id: ResourceID, apiVersion: String) async throws(ARMFailure) {
        let result = await stop.withGrace(stopGrace) { [client, operationDeadline] in
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
        guard let result else { throw .deadline(after: stopGrace, operation: nil, answer.call) }
        try result.get()
    }
}

/// What the writes of one change cost.
struct WriteTally: Sendable {
    /// Requests that were handed to the client.
    var requestsSent = 0
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

    /// Notes a write that failed; `wasLost` when one of its attempts left without an answer, whatever the last one got.
    mutating func note(_ failure: ARMFailure, wasLost: Bool) {
        attempts += failure.attempts
        httpStatus = failure.armError?.status ?? httpStatus
        isUncertain = isUncertain || wasLost
        switch failure {
        case .transport(let error, _): isUncertain = isUncertain || error.mayHaveArrived
        // A repeated request that finds its ETag used up may have met its own first attempt.
        case .arm(let error): isUncertain = isUncertain || (error.status == 412 && error.attempts > 1)
        case .malformed, .cancelled: isUncertain = true
        case .credential, .foreignURL, .redirect, .deadline: break
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

    static func notStarted(_ reason: StopSignal.Reason) -> Ending { notStarted(reason.words) }

    static func notStarted(_ message: String) -> Ending {
        Ending(status: .notStarted, error: ReportError(code: "not-started", message: message))
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
