import Foundation
import IdSyncAzure
import IdSyncCore

/// Subscriptions, resource groups and lists.
extension EmulatorStore {
    /// GET `/subscriptions`.
    func listSubscriptions() -> HTTPResponse {
        let value = subscriptions.keys.sorted().compactMap { subscriptions[$0] }.map(rendered(subscription:))
        return HTTPResponse(status: 200, json: ["value": .array(value)])
    }

    /// The body of a subscription.
    func rendered(subscription id: String) -> JSONValue {
        [
            "id": .string("/subscriptions/\(id)"),
            "subscriptionId": .string(id),
            "tenantId": .string(settings.tenantID),
            "displayName": .string("emulated \(id.prefix(8))"),
            "state": "Enabled",
        ]
    }

    /// GET of a resource group.
    func getGroup(subscription: String, name: String) throws(ARMFailure) -> HTTPResponse {
        let wanted = GroupResource(subscription: subscription, name: name, location: "")
        guard let group = groups[wanted.key] else { throw .noGroup(name) }
        return HTTPResponse(
            status: 200,
            json: [
                "id": .string(group.scope),
                "name": .string(group.name),
                "type": "Microsoft.Resources/resourceGroups",
                "location": .string(group.location),
                "properties": ["provisioningState": "Succeeded"],
            ]
        )
    }

    /// GET of a list: one page, with a `nextLink` while there are more.
    func list(_ route: Route, _ context: RequestContext, _ version: String) throws(ARMFailure) -> HTTPResponse
    {
        let cursor = try PageCursor(context.query("$skiptoken"))
        if settings.emptyPages, let cursor, !cursor.isAfterEmptyPage {
            let again = PageCursor(key: cursor.key, isAfterEmptyPage: true)
            return page([], next: again, context)
        }
        let found = try entries(route, after: cursor?.key, version)
        return page(
            found.values,
            next: found.next.map { PageCursor(key: $0, isAfterEmptyPage: false) },
            context
        )
    }

    private func page(_ values: [JSONValue], next: PageCursor?, _ context: RequestContext) -> HTTPResponse {
        var body: [String: JSONValue] = ["value": .array(values)]
        if let next {
            let rest = context.query.split(separator: "&").filter {
                let name = $0.prefix { $0 != "=" }.removingPercentEncoding ?? ""
                return Folding.fold(name) != "$skiptoken"
            }
            let query = (rest.map(String.init) + ["$skiptoken=\(next.text)"]).joined(separator: "&")
            body["nextLink"] = .string("\(context.origin)\(context.path)?\(query)")
        }
        return HTTPResponse(status: 200, json: .object(body))
    }

    private func entries(_ route: Route, after cursor: String?, _ version: String)
        throws(ARMFailure) -> (values: [JSONValue], next: String?)
    {
        switch route {
        case .list(let kind, let subscription, let group):
            try checkScope(subscription: subscription, group: group)
            let groups = group.map { "/resourceGroups/\($0)/" } ?? "/"
            let prefix = Folding.fold("/subscriptions/\(subscription)\(groups)")
            guard kind == .userAssignedIdentity else {
                return machines(kind, prefix, cursor, version) { _ in true }
            }
            let found = identities.page(prefix: prefix, after: cursor, limit: settings.pageSize) { _ in true }
            return (found.values.map { $0.rendered(apiVersion: version) }, found.next)
        case .locationList(let subscription, let location):
            let wanted = Folding.location(location)
            let prefix = Folding.fold("/subscriptions/\(subscription)/")
            return machines(.virtualMachine, prefix, cursor, version) {
                Folding.location($0.location) == wanted
            }
        default: throw .noRoute("")
        }
    }

    private func machines(
        _ kind: ResourceKind,
        _ prefix: String,
        _ cursor: String?,
        _ version: String,
        where isIncluded: (MachineResource) -> Bool
    ) -> (values: [JSONValue], next: String?) {
        let table = kind == .virtualMachine ? virtualMachines : scaleSets
        let found = table.page(prefix: prefix, after: cursor, limit: settings.pageSize, where: isIncluded)
        return (found.values.map { $0.rendered(apiVersion: version, settings: settings) }, found.next)
    }
}

/// Where a list goes on; opaque to clients.
private struct PageCursor {
    /// The folded id of the last entry that was sent.
    let key: String
    /// Whether the page before was an empty one.
    let isAfterEmptyPage: Bool

    init(key: String, isAfterEmptyPage: Bool) {
        self.key = key
        self.isAfterEmptyPage = isAfterEmptyPage
    }

    /// Reads a skip token; nil when there is none.
    init?(_ token: String?) throws(ARMFailure) {
        guard let token else { return nil }
        guard let data = Data(base64Encoded: token.replacing("-", with: "+").replacing("_", with: "/")),
            case let text = String(decoding: data, as: UTF8.self), let mark = text.first, "+0".contains(mark)
        else {
            throw ARMFailure(400, "InvalidSkipToken", "The skip token is invalid.")
        }
        key = String(text.dropFirst())
        isAfterEmptyPage = mark == "+"
    }

    var text: String {
        // The alphabet of base64url; `=` is sent as `%3D`, so a client that takes the URL apart breaks it.
        Data(((isAfterEmptyPage ? "+" : "0") + key).utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "%3D")
    }
}
