@testable import IdSyncCore

extension Sample {
    /// A report with every kind of failure, in the executor's words.
    static var failures: ReportDocument {
        let reader = "4f6e79c4-0000-4000-8000-000000000001"
        let scope = identity("app-reader").description
        let arm =
            "The client '\(reader)' with object id '\(reader)' has permission to perform action "
            + "'Microsoft.Compute/virtualMachines/write' on scope '\(id(.virtualMachine, "web-02"))'; however, it does not have permission to "
            + "perform action(s) 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '\(scope)'."
        let refused = "identity app-reader (manifest.yaml:19:9) was refused: \(arm)"
        let path = id(.virtualMachine, "web-03").description
        let rest =
            "everything else that was asked for on this machine is in place; only the named ones are not"
        return ReportDocument(
            report: Report(outcomes: [
                failure(
                    "web-02",
                    [identity("app-reader"), identity("app-writer")],
                    error: ReportError(
                        code: "LinkedAuthorizationFailed",
                        message: refused,
                        requestID: "6b0e0f36-0f3a-4d7e-8a3b-2d8f0c1e4a5b",
                        correlationID: "b2a3c4d5-1111-4222-8333-444455556666",
                        remedy: """
                            the caller needs the role Managed Identity Operator on each identity that it attaches:
                            az role assignment create --role 'Managed Identity Operator' --assignee \(reader) --scope '\(scope)'
                            """
                    ),
                    status: 403,
                    notes: [rest]
                ),
                failure(
                    "web-03",
                    [identity("app-writer")],
                    error: ReportError(
                        code: "connectionLost",
                        message: "PATCH \(path): connection lost: the server went away (after 3 attempts)"
                    ),
                    isUncertain: true
                ),
                failure(
                    "web-04",
                    [identity("app-writer")],
                    error: ReportError(
                        code: "OperationFailed",
                        message: "the operation ended with status Failed",
                        requestID: "req-3"
                    ),
                    status: 200
                ),
                failure(
                    "web-05",
                    [identity("ghost"), identity("app-writer")],
                    error: ReportError(
                        code: "missing-identity",
                        message: "identity ghost (manifest.yaml:31:9) does not exist",
                        remedy: "create it, or correct the reference in the manifest"
                    ),
                    status: 400,
                    notes: [
                        "app-writer: identity app-writer (manifest.yaml:32:9) was refused: No.", rest,
                        "written without an ETag, because ARM sent none; verified afterwards",
                    ]
                ),
                failure(
                    "web-06",
                    [identity("app-writer")],
                    error: ReportError(
                        code: "ScopeLocked",
                        message: "The scope is locked.",
                        remedy: "a lock forbids it; idsync never removes locks: ask its owner"
                    ),
                    status: 409
                ),
                failure(
                    "web-07",
                    [identity("app-writer")],
                    error: ReportError(
                        code: "AuthorizationFailed",
                        message: "No.",
                        remedy:
                            "the caller needs the role Virtual Machine Contributor: az role assignment create "
                            + "--role 'Virtual Machine Contributor' --assignee \(reader) --scope '/subscriptions/s'"
                    ),
                    status: 403
                ),
                failure(
                    "web-08",
                    [identity("app-writer")],
                    error: ReportError(
                        code: "interrupted",
                        message: "the run was stopped before ARM said how this ended; run the plan again"
                    ),
                    status: 202
                ),
            ]),
            planDigest: "sha256:8ae5fef9",
            toolVersion: "1.0.0",
            exitCode: 7
        )
    }

    private static func failure(
        _ name: String,
        _ add: [ResourceID],
        error: ReportError,
        isUncertain: Bool = false,
        status: Int? = nil,
        notes: [String] = []
    ) -> ChangeOutcome {
        ChangeOutcome(
            change: patch(1, id(.virtualMachine, name), .empty, MachineDelta(system: true, add: add)),
            status: .failed,
            attempts: 2,
            writes: isUncertain ? 0 : 1,
            isUncertain: isUncertain,
            duration: .seconds(9),
            httpStatus: status,
            error: error,
            notes: notes
        )
    }
}
