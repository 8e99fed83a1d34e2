import Foundation
package import IdSyncAzure
import IdSyncCore

/// Answers requests as ARM would, without a network: a function of the state, the request and the time.
///
/// Equal states and equal request sequences at equal times give equal bytes; ids in answers come from counters.
package struct EmulatorRouter: Sendable {
    private let state: EmulatorState
    private let time: any TimeSource
    private let log: RequestLog?

    /// Makes a router; the log, when there is one, notes every request.
    package init(state: EmulatorState, time: any TimeSource = SystemTime(), log: RequestLog? = nil) {
        self.state = state
        self.time = time
        self.log = log
    }

    /// Answers a request now.
    package func reply(to request: HTTPRequest) -> EmulatorReply {
        reply(to: request, at: time.now())
    }

    /// Answers a request at a time.
    package func reply(to request: HTTPRequest, at now: Duration) -> EmulatorReply {
        let reply = state.withStore { $0.reply(to: request, now: now) }
        log?.note(request, reply)
        return reply
    }
}

extension EmulatorStore {
    /// Answers one request, faults included.
    mutating func reply(to request: HTTPRequest, now: Duration) -> EmulatorReply {
        requestCount += 1
        if request.method != .get { revision += 1 }
        let context = RequestContext(request, now: now)
        let strike = faults.strike(request, path: context.path)
        for writer in strike.writers { apply(writer) }
        var reply: EmulatorReply
        switch strike.answer {
        case .reset(afterWrite: false): reply = EmulatorReply(HTTPResponse(status: 0), delivery: .lost)
        case .reset(afterWrite: true):
            reply = EmulatorReply(answer(context, strike), delivery: .lost)
        case let action?:
            let target: ResourceID? =
                if case .resource(let id) = try? Route(path: context.path) { id } else { nil }
            reply = action.reply(to: request, target: target) ?? EmulatorReply(answer(context, strike))
        case nil:
            reply = EmulatorReply(answer(context, strike))
            if let count = strike.keepBytes { reply.delivery = .cut(after: count) }
        }
        reply.delay = strike.delay
        addIDs(to: &reply.response, context)
        return reply
    }

    private mutating func answer(_ context: RequestContext, _ strike: FaultEngine.Strike) -> HTTPResponse {
        var limits: [(name: String, value: String)] = []
        do throws(ARMFailure) {
            try checkToken(context)
            let route = try Route(path: context.path)
            guard route.allows(context.method) else { throw .methodNotAllowed(context.method.rawValue) }
            let version = try APIVersionTable.check(context.query("api-version"), kind: route.kind)
            limits = try throttle.admit(route, context, isEnabled: settings.throttle)
            var response = try dispatch(route, context, version, strike.longRunning)
            strike.redirectURLs(in: &response, context)
            if let count = strike.notFoundFor, response.status == 201, case .resource(let id) = route {
                hidden[id.key] = count
            }
            response.headers += limits
            return response
        } catch {
            var response = error.response
            response.headers += limits
            return response
        }
    }

    private func checkToken(_ context: RequestContext) throws(ARMFailure) {
        guard let token = context.bearer else { throw .noToken }
        guard settings.tokens.isEmpty || settings.tokens.contains(token) else { throw .wrongToken }
    }

    private mutating func dispatch(
        _ route: Route,
        _ context: RequestContext,
        _ version: String,
        _ fault: LongRunningFault?
    ) throws(ARMFailure) -> HTTPResponse {
        if let subscription = route.subscriptionID { try checkScope(subscription: subscription, group: nil) }
        switch route {
        case .subscriptions: return listSubscriptions()
        case .subscription(let id): return HTTPResponse(status: 200, json: rendered(subscription: id))
        case .group(let subscription, let name): return try getGroup(subscription: subscription, name: name)
        case .list, .locationList: return try list(route, context, version)
        case .operation(_, _, let id): return try poll(id, context)
        case .resource(let id):
            try checkScope(subscription: id.subscription, group: id.resourceGroup)
            if id.kind == .userAssignedIdentity { return try identity(id, context, version) }
            return try machine(id, context, version, fault)
        }
    }

    private func addIDs(to response: inout HTTPResponse, _ context: RequestContext) {
        let request = DeterministicID.guid("request", "\(requestCount)")
        let correlation = context.header("x-ms-correlation-request-id") ?? request
        response.headers.append(("x-ms-request-id", request))
        response.headers.append(("x-ms-correlation-request-id", correlation))
        if let client = context.header("x-ms-client-request-id") {
            response.headers.append(("x-ms-client-request-id", client))
        }
    }
}

extension FaultEngine.Strike {
    /// Moves the URLs that a client is to follow to other hosts, when a rule says so.
    fileprivate func redirectURLs(in response: inout HTTPResponse, _ context: RequestContext) {
        if let operationHost {
            for index in response.headers.indices
            where ["azure-asyncoperation", "location"].contains(response.headers[index].name) {
                let url = response.headers[index].value
                guard url.hasPrefix(context.origin) else { continue }
                response.headers[index].value = operationHost + url.dropFirst(context.origin.count)
            }
        }
        guard let nextLinkHost, var page = try? JSONValue(parsing: response.body).object, page["value"] != nil
        else { return }
        page["nextLink"] = .string("\(nextLinkHost)\(context.path)?\(context.query)&$skiptoken=foreign")
        response.body = JSONValue.object(page).canonicalData()
    }
}
