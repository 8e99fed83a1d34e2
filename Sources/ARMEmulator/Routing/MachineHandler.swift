import IdSyncAzure
import IdSyncCore

/// GET, PUT, PATCH and DELETE of VMs and scale sets.
extension EmulatorStore {
    mutating func machine(
        _ id: ResourceID,
        _ context: RequestContext,
        _ version: String,
        _ fault: LongRunningFault?
    ) throws(ARMFailure) -> HTTPResponse {
        switch context.method {
        case .get:
            if isHidden(id) { throw .noResource(id) }
            // A GET moves the operation on: a client may watch `provisioningState` instead of the operation URL.
            if let running = self[machine: id]?.operation { advance(running, now: context.now) }
            guard let live = self[machine: id] else { throw .noResource(id) }
            // With `$expand` there is no ETag header, only the one in the body (az-vm-msi-2024-08).
            return answer(live, status: 200, version, showsETag: context.query("$expand") == nil)
        case .delete: return try deleteMachine(id, context, version, fault)
        case .put, .patch: return try write(id, context, version, fault)
        case .post: throw .methodNotAllowed(context.method.rawValue)
        }
    }

    private mutating func write(
        _ id: ResourceID,
        _ context: RequestContext,
        _ version: String,
        _ fault: LongRunningFault?
    ) throws(ARMFailure) -> HTTPResponse {
        let isPatch = context.method == .patch
        let live = self[machine: id]
        if isPatch, live == nil { throw .noResource(id) }
        let body = try context.body()
        try Self.checkMembers(body, of: id)
        try checkConditions(live, context, version)
        if let live { try checkWritable(live) }
        var changed = if let live { live } else { try newMachine(id, body) }
        try changeBody(of: &changed, with: body, isPatch: isPatch, isNew: live == nil)
        try changeIdentity(of: &changed, with: body["identity"], isPatch: isPatch, version)
        if live != nil { changed.etag += 1 }
        preemptRunning(on: live, now: context.now)
        changed.provisioningState = live == nil ? "Creating" : "Updating"
        let operation = start(on: changed, before: live, context, version, fault)
        changed.operation = operation.id
        self[machine: id] = changed
        var response = answer(changed, status: live == nil ? 201 : 200, version, showsETag: true)
        response.headers += headers(of: operation, context, withLocation: false)
        return response
    }

    private mutating func deleteMachine(
        _ id: ResourceID,
        _ context: RequestContext,
        _ version: String,
        _ fault: LongRunningFault?
    ) throws(ARMFailure) -> HTTPResponse {
        guard var live = self[machine: id] else { return HTTPResponse(status: 204) }
        try checkConditions(live, context, version)
        preemptRunning(on: live, now: context.now)
        let operation = start(on: live, before: live, context, version, fault)
        live.provisioningState = "Deleting"
        live.operation = operation.id
        self[machine: id] = live
        return HTTPResponse(status: 202, headers: headers(of: operation, context, withLocation: true))
    }

    private func answer(_ machine: MachineResource, status: Int, _ version: String, showsETag: Bool)
        -> HTTPResponse
    {
        let hasETag = APIVersions(compute: version).hasETag && settings.etags
        return HTTPResponse(
            status: status,
            json: machine.rendered(apiVersion: version, settings: settings),
            headers: showsETag && hasETag ? [("etag", machine.etagText)] : []
        )
    }

    private func newMachine(_ id: ResourceID, _ body: [String: JSONValue]) throws(ARMFailure)
        -> MachineResource
    {
        guard let location = body["location"]?.string, !location.isEmpty else { throw .noLocation }
        return MachineResource(
            id: id,
            body: ["location": .string(Folding.location(location))],
            identity: .none,
            etag: 1
        )
    }

    private func checkWritable(_ live: MachineResource) throws(ARMFailure) {
        if live.provisioningState == "Deleting" { throw .markedForDeletion(live.id) }
        if live.operation != nil, settings.concurrentWrites == .conflict { throw .conflict }
    }

    /// `If-Match` and `If-None-Match`, for versions that have them only (FACTS section 4).
    private func checkConditions(_ live: MachineResource?, _ context: RequestContext, _ version: String)
        throws(ARMFailure)
    {
        guard APIVersions(compute: version).hasETag else { return }
        if let wanted = context.header("If-Match") {
            let tags = wanted.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
            guard let live, tags.contains("*") || tags.contains(live.etagText) else {
                throw .stale(given: wanted, actual: live?.etagText ?? "of no resource")
            }
        }
        if let unwanted = context.header("If-None-Match"), let live {
            let tags = unwanted.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
            if tags.contains("*") || tags.contains(live.etagText) { throw .exists }
        }
    }

    /// Changes everything but the identity: a PATCH merges, a PUT replaces; tags always replace (RPC).
    private mutating func changeBody(
        of machine: inout MachineResource,
        with body: [String: JSONValue],
        isPatch: Bool,
        isNew: Bool
    ) throws(ARMFailure) {
        if !isPatch, body["location"] == nil { throw .noLocation }
        if let location = body["location"]?.string,
            Folding.location(location) != Folding.location(machine.location)
        {
            throw .otherLocation(machine.id, is: machine.location, wanted: location)
        }
        let location = machine.location
        var properties = body["properties"] ?? [:]
        guard case .object(var members) = properties else {
            throw .content("'properties' is not an object. Path 'properties'.")
        }
        members["provisioningState"] = nil
        properties = .object(members)
        var given = body.filter {
            !["id", "name", "type", "identity", "etag", "systemData"].contains($0.key)
        }
        given["location"] = .string(location)
        let tags = try Self.tags(body)
        if isPatch {
            given["properties"] = properties
            given["tags"] = nil
            machine.body = JSONValue.object(machine.body).merged(with: .object(given)).object ?? machine.body
            if let tags { machine.body["tags"] = .object(tags.mapValues(JSONValue.string)) }
        } else {
            let kept = machine.body["properties"]
            machine.body = given.filter { $0.value != .null }
            // A machine that never had tags shows no member (aso-vm-20220301-crud).
            machine.body["tags"] = tags.map { .object($0.mapValues(JSONValue.string)) }
            machine.body["properties"] = kept.map(Self.readOnly)?.merged(with: properties) ?? properties
        }
        if isNew { addReadOnly(to: &machine) }
    }

    /// What stays of the properties when a PUT replaces the model.
    private static func readOnly(_ properties: JSONValue) -> JSONValue {
        .object((properties.object ?? [:]).filter { ["vmId", "timeCreated", "uniqueId"].contains($0.key) })
    }

    private mutating func addReadOnly(to machine: inout MachineResource) {
        var properties = machine.body["properties"]?.object ?? [:]
        let name = machine.id.kind == .virtualMachine ? "vmId" : "uniqueId"
        properties[name] = .string(DeterministicID.guid("vm", machine.id.key, "\(nextGeneration())"))
        machine.body["properties"] = .object(properties)
    }

    /// A PATCH without the member leaves the identity alone, a PUT without it drops it: PUT replaces the model (F16).
    private mutating func changeIdentity(
        of machine: inout MachineResource,
        with request: JSONValue?,
        isPatch: Bool,
        _ version: String
    ) throws(ARMFailure) {
        guard let request, isPatch || request != .null else {
            if !isPatch { machine.identity = .none }
            return
        }
        let known = identities
        let next = generation + 1
        let change = IdentityChange(
            machine: machine.id,
            isPatch: isPatch,
            shape: APIVersions(compute: version).shape,
            isFlexible: machine.isFlexible,
            settings: settings,
            identity: { known[$0] },
            newPrincipal: DeterministicID.guid("system", machine.id.key, "\(next)")
        )
        let hadSystem = machine.identity.hasSystem
        machine.identity = try change.apply(request, to: machine.identity)
        if machine.identity.hasSystem, !hadSystem { generation = next }
    }
}
