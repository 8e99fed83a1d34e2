import IdSyncAzure
import IdSyncCore

/// What matters of an answer, as lines of text: two answers agree when their lines do.
///
/// Left out, because the service makes them up: ids of principals and operations, times, signatures, rate limits, the
/// ETag's number (its step is compared) and the order of members.
struct Facts: Equatable {
    var lines: [String] = []

    init(status: Int, body: JSONValue?, header: (String) -> String?) {
        lines.append("status \(status)")
        lines.append("operation \(header("azure-asyncoperation") == nil ? "no" : "yes")")
        lines.append("etag header \(header("etag") == nil ? "no" : "yes")")
        if let location = header("location") {
            // Relative ones name the resource; absolute ones are operation URLs.
            lines.append("location \(location.hasPrefix("/") ? location : "absolute")")
        }
        guard let body else { return }
        if let code = body["error"]?["code"]?.string { lines.append("code \(code)") }
        if let status = body["status"]?.string { lines.append("operation status \(status)") }
        if let list = body["value"]?.array {
            for entry in list { add(entry) }
        } else if body["id"] != nil {
            add(body)
        }
    }

    private mutating func add(_ resource: JSONValue) {
        let name = resource["name"]?.string ?? "?"
        lines.append("\(name) type \(resource["type"]?.string ?? "-")")
        lines.append("\(name) location \(resource["location"]?.string ?? "-")")
        lines.append("\(name) tags \(resource["tags"].map(text) ?? "-")")
        let isIdentity = resource["type"] == "Microsoft.ManagedIdentity/userAssignedIdentities"
        if isIdentity {
            lines.append("\(name) id \(resource["id"]?.string ?? "-")")
            lines.append("\(name) properties \(resource["properties"]?.object?.keys.sorted() ?? [])")
        } else {
            lines.append("\(name) state \(resource["properties"]?["provisioningState"]?.string ?? "-")")
            lines.append("\(name) etag \(resource["etag"] == nil ? "no" : "yes")")
            addIdentity(resource["identity"], name)
        }
    }

    private mutating func addIdentity(_ identity: JSONValue?, _ name: String) {
        guard let identity else {
            lines.append("\(name) identity none")
            return
        }
        let type = IdentityType(parsing: identity["type"]?.string)
        lines.append("\(name) identity system \(type.hasSystem) user \(type.hasUser)")
        lines.append("\(name) principal \(identity["principalId"] == nil ? "no" : "yes")")
        for (id, value) in (identity["userAssignedIdentities"]?.object ?? [:]).sorted(by: { $0.key < $1.key })
        {
            lines.append("\(name) has \(Folding.fold(id)) \(value == [:] ? "{}" : "with ids")")
        }
        for id in (identity["identityIds"]?.array ?? []).compactMap(\.string) {
            lines.append("\(name) lists \(id)")
        }
    }

    private func text(_ value: JSONValue) -> String { String(decoding: value.canonicalData(), as: UTF8.self) }
}
