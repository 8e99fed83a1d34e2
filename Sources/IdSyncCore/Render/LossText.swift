/// What a plan takes away that no later plan can bring back.
enum LossText {
    /// Most names of one kind.
    private static let limit = 8

    /// `Lost for good: identity retired; the system-assigned identity of app-03.`; nil when nothing is.
    static func line(_ changes: [Change]) -> String? {
        var identities: [String] = []
        var machines: [String] = []
        for change in changes {
            switch change.operation {
            case .deleteIdentity: identities.append(change.resourceID.name)
            case .patchMachine(_, _, let delta) where delta.system == false:
                machines.append(change.resourceID.name)
            case .createIdentity, .updateIdentity, .patchMachine: break
            }
        }
        let parts = [
            sentence("identity", "identities", "", identities),
            sentence("the system-assigned identity", "the system-assigned identities", "of ", machines),
        ].compactMap(\.self)
        return parts.isEmpty ? nil : "Lost for good: \(parts.joined(separator: "; "))."
    }

    private static func sentence(_ one: String, _ many: String, _ link: String, _ names: [String]) -> String?
    {
        guard !names.isEmpty else { return nil }
        let list = TerminalText.safe(Layout.list(names, limit: limit))
        return "\(names.count == 1 ? one : many) \(link)\(list)"
    }
}
