/// What an approved plan says about one change that a fresh plan sees, or no longer sees.
package struct CeilingVerdict: Sendable, Equatable, CustomStringConvertible {
    /// What is to happen with the change.
    package enum Outcome: Sendable, Equatable {
        /// Nothing moved: carry it out.
        case go
        /// Live already is as wanted.
        case alreadyDone
        /// Something moved, and this says what: leave it alone.
        case stale(String)
    }

    /// The change: the fresh one with its fresh ETag when it is to be carried out, else the saved one; for a change
    /// that nobody approved, the fresh one.
    package let change: Change
    /// What is to happen with it.
    package let outcome: Outcome

    /// Makes a verdict.
    package init(change: Change, outcome: Outcome) {
        self.change = change
        self.outcome = outcome
    }

    /// For people: the address and the outcome.
    package var description: String {
        switch outcome {
        case .go: "\(change.address): as approved"
        case .alreadyDone: "\(change.address): already done"
        case .stale(let reason): "\(change.address): \(reason)"
        }
    }
}

/// An approved plan is a ceiling: what it does not contain is not done (DESIGN section 6).
///
/// Both plans come from the same manifest, so what the fresh plan no longer finds to do is done, if live shows it:
///
///     saved    fresh                               verdict
///     change   equal change                        go
///     change   no change, live = what it wanted    already done
///     change   no change, live is anything else    stale
///     change   other change                        stale
///     (none)   change                              stale
///
/// A manifest or a target that is not the approved one makes every change stale.
package enum Ceiling {
    /// One verdict per saved change, in plan order, then one per fresh change that nobody approved.
    package static func compare(saved: SavedPlan, fresh: PlanDocument, live: LiveState) -> [CeilingVerdict] {
        let counterparts = Dictionary(
            fresh.plan.changes.map { ($0.resourceID, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let approved = Set(saved.changes.map(\.resourceID))
        let extra = fresh.plan.changes.filter { !approved.contains($0.resourceID) }
        if let reason = CeilingReason.whole(saved: saved, fresh: fresh) {
            return (saved.changes + extra).map { CeilingVerdict(change: $0, outcome: .stale(reason)) }
        }
        let blocks = newBlocks(saved: saved, fresh: fresh)
        let verdicts = saved.changes.map { change in
            if let counterpart = counterparts[change.resourceID] {
                return verdict(on: change, fresh: counterpart)
            }
            let differences = CeilingLive(live: live).differences(from: change)
            guard !differences.isEmpty else { return CeilingVerdict(change: change, outcome: .alreadyDone) }
            let reason = CeilingReason.dropped(differences, newBlock: blocks[change.address])
            return CeilingVerdict(change: change, outcome: .stale(reason))
        }
        return verdicts
            + extra.map { CeilingVerdict(change: $0, outcome: .stale(CeilingReason.unapproved($0))) }
    }

    private static func verdict(on saved: Change, fresh: Change) -> CeilingVerdict {
        if ComparedChange(saved) == ComparedChange(fresh) {
            return CeilingVerdict(change: fresh, outcome: .go)
        }
        return CeilingVerdict(change: saved, outcome: .stale(CeilingReason.moved(saved: saved, fresh: fresh)))
    }

    /// The first block of each address that the saved plan did not show: what most likely explains a change that the
    /// fresh plan has no longer.
    private static func newBlocks(saved: SavedPlan, fresh: PlanDocument) -> [String: BlockedItem] {
        let known = Dictionary(grouping: saved.document.plan.blocked, by: \.address)
        let new = fresh.plan.blocked.filter { item in
            !known[item.address, default: []].contains {
                $0.gate == item.gate && $0.message == item.message && $0.evidence == item.evidence
            }
        }
        return Dictionary(new.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// The parts of a change that must be equal for it to be the approved one: before, after, and what is sent.
///
/// Ids, paths and locations are folded: ARM's list and GET answers may differ in their case. The body of a VM PATCH
/// holds nothing but ids and a type, so it is folded whole; in that of an identity, tags count case by case.
struct ComparedChange: Equatable {
    let action: String
    let before: JSONValue
    let after: JSONValue
    let assigned: [String]
    let unassigned: [String]
    let requests: [ComparedRequest]

    init(_ change: Change) {
        let isMachine = change.delta != nil
        action = change.action
        before = isMachine ? change.beforeJSON.folded : change.beforeJSON.foldingLocation
        after = isMachine ? change.afterJSON.folded : change.afterJSON.foldingLocation
        assigned = change.assigned.map(Folding.fold)
        unassigned = change.unassigned.map(Folding.fold)
        requests = change.requests.map { ComparedRequest($0, foldsBody: isMachine) }
    }
}

/// The parts of a request that must be equal; not its ETag, see `PlanDigest`.
struct ComparedRequest: Equatable {
    let method: String
    let path: String
    let apiVersion: String
    let body: JSONValue?

    init(_ request: PlannedRequest, foldsBody: Bool) {
        method = request.method
        path = Folding.fold(request.path)
        apiVersion = request.apiVersion
        body = foldsBody ? request.body?.folded : request.body
    }
}

extension JSONValue {
    /// The value with every string and every member name folded.
    fileprivate var folded: JSONValue {
        switch self {
        case .string(let text): .string(Folding.fold(text))
        case .array(let elements): .array(elements.map(\.folded))
        case .object(let members):
            .object(
                Dictionary(
                    members.map { (Folding.fold($0.key), $0.value.folded) },
                    uniquingKeysWith: { first, _ in first }
                )
            )
        case .null, .bool, .integer, .number: self
        }
    }

    /// The state of an identity with its location as ARM compares it.
    fileprivate var foldingLocation: JSONValue {
        guard var members = object, let location = members["location"]?.string else { return self }
        members["location"] = .string(Folding.location(location))
        return .object(members)
    }
}
