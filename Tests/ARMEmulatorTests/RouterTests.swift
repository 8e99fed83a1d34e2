import ARMEmulator
import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

/// One row: a request that never reaches a resource.
struct GateCase: Sendable, CustomTestStringConvertible {
    let name: String
    var method = HTTPMethod.get
    var path = Rig.vm
    var version: String? = Rig.compute
    var headers: [String: String] = ["Authorization": "Bearer t"]
    var body: String?
    let status: Int
    let code: String
    var testDescription: String { name }
}

private let other = "/subscriptions/00000000-0000-0000-0000-00000000ffff"
private let json = ["Authorization": "Bearer t", "Content-Type": "application/json"]

@Suite struct RouterTests {
    static let gates: [GateCase] = [
        GateCase(name: "no token", headers: [:], status: 401, code: "AuthenticationFailed"),
        GateCase(
            name: "not a bearer token",
            headers: ["Authorization": "Basic dDp0"],
            status: 401,
            code: "AuthenticationFailed"
        ),
        GateCase(name: "no version", version: nil, status: 400, code: "MissingApiVersionParameter"),
        GateCase(name: "no such form", version: "latest", status: 400, code: "InvalidApiVersionParameter"),
        GateCase(
            name: "no such version",
            version: "2018-06-02",
            status: 400,
            code: "NoRegisteredProviderFound"
        ),
        GateCase(
            name: "a version of the other provider",
            path: Rig.id("ID1"),
            status: 400,
            code: "NoRegisteredProviderFound"
        ),
        GateCase(name: "no such VM", path: Rig.vm + "x", status: 404, code: "ResourceNotFound"),
        GateCase(
            name: "no such identity",
            path: Rig.id("IDx"),
            version: "2023-01-31",
            status: 404,
            code: "ResourceNotFound"
        ),
        GateCase(
            name: "no such group",
            path: Rig.vm.replacing("rg1", with: "rg9"),
            status: 404,
            code: "ResourceGroupNotFound"
        ),
        GateCase(
            name: "no such group in a list",
            path: Rig.identities.replacing("rg1", with: "rg9"),
            version: "2018-11-30",
            status: 404,
            code: "ResourceGroupNotFound"
        ),
        GateCase(name: "no such subscription", path: other, status: 404, code: "SubscriptionNotFound"),
        GateCase(name: "no GUID", path: "/subscriptions/none", status: 400, code: "InvalidSubscriptionId"),
        GateCase(
            name: "no such type",
            path: Rig.vm.replacing("Machines", with: "Toasters"),
            status: 404,
            code: "InvalidResourceType"
        ),
        GateCase(name: "the root", path: "/", status: 404, code: "InvalidResourceType"),
        GateCase(name: "POST to a VM", method: .post, status: 405, code: "HttpMethodNotSupported"),
        GateCase(
            name: "DELETE of a list",
            method: .delete,
            path: Rig.identities,
            version: "2018-11-30",
            status: 405,
            code: "HttpMethodNotSupported"
        ),
        GateCase(
            name: "a body of no type",
            method: .patch,
            body: "{}",
            status: 415,
            code: "UnsupportedMediaType"
        ),
        GateCase(
            name: "a form",
            method: .patch,
            headers: ["Authorization": "Bearer t", "Content-Type": "application/x-www-form-urlencoded"],
            body: "a=b",
            status: 415,
            code: "UnsupportedMediaType"
        ),
        GateCase(name: "no body", method: .patch, headers: json, status: 400, code: "InvalidRequestContent"),
        GateCase(
            name: "half a body",
            method: .patch,
            headers: json,
            body: "{\"identity\": {",
            status: 400,
            code: "InvalidRequestContent"
        ),
        GateCase(
            name: "a list as body",
            method: .patch,
            headers: json,
            body: "[]",
            status: 400,
            code: "InvalidRequestContent"
        ),
        GateCase(
            name: "a foreign member, as a GET echoed into a PUT has it (F45)",
            method: .put,
            headers: json,
            body: "{\"location\":\"westus\",\"resources\":[]}",
            status: 400,
            code: "InvalidRequestContent"
        ),
        GateCase(
            name: "a tag that is no text",
            method: .patch,
            headers: json,
            body: "{\"tags\":{\"a\":1}}",
            status: 400,
            code: "InvalidRequestContent"
        ),
        GateCase(
            name: "a PUT without a location",
            method: .put,
            headers: json,
            body: "{}",
            status: 400,
            code: "LocationRequired"
        ),
        GateCase(
            name: "a PUT to another location (F28)",
            method: .put,
            headers: json,
            body: "{\"location\":\"eastus\"}",
            status: 409,
            code: "InvalidResourceLocation"
        ),
    ]

    @Test(arguments: gates)
    func gate(_ row: GateCase) throws {
        let rig = try Rig()
        let query = row.version.map { "?api-version=\($0)" } ?? ""
        let url = try #require(URL(string: "https://management.azure.com\(row.path)\(query)"))
        let request = HTTPRequest(
            row.method,
            url,
            headers: row.headers.map { ($0.key, $0.value) },
            body: row.body.map { Data($0.utf8) }
        )
        let answer = rig.router.reply(to: request, at: .zero).response
        #expect(answer.status == row.status)
        #expect(try answer.errorCode() == row.code)
        #expect(try answer.errorMessage() != nil)
        #expect(answer.header("content-type") == "application/json; charset=utf-8")
        #expect(answer.header("x-ms-request-id")?.count == 36)
        #expect(answer.header("x-ms-correlation-request-id") != nil)
    }

    @Test func `a wrong token is refused when tokens are named`() throws {
        let rig = try Rig(adding: ["tokens": ["good"]])
        let refused = try rig.send(.get, Rig.vm)
        #expect(refused.status == 401)
        #expect(try refused.errorCode() == "InvalidAuthenticationToken")
        #expect(try #require(refused.header("WWW-Authenticate")).hasPrefix("Bearer "))
        #expect(try rig.send(.get, Rig.vm, headers: [("authorization", "bearer good")]).status == 200)
    }

    @Test func `fixed segments match without case, double slashes are skipped`() throws {
        let rig = try Rig()
        let shouted = "/" + Rig.vm.uppercased()
        #expect(try rig.send(.get, shouted).json()["name"] == "vm1")
    }

    @Test func `subscriptions and groups exist when only a resource names them`() throws {
        let rig = try Rig()
        let scope = "/subscriptions/\(Rig.subscription)"
        #expect(
            try rig.send(.get, scope, version: "2022-12-01").json()["subscriptionId"]
                == .string(Rig.subscription)
        )
        #expect(
            try rig.send(.get, "/subscriptions", version: "2022-12-01").json()["value"]?.array?.count == 1
        )
        let group = try rig.send(.get, Rig.group, version: "2022-09-01").json()
        #expect(group["type"] == "Microsoft.Resources/resourceGroups")
        #expect(group["location"] == "westus")
    }

    @Test func `rate limit headers are there, and name the bucket of the request`() throws {
        let rig = try Rig()
        let read = try rig.send(.get, Rig.vm)
        #expect(read.header("x-ms-ratelimit-remaining-subscription-global-reads") == "3749")
        #expect(
            read.header("x-ms-ratelimit-remaining-resource")
                == "Microsoft.Compute/LowCostGetSubscriptionMaximum;23999,Microsoft.Compute/LowCostGetResource;35"
        )
        let write = try rig.send(.patch, Rig.vm, body: ["tags": [:]])
        #expect(write.header("x-ms-ratelimit-remaining-subscription-writes") == "199")
        #expect(write.header("x-ms-ratelimit-remaining-subscription-global-writes") == "2999")
        #expect(
            write.header("x-ms-ratelimit-remaining-resource")
                == "Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11"
        )
    }

    @Test func `equal states and requests give equal bytes`() throws {
        func run() throws -> [[String]] {
            let rig = try Rig()
            let identity: JSONValue = [
                "type": "UserAssigned", "userAssignedIdentities": .object([Rig.id("ID1"): [:]]),
            ]
            let answers = [
                try rig.send(.put, Rig.id("NEW"), version: "2023-01-31", body: ["location": "westus"]),
                try rig.patch(identity),
                try rig.send(.get, Rig.vm, at: .seconds(3)),
                try rig.send(.get, Rig.vm + "x"),
                try rig.send(.delete, Rig.vm),
            ]
            return answers.map { answer in
                answer.headers.map { "\($0.name): \($0.value)" } + [
                    String(decoding: answer.body, as: UTF8.self)
                ]
            }
        }
        #expect(try run() == run())
    }

    @Test func `the log has method, path, query, body and status`() throws {
        let rig = try Rig()
        _ = try rig.send(.get, Rig.vm)
        _ = try rig.send(.patch, Rig.vm, body: ["identity": [:]])
        #expect(rig.log.entries.map(\.status) == [200, 400])
        let write = try #require(rig.log.writes.first)
        #expect(write.path == Rig.vm)
        #expect(write.query == "api-version=2024-07-01")
        #expect(write.header("content-type") == "application/json")
        #expect(write.body == Data("{\"identity\":{}}".utf8))
    }
}
