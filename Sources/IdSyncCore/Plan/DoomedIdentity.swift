/// An identity as it was when its deletion was planned; another one of the same id is not to be deleted.
package struct DoomedIdentity: Sendable, Equatable {
    /// The region.
    package let location: String
    /// The tags.
    package let tags: [String: String]
    /// The object id of its service principal, which a re-created identity does not share.
    package let principalID: String?

    /// Makes a description.
    package init(location: String, tags: [String: String], principalID: String? = nil) {
        self.location = location
        self.tags = tags
        self.principalID = principalID
    }

    /// Makes a description of what is live.
    package init(_ live: LiveIdentity) {
        self.init(location: live.location, tags: live.tags, principalID: live.principalID)
    }

    /// Whether live is still that identity; what a side does not know does not count.
    package func isSame(as live: LiveIdentity) -> Bool {
        guard Folding.location(location) == Folding.location(live.location), tags == live.tags else {
            return false
        }
        guard let principalID, let now = live.principalID else { return true }
        return Folding.fold(principalID) == Folding.fold(now)
    }
}
