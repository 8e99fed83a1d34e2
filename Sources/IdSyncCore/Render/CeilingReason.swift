/// The words for what moved between an approved plan and now.
enum CeilingReason {
    /// Why no change of the saved plan may be carried out, or nil when each is to be looked at.
    static func whole(saved: SavedPlan, fresh: PlanDocument) -> String? {
        if saved.manifest.digest != fresh.manifest.digest {
            return "manifest changed since the plan: "
                + manifest(saved.manifest, fresh.manifest).joined(separator: ", ")
        }
        if saved.target != fresh.target {
            return "the plan was made for \(saved.target), this run is for \(fresh.target)"
        }
        return nil
    }

    /// Why a change that only the fresh plan has is not carried out.
    static func unapproved(_ change: Change) -> String {
        "live state changed since the plan: \(change.action) is needed now and was not approved"
    }

    /// Why a change is not done although the fresh plan has none for it.
    static func dropped(_ differences: [String], newBlock: BlockedItem?) -> String {
        if let newBlock { return "it is blocked now (\(newBlock.gate.rawValue)): \(newBlock.message)" }
        return "live state is not what was approved: " + differences.joined(separator: ", ")
    }

    /// How two changes of one resource differ.
    static func moved(saved: Change, fresh: Change) -> String {
        if saved.action != fresh.action {
            return
                "live state changed since the plan: \(fresh.action) is needed now, \(saved.action) was approved"
        }
        let live = liveDifferences(saved.operation, fresh.operation)
        if !live.isEmpty { return "live state changed since the plan: " + live.joined(separator: ", ") }
        let steps = stepDifferences(saved, fresh)
        if !steps.isEmpty { return "the change is not the approved one: " + steps.joined(separator: ", ") }
        return "the request is not the approved one: "
            + requestDifferences(saved.requests, fresh.requests).joined(separator: ", ")
    }

    private static func manifest(_ saved: ManifestDigest, _ fresh: ManifestDigest) -> [String] {
        let before = Dictionary(saved.files.map { ($0.path, $0.digest) }, uniquingKeysWith: { $1 })
        let now = Dictionary(fresh.files.map { ($0.path, $0.digest) }, uniquingKeysWith: { $1 })
        return Set(before.keys).union(now.keys).sorted().compactMap { path in
            switch (before[path], now[path]) {
            case (.some(let old), .some(let new)): old == new ? nil : "file \(path)"
            case (.some, .none): "file \(path) is gone"
            case (.none, _): "file \(path) is new"
            }
        }
    }

    private static func liveDifferences(_ saved: Change.Operation, _ fresh: Change.Operation) -> [String] {
        switch (saved, fresh) {
        case (.patchMachine(let old, _, _), .patchMachine(let new, _, _)): blocks(old, new)
        case (.updateIdentity(let old, let oldTags, _), .updateIdentity(let new, let newTags, _)):
            locations(old, new) + tags(oldTags, newTags)
        case (.deleteIdentity(let old), .deleteIdentity(let new)):
            locations(old.location, new.location) + tags(old.tags, new.tags)
                + (old.principalID == new.principalID ? [] : ["it was deleted and created again"])
        default: []
        }
    }

    private static func blocks(_ old: IdentityBlock, _ new: IdentityBlock) -> [String] {
        var words: [String] = []
        words += new.attached.filter { !old.carries($0.key) }.map { "+ \(short($0)) attached" }
        words += old.attached.filter { !new.carries($0.key) }.map { "- \(short($0)) detached" }
        if old.type.hasSystem != new.type.hasSystem {
            words.append((new.type.hasSystem ? "+" : "-") + " system-assigned")
        }
        if words.isEmpty, old.type != new.type {
            words.append("type \(old.type.wireText) -> \(new.type.wireText)")
        }
        return words
    }

    static func locations(_ old: String, _ new: String) -> [String] {
        Folding.location(old) == Folding.location(new) ? [] : ["location \(old) -> \(new)"]
    }

    static func tags(_ old: [String: String], _ new: [String: String]) -> [String] {
        TagDifference.all(from: old, to: new).map { "tag \($0)" }
    }

    private static func stepDifferences(_ saved: Change, _ fresh: Change) -> [String] {
        func list(_ texts: [String], without others: [String], _ word: String) -> [String] {
            let known = Set(others.map(Folding.fold))
            return texts.filter { !known.contains(Folding.fold($0)) }.map { "\(word) \(short($0))" }
        }
        return list(fresh.assigned, without: saved.assigned, "now also assigns")
            + list(fresh.unassigned, without: saved.unassigned, "now also unassigns")
            + list(saved.assigned, without: fresh.assigned, "no longer assigns")
            + list(saved.unassigned, without: fresh.unassigned, "no longer unassigns")
    }

    private static func requestDifferences(_ saved: [PlannedRequest], _ fresh: [PlannedRequest]) -> [String] {
        guard saved.count == fresh.count else {
            return ["\(saved.count) requests -> \(fresh.count) requests"]
        }
        var words: [String] = []
        for (old, new) in zip(saved, fresh) {
            if old.method != new.method { words.append("method \(old.method) -> \(new.method)") }
            if Folding.fold(old.path) != Folding.fold(new.path) {
                words.append("path \(old.path) -> \(new.path)")
            }
            if old.apiVersion != new.apiVersion {
                words.append("api-version \(old.apiVersion) -> \(new.apiVersion)")
            }
        }
        return words.isEmpty ? ["its body"] : words
    }

    static func short(_ identity: AttachedIdentity) -> String { short(identity.display) }

    private static func short(_ text: String) -> String {
        guard let id = try? ResourceID(parsing: text) else { return text }
        return "\(id.resourceGroup)/\(id.name)"
    }
}

/// One tag that differs between two tag maps.
struct TagDifference: Equatable, CustomStringConvertible {
    let name: String
    let old: String?
    let new: String?

    /// The differences, sorted by tag name.
    static func all(from old: [String: String], to new: [String: String]) -> [TagDifference] {
        Set(old.keys).union(new.keys).sorted().compactMap { name in
            old[name] == new[name] ? nil : TagDifference(name: name, old: old[name], new: new[name])
        }
    }

    /// `"1042" -> "2077"`, with `(absent)` for no tag.
    var values: String {
        let text = { (value: String?) in value.map { "\"\($0)\"" } ?? "(absent)" }
        return "\(text(old)) -> \(text(new))"
    }

    var description: String { "\(name): \(values)" }
}
