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
        let answer: ARMAnswer
        do throws(ARMFailure) {
            answer = try await client.send(
                HTTPMethod(rawValue: request.method) ?? .patch,
                path: request.path,
                apiVersion: request.apiVersion,
                ifMatch: etag,
                body: request.body
            )
        } catch {
            tally.note(error)
            throw error
        }
        tally.writes += 1
        tally.attempts += answer.attempts
        tally.httpStatus = answer.status
        guard id.kind != .userAssignedIdentity else { return }
        try await client.waitForCompletion(
            of: answer,
            resourcePath: id.description,
            apiVersion: request.apiVersion,
            deadline: stop.reason == nil ? operationDeadline : stopGrace
        )
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

    mutating func note(_ failure: ARMFailure) {
        attempts += failure.attempts
        httpStatus = failure.armError?.status ?? httpStatus
        switch failure {
        case .transport(let error, _):
            isUncertain =
                isUncertain || ![.refused, .connectionRefused, .hostNotFound, .tls].contains(error.reason)
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
