import IdSyncCore
import YAMLDocument

/// The made-up VMs and identities that all benchmarks use; the same numbers always give the same fleet.
///
/// Every VM carries one identity of the manifest, a system-assigned one and one that a policy put there. The manifest
/// asks for two identities on every VM; the even ones have both already, so half of the VMs need a PATCH.
struct Fleet: Sendable {
    static let subscription = "80c696ff-5efa-4909-a64d-f1b616f423ca"
    static let location = "westeurope"

    let vms: Int
    let perGroup: Int
    var identities: Int { max(2, vms / 10) }
    var groups: Int { (vms + perGroup - 1) / perGroup }

    func group(_ number: Int) -> String { "rg-app-\(Self.padded(number, 4))" }

    func vm(_ number: Int) -> ResourceID {
        id(.virtualMachine, number / perGroup, "vm-\(Self.padded(number, 6))")
    }

    /// Identities are spread over the groups as the VMs are.
    func identity(_ number: Int) -> ResourceID {
        id(.userAssignedIdentity, number * groups / identities, "id-\(Self.padded(number, 5))")
    }

    /// The identity that Azure Policy put on every VM.
    var foreign: ResourceID {
        ResourceID(
            subscription: Self.subscription,
            resourceGroup: "Built-In-Identity-RG",
            kind: .userAssignedIdentity,
            name: "Built-In-Identity-\(Self.location)"
        )
    }

    /// The two identities that the manifest wants on a VM.
    func wanted(on vm: Int) -> [ResourceID] {
        [identity(vm % identities), identity((vm + 1) % identities)]
    }

    /// Whether a VM lacks the second of them.
    func needsChange(_ vm: Int) -> Bool { !vm.isMultiple(of: 2) }

    /// What a VM carries.
    func attached(to vm: Int) -> [ResourceID] {
        (needsChange(vm) ? [wanted(on: vm)[0]] : wanted(on: vm)) + [foreign]
    }

    /// The manifest as the state that its loading gives, without places of interest.
    var desired: DesiredState {
        let origin = SourceLocation(file: "fleet.yaml", line: 1, column: 1)
        return DesiredState(
            identities: (0..<identities).map {
                DesiredIdentity(id: identity($0), location: Self.location, origin: origin)
            },
            machines: (0..<vms).map { vm in
                DesiredMachine(
                    id: self.vm(vm),
                    userAssigned: wanted(on: vm).map { IdentityReference(id: $0, origin: origin) },
                    origin: origin
                )
            },
            protected: [GlobPattern("*/Built-In-Identity-*")]
        )
    }

    /// VMs in one file of the manifest; a file has a size limit.
    private static let vmsPerFile = 20_000

    /// The manifest as YAML files.
    var manifest: [(name: String, text: String)] {
        var lines = header + ["protected: [\"*/Built-In-Identity-*\"]", "identities:"]
        for number in 0..<identities {
            let id = identity(number)
            lines.append("  - {name: \(id.name), resourceGroup: \(id.resourceGroup)}")
        }
        var files = [(name: "identities.yaml", text: lines.joined(separator: "\n") + "\n")]
        for start in stride(from: 0, to: vms, by: Self.vmsPerFile) {
            lines = header + ["virtualMachines:"]
            for number in start..<min(start + Self.vmsPerFile, vms) {
                let id = vm(number)
                lines += [
                    "  - name: \(id.name)", "    resourceGroup: \(id.resourceGroup)", "    userAssigned:",
                ]
                lines += wanted(on: number).map { "      - \($0.name)" }
            }
            files.append((name: "machines\(files.count).yaml", text: lines.joined(separator: "\n") + "\n"))
        }
        return files
    }

    private var header: [String] {
        ["version: 1", "defaults:", "  subscription: \(Self.subscription)", "  location: \(Self.location)"]
    }

    private func id(_ kind: ResourceKind, _ group: Int, _ name: String) -> ResourceID {
        ResourceID(
            subscription: Self.subscription,
            resourceGroup: self.group(group),
            kind: kind,
            name: name
        )
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
