/// Keeps identities of other tenants off machines (F55): ARM refuses them, after other writes may have been made.
package enum TenantRule {
    /// Why an identity must not be attached, or nil when its tenant is that of the caller or one of them is unknown.
    package static func refusal(attaching identity: LiveIdentity, caller: CallerIdentity?) -> Refusal? {
        guard let own = caller?.tenantID, !own.isEmpty, let other = identity.tenantID, !other.isEmpty,
            Folding.fold(own) != Folding.fold(other)
        else { return nil }
        return Refusal(
            .crossTenant,
            "\(identity.id.name) belongs to tenant \(other), and idsync runs with a token of tenant \(own); "
                + "identities cannot be assigned across tenants",
            [identity.id.description]
        )
    }
}
