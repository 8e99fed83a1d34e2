import Foundation
import IdSyncCore

/// Which URL tells how a long-running operation is doing, in the order of FACTS section 5.
private enum OperationMonitor {
    case done
    /// `Azure-AsyncOperation`: always 200 with a `status`.
    case operation(String)
    /// `Location` of a 202: 202 while running, else the final answer.
    case location(String)
    /// The resource itself, until its `provisioningState` is terminal.
    case resource

    init(_ answer: ARMAnswer) {
        if let link = answer.asyncOperation, !link.isEmpty {
            self = .operation(link)
        } else if answer.status == 202, let link = answer.location, !link.isEmpty {
            // Only of a 202: the Location of a 201 names the new resource, without an api-version (REC-ID).
            self = .location(link)
        } else if answer.status == 202 {
            self = .resource
        } else {
            self = ProvisioningState(of: answer).isTerminal ? .done : .resource
        }
    }
}

extension ProvisioningState {
    /// `properties.provisioningState` of a resource.
    fileprivate init(of answer: ARMAnswer) {
        self.init((try? JSONValue(parsing: answer.body))?["properties"]?["provisioningState"]?.string)
    }
}

/// What one look at the monitor brought.
private struct OperationPoll {
    enum State {
        case running
        case succeeded
        case failed(ARMFailure)
    }

    let state: State
    let retryAfter: Duration?
}

/// When to look: as the server asks, else quickly at first and then every 15 to 30 seconds.
///
/// Recorded identity updates took 5 to 7 seconds, and no answer carried `Retry-After` (REC-VM); each look costs a token of the
/// operation's own bucket, 45 and 15 more per minute.
private struct PollSchedule {
    /// What the last answer asked for.
    var asked: Duration?
    private var steps = [1, 2, 5, 10, 15, 20, 25, 30][...]

    init(asked: Duration?) { self.asked = asked }

    /// The next wait, cut to what remains; nil when the time is over or the server asks for more than remains.
    mutating func next(remaining: Duration) -> Duration? {
        guard remaining > .zero else { return nil }
        if let asked {
            self.asked = nil
            // `Retry-After: 0` must not turn into a busy loop.
            let wait = max(asked, .milliseconds(50))
            return wait <= remaining ? wait : nil
        }
        let step = steps.first ?? 30
        if steps.count > 1 { steps.removeFirst() }
        return min(.seconds(step), remaining)
    }
}

extension ARMClient {
    /// Waits until the operation that an answer started has ended; returns at once when there is none.
    ///
    /// A status that cannot be read is not a failed operation: it is read again, at most five times in a row
    /// (RPC async-api-reference). The caller verifies with a GET afterwards whatever this says.
    ///
    /// - Parameters:
    ///   - answer: The answer to a PUT, PATCH, POST or DELETE.
    ///   - resourcePath: The resource, read when the answer names no operation.
    ///   - apiVersion: The api-version for that.
    ///   - deadline: How long to wait at most.
    /// - Throws: `ARMFailure.arm` when the operation failed or was canceled, `.deadline` when it did not end in time,
    ///   `.foreignURL` when its URL leads to another host.
    package func waitForCompletion(
        of answer: ARMAnswer,
        resourcePath: String,
        apiVersion: String,
        deadline: Duration
    ) async throws(ARMFailure) {
        let monitor = OperationMonitor(answer)
        if case .done = monitor { return }
        let end = time.now() + deadline
        let operation = try operationPath(of: monitor, call: answer.call)
        var schedule = PollSchedule(asked: answer.retryAfter)
        var unreadable = 0
        while true {
            guard let wait = schedule.next(remaining: end - time.now()) else {
                throw .deadline(after: deadline, operation: operation, answer.call)
            }
            do { try await time.sleep(for: wait) } catch { throw .cancelled(answer.call) }
            let poll: OperationPoll
            do throws(ARMFailure) {
                poll = try await look(
                    at: monitor,
                    call: answer.call,
                    path: resourcePath,
                    apiVersion: apiVersion
                )
            } catch {
                unreadable += 1
                guard unreadable < 5, Self.isUnreadable(error, monitor: monitor) else { throw error }
                if case .arm(let refusal) = error { schedule.asked = refusal.retryAfter }
                continue
            }
            unreadable = 0
            schedule.asked = poll.retryAfter
            switch poll.state {
            case .running: continue
            case .succeeded: return
            case .failed(let failure): throw failure
            }
        }
    }

    private func operationPath(of monitor: OperationMonitor, call: ARMCall) throws(ARMFailure) -> String? {
        switch monitor {
        case .operation(let link):
            try pinned(link, named: "Azure-AsyncOperation", from: call).path(percentEncoded: false)
        case .location(let link): try pinned(link, named: "Location", from: call).path(percentEncoded: false)
        case .done, .resource: nil
        }
    }

    private func look(
        at monitor: OperationMonitor,
        call: ARMCall,
        path: String,
        apiVersion: String
    ) async throws(ARMFailure) -> OperationPoll {
        switch monitor {
        case .done: return OperationPoll(state: .succeeded, retryAfter: nil)
        case .operation(let link):
            let answer = try await follow(link, named: "Azure-AsyncOperation", from: call)
            return OperationPoll(state: try state(answer, call: call), retryAfter: answer.retryAfter)
        case .location(let link):
            let answer = try await follow(link, named: "Location", from: call)
            return OperationPoll(
                state: answer.status == 202 ? .running : .succeeded,
                retryAfter: answer.retryAfter
            )
        case .resource: return try await lookAtResource(call: call, path: path, apiVersion: apiVersion)
        }
    }

    private func state(_ answer: ARMAnswer, call: ARMCall) throws(ARMFailure) -> OperationPoll.State {
        let json = try answer.json()
        guard let status = json["status"]?.string else {
            throw answer.malformed(.shape("'status' is missing"))
        }
        switch Folding.fold(status) {
        case "succeeded": return .succeeded
        case "failed", "canceled":
            return .failed(failure(of: call, status: status, error: json["error"], answer: answer))
        // Terminal states are these three; anything else is still running (RPC).
        default: return .running
        }
    }

    private func lookAtResource(
        call: ARMCall,
        path: String,
        apiVersion: String
    ) async throws(ARMFailure) -> OperationPoll {
        let answer: ARMAnswer
        do throws(ARMFailure) { answer = try await get(path: path, apiVersion: apiVersion) } catch {
            if case .arm(let refusal) = error, refusal.status == 404, call.method == .delete {
                return OperationPoll(state: .succeeded, retryAfter: nil)
            }
            throw error
        }
        let provisioning = ProvisioningState(of: answer)
        // A resource that is still there after a DELETE is still being deleted.
        if !provisioning.isTerminal || (call.method == .delete && provisioning.folded == "succeeded") {
            return OperationPoll(state: .running, retryAfter: answer.retryAfter)
        }
        guard provisioning.folded != "succeeded" else {
            return OperationPoll(state: .succeeded, retryAfter: nil)
        }
        let failure = failure(of: call, status: provisioning.text ?? "Failed", error: nil, answer: answer)
        return OperationPoll(state: .failed(failure), retryAfter: nil)
    }

    private func failure(of call: ARMCall, status: String, error: JSONValue?, answer: ARMAnswer) -> ARMFailure
    {
        .arm(
            ARMError(
                operationStatus: status,
                error: error,
                response: HTTPResponse(status: answer.status, headers: Self.idHeaders(answer)),
                method: call.method,
                path: call.path,
                attempts: call.attempts,
                scrubber: answer.scrubber
            )
        )
    }

    private static func idHeaders(_ answer: ARMAnswer) -> [(name: String, value: String)] {
        [("x-ms-request-id", answer.requestID), ("x-ms-correlation-request-id", answer.correlationID)]
            .compactMap { name, value in value.map { (name: name, value: $0) } }
    }

    /// Whether a failed look says nothing about the operation itself.
    private static func isUnreadable(_ failure: ARMFailure, monitor: OperationMonitor) -> Bool {
        switch failure {
        case .transport(let error, _): return error.reason != .refused
        case .malformed: return true
        case .arm(let error):
            // A refusal at a Location is the final answer of the operation; elsewhere only the look failed.
            guard case .location = monitor else { return true }
            return error.errorClass == .transient || error.errorClass == .throttled
        case .credential, .foreignURL, .redirect, .deadline, .cancelled: return false
        }
    }
}
