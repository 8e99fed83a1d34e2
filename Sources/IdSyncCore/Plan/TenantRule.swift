/// Keeps identities of other tenants off machines (F55): ARM refuses them, after other writes may have been made.
///
/// The machine's own tenant counts, not the caller's: with delegated access (Azure Lighthouse) the token is of another tenant
/// than everything that it manages.
package enum TenantRule {
    /// Why an identity must not be attached, or nil when its tenant is that of the machine or one of them is unknown.
    package static func refusal(attaching identity: LiveIdentity, to machine: LiveMachine) -> Refusal? {
        guard let own = machine.tenantID, !own.isEmpty, let other = identity.tenantID, !other.isEmpty,
            Folding.fold(own) != Folding.fold(other)
        else { return nil }
        return Refusal(
            .crossTenant,
            "\(identity.id.name) belongs to tenant \(other), and the machine to tenant \(own); identities cannot be "
                + "assigned across tenants",
            [identity.id.description]
        )
    }
}
