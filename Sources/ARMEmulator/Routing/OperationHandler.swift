import IdSyncAzure
import IdSyncCore

/// Long-running operations: start, poll, end (FACTS section 5).
extension EmulatorStore {
    /// Starts an operation on a machine.
    mutating func start(
        on machine: MachineResource,
        before: MachineResource?,
        _ context: RequestContext,
        _ version: String,
        _ fault: LongRunningFault?
    ) -> Operation {
        let operation = Operation(
            id: DeterministicID.guid("operation", "\(requestCount)", "\(generation)"),
            subscription: machine.id.subscription,
            location: machine.location,
            machineKey: machine.id.key,
            apiVersion: version,
            startedAt: context.now,
            before: before,
            after: machine,
            isDelete: context.method == .delete,
            outcome: fault.map(Operation.Outcome.init) ?? .succeed,
            pollsLeft: settings.polls,
            readyAt: context.now + settings.operationTime
        )
        operations[operation.id] = operation
        return operation
    }

    /// The header fields that name an operation: no `Location` but for a DELETE, `Retry-After` by setting (REC-VM).
    func headers(of operation: Operation, _ context: RequestContext, withLocation: Bool)
        -> [(name: String, value: String)]
    {
        let url = "\(context.origin)\(operation.path)"
        var headers: [(name: String, value: String)] = [
            ("azure-asyncoperation", "\(url)?\(operation.query(monitor: false))"),
            ("azure-asyncnotification", "Enabled"),
        ]
        if withLocation { headers.append(("location", "\(url)?\(operation.query(monitor: true))")) }
        if let seconds = settings.retryAfter { headers.append(("retry-after", "\(seconds)")) }
        return headers
    }

    /// GET of an operation URL, which has to be the one that was given out, to the letter.
    mutating func poll(_ id: String, _ context: RequestContext) throws(ARMFailure) -> HTTPResponse {
        guard let known = operations[Folding.fold(id)] else { throw .noOperation(id) }
        let isMonitor = context.query("monitor") != nil
        guard context.query == known.query(monitor: isMonitor) else { throw .badSignature }
        advance(known.id, now: context.now)
        let operation = operations[known.id] ?? known
        let isRunning = operation.status == "InProgress"
        var wait: [(name: String, value: String)] = []
        if isRunning, let seconds = settings.retryAfter { wait.append(("retry-after", "\(seconds)")) }
        guard isMonitor else { return HTTPResponse(status: 200, json: operation.rendered, headers: wait) }
        if isRunning {
            let again = "\(context.origin)\(operation.path)?\(operation.query(monitor: true))"
            return HTTPResponse(status: 202, headers: wait + [("location", again)])
        }
        if let failure = operation.failure { throw failure }
        return HTTPResponse(status: operation.isDelete ? 204 : 200)
    }

    /// Counts a poll and ends the operation when it is due.
    mutating func advance(_ id: String, now: Duration) {
        guard var operation = operations[id], operation.endedAt == nil else { return }
        if operation.pollsLeft > 0 {
            operation.pollsLeft -= 1
        } else if now >= operation.readyAt {
            end(&operation, now: now)
        }
        operations[id] = operation
    }

    /// Ends the operation that runs on a machine because a newer write takes over (F63).
    mutating func preemptRunning(on machine: MachineResource?, now: Duration) {
        guard let id = machine?.operation, operations[id]?.endedAt == nil else { return }
        operations[id]?.status = "Canceled"
        operations[id]?.endedAt = now
        operations[id]?.failure = .preempted
    }

    /// Ends every running operation at once, as a saved state needs it; one that hangs is taken as done.
    mutating func settleAll() {
        for id in operations.keys.sorted() {
            guard var operation = operations[id], operation.endedAt == nil, !operation.isSettled else {
                continue
            }
            switch operation.outcome {
            case .fail(_, _, applied: false): settle(&operation, applied: false, state: "Failed")
            case .cancel: settle(&operation, applied: false, state: "Canceled")
            default: settle(&operation, applied: true, state: "Succeeded")
            }
            operations[id] = operation
        }
    }

    private mutating func end(_ operation: inout Operation, now: Duration) {
        switch operation.outcome {
        case .hang: return
        case .silent:
            settle(&operation, applied: true, state: "Succeeded")
            return
        case .succeed:
            settle(&operation, applied: true, state: "Succeeded")
            operation.status = "Succeeded"
        case .fail(let code, let message, let applied):
            settle(&operation, applied: applied, state: "Failed")
            operation.status = "Failed"
            operation.failure = ARMFailure(409, code, message)
        case .cancel:
            settle(&operation, applied: false, state: "Canceled")
            operation.status = "Canceled"
            operation.failure = ARMFailure(409, "OperationCanceled", "The operation was canceled.")
        }
        operation.endedAt = now
    }

    /// Carries out the effect of an operation on its machine, once, unless a newer operation has taken over.
    private mutating func settle(_ operation: inout Operation, applied: Bool, state: String) {
        guard !operation.isSettled else { return }
        operation.isSettled = true
        guard var machine = machine(key: operation.machineKey), machine.operation == operation.id else {
            return
        }
        if operation.isDelete, applied {
            self[machine: machine.id] = nil
            return
        }
        if !applied { operation.undo(on: &machine) }
        machine.identity.settle()
        machine.provisioningState = state
        machine.operation = nil
        self[machine: machine.id] = machine
    }
}

extension Operation.Outcome {
    /// The outcome that a fault rule asks for.
    fileprivate init(_ fault: LongRunningFault) {
        switch fault.end {
        case .failed: self = .fail(code: fault.code, message: fault.message, applied: fault.applied)
        case .canceled: self = .cancel
        case .hang: self = .hang
        case .neverSucceeded: self = .silent
        }
    }
}
