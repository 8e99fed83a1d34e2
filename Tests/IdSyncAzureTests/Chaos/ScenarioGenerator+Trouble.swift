import ARMEmulator
import IdSyncAzure
import IdSyncCore
import TestSupport

/// What goes wrong: faults of the service and the network, other writers, somebody at the keyboard.
extension ScenarioGenerator {
    mutating func makeTrouble() {
        scenario.applyFaults = faults(count: pick([0, 0, 1, 1, 2, 2, 3, 4]))
        scenario.planFaults = chance(25) ? faults(count: number(1...2)) : []
        for _ in 0..<pick([0, 1, 1, 2, 2, 3]) { scenario.intruders.append(intruder()) }
        if chance(6) { scenario.stopAt = number(0...20) }
        scenario.operationDeadline = .seconds(pick([20, 120, 120, 1800]))
    }

    // MARK: faults

    private mutating func faults(count: Int) -> [FaultRule] { (0..<count).map { _ in fault() } }

    private mutating func fault() -> FaultRule {
        switch number(0...9) {
        case 0...3: onWrite()
        case 4...5: onAnything()
        case 6: onOperation()
        case 7: onList()
        default: onRead()
        }
    }

    private mutating func rule(
        _ method: HTTPMethod?,
        _ path: String?,
        _ action: FaultAction?,
        delay: Duration = .zero
    ) -> FaultRule {
        let times: Int? = chance(6) ? nil : pick([1, 1, 1, 2, 3, 8])
        return FaultRule(
            method: method,
            path: path,
            nth: pick([1, 1, 1, 2, 3, 5]),
            times: times,
            delay: delay,
            action: action
        )
    }

    private mutating func onWrite() -> FaultRule {
        let machine = pick(scenario.machines).id
        let path = pick(["*/Microsoft.Compute/*", "*/\(machine.name)"])
        switch number(0...9) {
        case 0: return rule(.patch, path, .precondition)
        case 1...3: return rule(.patch, path, .longRunning(longRunning()))
        case 4: return rule(.patch, path, .foreignOperation("https://evil.example"))
        case 5:
            return rule(.put, "*/userAssignedIdentities/*", pick([.notFoundFor(number(1...4)), anyAnswer()]))
        case 6:
            let named = some(of: scenario.pool.map(\.id.description), percent: 30)
            guard let first = named.first else { return rule(.patch, path, anyAnswer()) }
            var refusal = rule(
                .patch,
                path,
                .identityError(identities: chance(50) ? named : [first], status: pick([400, 403]))
            )
            refusal.nth = 1
            refusal.times = chance(70) ? nil : 1
            return refusal
        case 7: return rule(.delete, nil, anyAnswer())
        default: return rule(pick([.patch, .put]), nil, anyAnswer())
        }
    }

    private mutating func longRunning() -> LongRunningFault {
        var fault = LongRunningFault(pick(LongRunningFault.End.allCases), applied: chance(30))
        if chance(20) {
            fault.code = "TooManyRequests"
            fault.message = "Too many requests, retry after 3 seconds."
        }
        return fault
    }

    private mutating func onRead() -> FaultRule {
        rule(.get, pick(["*/Microsoft.Compute/*", "*/userAssignedIdentities/*", nil]), anyAnswer())
    }

    private mutating func onOperation() -> FaultRule { rule(.get, "*/operations/*", anyAnswer()) }

    private mutating func onList() -> FaultRule {
        let lists = ["*/virtualMachines", "*/virtualMachineScaleSets", "*/userAssignedIdentities"]
        return rule(
            .get,
            pick(lists),
            pick([.foreignNextLink("https://evil.example"), anyAnswer(), anyAnswer()])
        )
    }

    private mutating func onAnything() -> FaultRule {
        if chance(25) { return rule(nil, nil, nil, delay: .seconds(pick([1, 20, 90]))) }
        return rule(nil, nil, anyAnswer())
    }

    /// Something that may come instead of any answer; never a lie that ARM itself could tell.
    private mutating func anyAnswer() -> FaultAction {
        switch number(0...13) {
        case 0...2:
            .answer(
                FaultAnswer(
                    status: 429,
                    code: "TooManyRequests",
                    retryAfter: pick([nil, 0, 3, 40])
                )
            )
        case 3...5:
            .answer(FaultAnswer(status: pick([408, 500, 502, 503, 504]), retryAfter: pick([nil, nil, 5])))
        case 6: .reset(afterWrite: false)
        case 7...8: .reset(afterWrite: true)
        case 9: .truncate(number(0...400))
        case 10: pick([.garbage, .garbageBytes])
        case 11: .html(pick([200, 403, 404, 502]))
        case 12: .redirect("https://evil.example/x")
        default: refusal()
        }
    }

    private mutating func refusal() -> FaultAction {
        let refusals = [
            (409, "Conflict"), (409, "ScopeLocked"), (403, "AuthorizationFailed"),
            (403, "RequestDisallowedByPolicy"), (400, "InvalidParameter"),
            (401, "InvalidAuthenticationToken"),
            (409, "AnotherOperationInProgress"),
        ]
        let (status, code) = pick(refusals)
        return .answer(FaultAnswer(status: status, code: code, message: "no"))
    }

    // MARK: other writers

    private mutating func intruder() -> Intruder {
        Intruder(moment: moment(), writer: chance(85) ? machineWriter() : identityWriter())
    }

    private mutating func moment() -> Intruder.Moment {
        let machine = chance(60) ? pick(scenario.machines).id : nil
        switch number(0...9) {
        case 0...2: return .beforeApply
        case 3: return .request(.get, nil, nth: number(1...6), times: 1, duringPlan: true)
        case 4...5:
            return .request(
                .get,
                machine,
                nth: number(1...(machine == nil ? 12 : 3)),
                times: 1,
                duringPlan: false
            )
        case 6: return .request(.delete, nil, nth: 1, times: 1, duringPlan: false)
        default:
            return .request(.patch, machine, nth: number(1...2), times: pick([1, 1, 3]), duringPlan: false)
        }
    }

    private mutating func machineWriter() -> OtherWriter {
        let declared = scenario.machines.map(\.id).filter { scenario.wishes.machines[$0] != nil }
        let machine = declared.isEmpty || chance(20) ? pick(scenario.machines).id : pick(declared)
        var writer = OtherWriter(machine: machine)
        let ids = scenario.pool.map(\.id)
        switch number(0...11) {
        case 0...4: writer.add = some(of: ids, percent: 30).map { spelled($0) }
        case 5...6: writer.remove = some(of: ids, percent: 30).map { spelled($0) }
        case 7...8: writer.systemAssigned = chance(60)
        case 9:
            writer.add = [spelled(pick(ids))]
            writer.systemAssigned = true
        case 10: writer.bumpETag = true
        default:
            if chance(30) {
                writer.deleteMachine = true
            } else {
                writer.provisioningState = pick(["Updating", "Failed", "Deleting", "Succeeded"])
            }
        }
        return writer
    }

    private mutating func identityWriter() -> OtherWriter {
        let id = pick(scenario.pool).id
        return chance(60) ? OtherWriter(deleteIdentity: id) : OtherWriter(createIdentity: id)
    }
}
