import Foundation
import IdSyncAzure
import IdSyncCore
import Testing

struct ARMErrorTests {
    private func error(
        _ status: Int,
        _ body: String,
        headers: [(name: String, value: String)] = [],
        scrubber: Scrubber = Scrubber()
    ) -> ARMError {
        ARMError(
            response: HTTPResponse(status: status, headers: headers, body: Data(body.utf8)),
            method: .patch,
            path: "/subscriptions/s/vm1",
            attempts: 3,
            now: Date(timeIntervalSince1970: 0),
            scrubber: scrubber
        )
    }

    @Test(arguments: Published.all)
    func classifiesPublishedBodies(published: Published) throws {
        let error = try Published.error(published.name)
        #expect(error.errorClass == published.errorClass)
        #expect(error.retryAfter == published.retryAfter)
        #expect(!error.message.isEmpty)
    }

    @Test func theFixtureIsThere() {
        #expect(Published.all.count >= 40)
        let missing = Set(ErrorClass.allCases).subtracting(Published.all.map(\.errorClass))
        #expect(missing.isEmpty, "every class has a published body")
    }

    @Test(arguments: [
        (403, "{}", ErrorClass.permission), (401, "", .authentication), (404, "", .gone), (409, "", .race),
        (412, "", .race), (429, "<html>", .throttled), (500, "", .transient),
        (502, "Bad Gateway", .transient),
        (400, "{}", .other), (405, "{}", .other),
        (200, #"{"error":{"code":"ResourceNotFound"}}"#, .gone),
        (403, #"{"error":{"code":"DenyAssignmentAuthorizationFailed","message":"m"}}"#, .blocked),
        (400, #"{"error":{"code":"operationpreempted","message":"m"}}"#, .race),
    ])
    func classifiesByStatusAlone(status: Int, body: String, expected: ErrorClass) {
        #expect(error(status, body).errorClass == expected)
    }

    @Test func namesTheIdentitiesOfA403() throws {
        let error = try Published.error("linked authorization")
        #expect(
            error.identities.map(\.description) == [
                "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/rg.(x)"
                    + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1",
                "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/Größe_2"
                    + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID2",
            ]
        )
    }

    @Test func namesTheIdentityThatIsGone() throws {
        let error = try Published.error("identity not found")
        #expect(error.identities.map(\.name) == ["dead"])
        #expect(error.identities.map(\.resourceGroup) == ["rg.(x)"])
        #expect(
            error.remedy
                == "an identity in the request does not exist; create it, or correct its name in the manifest"
        )
    }

    private static let id =
        "/subscriptions/1/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"

    @Test(arguments: [
        "'\(id)'", "\"\(id)\"", "\\\"\(id)\\\"", "[\(id)]", "<\(id)>", "see \(id).", "(see '\(id)')",
        "‘\(id)’",
        "a,\(id),\(id.uppercased())", "{\"id\":\"\(id)\"}", "`\(id)`",
    ])
    func findsAnIdInAnyQuotes(text: String) {
        #expect(IdentityMentions.identities(in: text).map(\.description) == [Self.id])
    }

    @Test(arguments: [
        "", "no id here", "/subscriptions/1/resourceGroups/g",
        "'/subscriptions/1/resourceGroups/g/providers/x/y/z'",
        "'/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v'",
    ])
    func findsNothingElse(text: String) {
        #expect(IdentityMentions.identities(in: text).isEmpty)
    }

    @Test func tellsTheRoleAndTheCommand() throws {
        let error = try Published.error("linked authorization")
        #expect(
            error.remedy == """
                if the identity exists, the caller needs the role Managed Identity Operator on each identity that it attaches:
                az role assignment create --role 'Managed Identity Operator' --assignee 9d1b8b1f-0000-4000-8000-000000000002 \
                --scope '/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/rg.(x)\
                /providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1'
                az role assignment create --role 'Managed Identity Operator' --assignee 9d1b8b1f-0000-4000-8000-000000000002 \
                --scope '/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/Größe_2\
                /providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID2'
                """
        )
    }

    @Test(arguments: [
        (
            HTTPMethod.get, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v",
            "Reader"
        ),
        (
            .patch, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v",
            "Virtual Machine Contributor"
        ),
        (
            .put,
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i",
            "Managed Identity Contributor"
        ),
        (
            .put, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments/r",
            "User Access Administrator"
        ),
    ])
    func tellsTheRoleForAMissingPermission(method: HTTPMethod, path: String, role: String) throws {
        let error = try Published.error("no permission", method: method, path: path)
        #expect(
            error.remedy == "the caller needs the role \(role): az role assignment create --role '\(role)' "
                + "--assignee 5ab5c000-2976-47b0-a681-066ce9b4d4ee --scope '/subscriptions/s/resourceGroups/g'"
        )
    }

    @Test func everyClassThatStopsAChangeHasARemedy() throws {
        for published in Published.all where ![.gone, .other].contains(published.errorClass) {
            #expect(try Published.error(published.name).remedy?.isEmpty == false, "\(published.name)")
        }
        let unregistered = try Published.error("provider not registered")
        #expect(
            unregistered.remedy == "register the provider: az provider register --namespace Microsoft.Compute"
        )
    }

    @Test func namesThePolicies() throws {
        let error = try Published.error("policy")
        #expect(error.policies == ["Only approved images", "/providers/x/policyAssignments/b2"])
        #expect(error.target == "vm1")
        #expect(error.summary.hasSuffix("(policy: Only approved images, /providers/x/policyAssignments/b2)"))
    }

    @Test func carriesTheIdsOfTheRequest() {
        let error = error(
            409,
            #"{"error":{"code":"Conflict","message":"busy"}}"#,
            headers: [
                ("x-ms-request-id", "r-1"), ("X-MS-Correlation-Request-Id", "c-1"), ("Retry-After", "5"),
            ]
        )
        #expect(
            error.summary
                == "PATCH /subscriptions/s/vm1: 409 Conflict: busy (request id r-1, correlation id c-1)"
        )
        #expect(error.retryAfter == .seconds(5))
        #expect(error.attempts == 3)
    }

    @Test(arguments: [
        ("", "the body is empty"), ("<!DOCTYPE html><p>", "the body is an HTML page"),
        ("{\"error\":{\"code\":\"Con", "the JSON is cut off at byte 21"),
        ("Bad Gateway", "the body is not JSON (byte 0)"),
        ("{}", "no error message in the body"), ("[]", "no error message in the body"),
        ("null", "no error message in the body"), (#"{"error":"text"}"#, "no error message in the body"),
        (#"{"error":{"code":5,"message":null,"details":"x"}}"#, "no error message in the body"),
        (#"{"Message":"old style"}"#, "old style"),
        (#"{"error":{"details":[{"code":"A","message":"from the details"}]}}"#, "A"),
    ])
    func readsBodiesOfAnyKind(body: String, message: String) {
        #expect(error(503, body).message == message)
    }

    @Test func flattensDetailsAndInnerErrors() {
        let body = #"""
            {"error":{"code":"A","message":"a","details":[{"code":"B","message":"b","target":"t",
            "details":[{"code":"C"}]}],"innererror":{"internalErrorCode":"TooManyRequestsReceived"}}}
            """#
        #expect(
            error(400, body).details == [
                ARMErrorDetail(code: "B", message: "b", target: "t"),
                ARMErrorDetail(code: "C", message: nil, target: nil),
                ARMErrorDetail(code: "TooManyRequestsReceived", message: nil, target: nil),
            ]
        )
    }

    @Test func showsNoSecretThatTheServerEchoes() {
        let body =
            #"{"error":{"code":"Bad","message":"token canary-1 at https://h/x?sig=canary-2","details":[{"message":"eyJjYW5hcnkzIjoi.x.y"}]}}"#
        let error = error(400, body, scrubber: Scrubber(secrets: [Secret("canary-1")]))
        let shown = "\(error)" + error.summary
        #expect(!shown.contains("canary-1") && !shown.contains("canary-2") && !shown.contains("eyJ"))
    }

    @Test func survivesDeepNesting() {
        let body = String(repeating: #"{"error":{"details":["#, count: 5_000)
        #expect(error(400, body).errorClass == .other)
    }
}
