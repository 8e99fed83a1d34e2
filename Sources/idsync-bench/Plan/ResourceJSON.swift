import IdSyncCore

/// VMs and identities as ARM's lists show them: the whole model, most of which idsync has no use for.
struct ResourceJSON {
    let fleet: Fleet

    /// One VM, about 3,600 bytes.
    func machine(_ number: Int) -> String {
        let id = fleet.vm(number)
        let name = id.name
        let compute = "\(id.groupScope)/providers/Microsoft.Compute"
        return """
            {"name":"\(name)","id":"\(id)","type":"Microsoft.Compute/virtualMachines",\
            "location":"\(Fleet.location)","tags":{"owner":"platform","cost-center":"4711","env":"prod"},\
            "zones":["\(number % 3 + 1)"],"identity":\(block(number)),"properties":{\
            "hardwareProfile":{"vmSize":"Standard_D4s_v5"},"provisioningState":"Succeeded",\
            "vmId":"\(Self.guid(1, number))","additionalCapabilities":{"hibernationEnabled":false},\
            \(Self.storage(name, compute)),\(Self.system(name)),\
            "securityProfile":{"uefiSettings":{"secureBootEnabled":true,"vTpmEnabled":true},\
            "securityType":"TrustedLaunch"},"networkProfile":{"networkInterfaces":[{"id":"\(id.groupScope)\
            /providers/Microsoft.Network/networkInterfaces/\(name)-nic","properties":{"primary":true,\
            "deleteOption":"Delete"}}]},"diagnosticsProfile":{"bootDiagnostics":{"enabled":true}},\
            "timeCreated":"2025-11-03T08:15:42.7354115+00:00"},"resources":[\
            {"id":"\(compute)/virtualMachines/\(name)/extensions/AzureMonitorLinuxAgent"},\
            {"id":"\(compute)/virtualMachines/\(name)/extensions/AADSSHLoginForLinux"}],\
            "etag":"\\"\(number % 9 + 1)\\""}
            """
    }

    /// One identity, spelled as its provider does, with `resourcegroups` in lower case.
    func identity(_ number: Int) -> String {
        let id = fleet.identity(number)
        return """
            {"location":"\(Fleet.location)","tags":{},"id":"/subscriptions/\(id.subscription)/resourcegroups/\
            \(id.resourceGroup)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/\(id.name)",\
            "name":"\(id.name)","type":"Microsoft.ManagedIdentity/userAssignedIdentities","properties":{\
            "tenantId":"\(Self.guid(9, 0))","principalId":"\(Self.guid(2, number))",\
            "clientId":"\(Self.guid(3, number))"}}
            """
    }

    private func block(_ number: Int) -> String {
        let entries = fleet.attached(to: number).map { id in
            // Only the last part differs, and both ids have to be those that the identity itself shows.
            let key = fleet.wanted(on: number).firstIndex(of: id).map { (number + $0) % fleet.identities }
            let serial = key ?? 999_999
            return """
                "\(id)":{"principalId":"\(Self.guid(2, serial))","clientId":"\(Self.guid(3, serial))"}
                """
        }
        return """
            {"type":"SystemAssigned, UserAssigned","principalId":"\(Self.guid(4, number))",\
            "tenantId":"\(Self.guid(9, 0))","userAssignedIdentities":{\(entries.joined(separator: ","))}}
            """
    }

    private static func storage(_ name: String, _ compute: String) -> String {
        let disks = (0..<1).map { lun in
            """
            {"lun":\(lun),"name":"\(name)-data\(lun)","createOption":"Attach","caching":"ReadOnly",\
            "writeAcceleratorEnabled":false,"managedDisk":{"storageAccountType":"Premium_LRS",\
            "id":"\(compute)/disks/\(name)-data\(lun)"},"deleteOption":"Detach","diskSizeGB":512,\
            "toBeDetached":false}
            """
        }
        return """
            "storageProfile":{"imageReference":{"publisher":"Canonical","offer":"ubuntu-24_04-lts",\
            "sku":"server","version":"latest","exactVersion":"24.04.202510010"},"osDisk":{"osType":"Linux",\
            "name":"\(name)-os","createOption":"FromImage","caching":"ReadWrite","managedDisk":\
            {"storageAccountType":"Premium_LRS","id":"\(compute)/disks/\(name)-os"},"deleteOption":"Delete",\
            "diskSizeGB":64},"dataDisks":[\(disks.joined(separator: ","))],"diskControllerType":"SCSI"}
            """
    }

    private static func system(_ name: String) -> String {
        let key = String(repeating: "AAAAB3NzaC1yc2EAAAADAQABAAAB", count: 13)
        return """
            "osProfile":{"computerName":"\(name)","adminUsername":"azureuser","linuxConfiguration":{\
            "disablePasswordAuthentication":true,"ssh":{"publicKeys":[{"path":\
            "/home/azureuser/.ssh/authorized_keys","keyData":"ssh-rsa \(key) bench"}]},\
            "provisionVMAgent":true,"patchSettings":{"patchMode":"AutomaticByPlatform",\
            "assessmentMode":"ImageDefault"}},"secrets":[],"allowExtensionOperations":true,\
            "requireGuestProvisionSignal":true}
            """
    }

    /// A GUID of a kind and a number.
    private static func guid(_ kind: Int, _ number: Int) -> String {
        "\(kind)0000000-0000-4000-8000-\(Fleet.padded(number, 12))"
    }
}
