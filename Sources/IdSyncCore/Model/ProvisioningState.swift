/// What `properties.provisioningState` of a resource means; ARM compares it without case.
package struct ProvisioningState: Sendable, Hashable {
    /// The state as ARM spelled it; nil when the answer had none.
    package let text: String?

    /// Makes a state from what ARM sent.
    package init(_ text: String?) { self.text = text }

    /// The state to compare with; absent means Succeeded (FACTS section 5).
    package var folded: String { Folding.fold(text ?? "Succeeded") }

    /// Whether no operation runs any more; anything that is not one of the three is still running (FACTS section 5).
    package var isTerminal: Bool { ["succeeded", "failed", "canceled"].contains(folded) }

    /// Whether the resource is going away.
    package var isDeleting: Bool { folded == "deleting" }
}
