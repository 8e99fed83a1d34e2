/// The digest of a plan document: what is the same plan has the same digest.
package enum PlanDigest {
    /// `sha256:…` over the canonical JSON of what the digest covers.
    package static func digest(of document: JSONValue) -> String {
        SHA256.tagged(covered(by: document).canonicalData())
    }

    /// The document without what may differ between two runs that plan the same.
    ///
    /// Left out are `digest` itself; `createdAt` and `diagnostics`, which say nothing about what is done;
    /// `requests.reads`, which depends on how the reading went; and the `ifMatch` of each request: ARM gives a VM
    /// a new ETag for every write, also for one to a disk or a tag, and that must not invalidate a digest that
    /// somebody reviewed. The identity block is covered by `before`, so a change of it does count, and the
    /// executor sends the ETag of its own fresh GET. Everything else is covered, members that this version does
    /// not know included.
    static func covered(by document: JSONValue) -> JSONValue {
        guard var members = document.object else { return document }
        for name in ["digest", "createdAt", "diagnostics"] { members[name] = nil }
        members["requests"] = members["requests"]?.without("reads")
        if let changes = members["changes"]?.array {
            members["changes"] = .array(changes.map(withoutETags))
        }
        return .object(members)
    }

    private static func withoutETags(_ change: JSONValue) -> JSONValue {
        guard var members = change.object else { return change }
        members["request"] = members["request"]?.without("ifMatch")
        if let further = members["furtherRequests"]?.array {
            members["furtherRequests"] = .array(further.map { $0.without("ifMatch") })
        }
        return .object(members)
    }
}

extension JSONValue {
    /// The object without one member; any other value as it is.
    fileprivate func without(_ name: String) -> JSONValue {
        guard var members = object else { return self }
        members[name] = nil
        return .object(members)
    }
}
