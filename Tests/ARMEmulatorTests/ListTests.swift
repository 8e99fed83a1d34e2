import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

@Suite struct ListTests {
    private static let scope = "/subscriptions/\(Rig.subscription)"

    /// Seven VMs in two groups and two locations, and one whose group name starts like another.
    private static func file(_ members: [String: JSONValue]) -> JSONValue {
        let machines: [JSONValue] = (0..<8).map { index in
            let group = index == 7 ? "rg1a" : index.isMultiple(of: 2) ? "rg1" : "rg2"
            return [
                "id": .string(
                    "\(scope)/resourceGroups/\(group)/providers/Microsoft.Compute/virtualMachines/vm\(index)"
                ),
                "location": index < 5 ? "westus" : "East US",
            ]
        }
        var file: [String: JSONValue] = ["format": "idsync.emulator/1", "virtualMachines": .array(machines)]
        for (name, value) in members { file[name] = value }
        return .object(file)
    }

    /// Follows `nextLink` to the end: the names of each page.
    private func pages(_ rig: Rig, _ path: String, version: String = Rig.compute) throws -> [[String]] {
        var pages: [[String]] = []
        var next: String? = path
        while let url = next, pages.count < 50 {
            let page = try rig.send(.get, url, version: version)
            #expect(page.status == 200)
            pages.append(try #require(page.json()["value"]?.array).map { $0["name"]?.string ?? "" })
            next = try page.json()["nextLink"]?.string
        }
        return pages
    }

    private let all = "\(Self.scope)/providers/Microsoft.Compute/virtualMachines"

    @Test(arguments: [1, 3, 8, 100])
    func `every entry comes once, whatever the page size`(_ size: Int) throws {
        let rig = try Rig(file: Self.file(["pageSize": .integer(size)]))
        let found = try pages(rig, all)
        #expect(found.allSatisfy { $0.count <= size })
        #expect(found.count == (8 + size - 1) / size)
        #expect(found.flatMap { $0 }.sorted() == (0..<8).map { "vm\($0)" })
    }

    @Test func `a group lists its own, a location likewise`() throws {
        let rig = try Rig(file: Self.file(["pageSize": 2]))
        let group = "\(Self.scope)/resourceGroups/RG1/providers/Microsoft.Compute/virtualMachines"
        #expect(try pages(rig, group) == [["vm0", "vm2"], ["vm4", "vm6"]])
        let east = "\(Self.scope)/providers/Microsoft.Compute/locations/eastus/virtualMachines"
        #expect(try pages(rig, east) == [["vm6", "vm7"], ["vm5"]])
    }

    @Test func `pages may be empty and go on`() throws {
        let rig = try Rig(file: Self.file(["pageSize": 4, "behaviour": ["emptyPages": true]]))
        #expect(try pages(rig, all).map(\.count) == [4, 0, 4])
    }

    @Test func `the next link is on the caller's host and keeps the caller's path`() throws {
        let rig = try Rig(file: Self.file(["pageSize": 4]))
        let first = try rig.send(.get, "http://localhost:7777\(all)?api-version=2024-07-01&$filter=x")
        let next = try #require(try first.json()["nextLink"]?.string)
        #expect(next.hasPrefix("http://localhost:7777\(all)?api-version=2024-07-01&$filter=x&$skiptoken="))
        #expect(try rig.send(.get, next + "broken!").status == 400)
    }

    @Test func `a page boundary survives changes between the pages`() throws {
        let rig = try Rig(file: Self.file(["pageSize": 4]))
        let first = try rig.send(.get, all).json()
        let seen = try #require(first["value"]?.array?.last?["id"]?.string)
        rig.state.apply(OtherWriter(machine: try Rig.parsed(seen), deleteMachine: true))
        let second = try rig.send(.get, try #require(first["nextLink"]?.string)).json()
        #expect(second["value"]?.array?.count == 4)
    }

    @Test func `identities and scale sets are lists of their own`() throws {
        let set = "\(Rig.group)/providers/Microsoft.Compute/virtualMachineScaleSets/set1"
        let rig = try Rig(adding: [
            "pageSize": 2, "virtualMachineScaleSets": [["id": .string(set), "location": "westus"]],
        ])
        let identities = "\(Self.scope)/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        #expect(try pages(rig, identities, version: "2018-11-30") == [["ID1", "ID2"], ["ID3"]])
        #expect(try pages(rig, Rig.identities, version: "2018-11-30") == [["ID1", "ID2"], ["ID3"]])
        let sets = "\(Self.scope)/providers/Microsoft.Compute/virtualMachineScaleSets"
        #expect(try pages(rig, sets) == [["set1"]])
    }
}
