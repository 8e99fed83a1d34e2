/// What an unknown key means that people bring from ARM, Terraform or the portal, and no near match would find.
enum KeyHint: Sendable {
    /// The field that the key stands for.
    case field(String)
    /// What to do instead.
    case note(String)

    private static let computed = note(
        "idsync computes the type itself; say what you want with systemAssigned and userAssigned"
    )

    /// Top-level keys, in lower case.
    static let manifest: [String: KeyHint] = [
        "identity": field("identities"),
        "managedidentities": field("identities"),
        "userassignedidentities": field("identities"),
        "machine": field("virtualMachines"),
        "machines": field("virtualMachines"),
        "vm": field("virtualMachines"),
        "vms": field("virtualMachines"),
        "virtualmachine": field("virtualMachines"),
        "subscription": note("it goes under 'defaults', or into each entry"),
        "resourcegroup": note("it goes under 'defaults', or into each entry"),
        "location": note("it goes under 'defaults', or into each identity"),
        "tags": note("they go under 'defaults', or into each identity"),
    ]

    /// Keys of an identity, in lower case.
    static let identity: [String: KeyHint] = [
        "group": field("resourceGroup"),
        "rg": field("resourceGroup"),
        "region": field("location"),
    ]

    /// Keys of a virtual machine, in lower case.
    static let machine: [String: KeyHint] = [
        "group": field("resourceGroup"),
        "rg": field("resourceGroup"),
        "type": computed,
        "identitytype": computed,
        "identity": field("userAssigned"),
        "identities": field("userAssigned"),
        "identityids": field("userAssigned"),
        "userassignedidentities": field("userAssigned"),
        "managedidentities": field("userAssigned"),
        "detach": field("remove"),
        "unassign": field("remove"),
        "location": note("a virtual machine is found by its name, resource group and subscription"),
    ]
}
