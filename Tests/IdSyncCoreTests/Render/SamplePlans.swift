import YAMLDocument

@testable import IdSyncCore

extension Sample {
    /// Every operation, every reason to be kept, warnings and blocks, on VMs and a scale set.
    static var everything: Plan {
        plan(
            identityChanges + machineChanges + [
                change(
                    7,
                    identity("OLD"),
                    .deleteIdentity(DoomedIdentity(location: "westus", tags: ["env": "prod"])),
                    line: 26,
                    dependsOn: ["c4"]
                )
            ],
            blocked: [
                BlockedItem(
                    address: "identity/mi-batch-old",
                    gate: .inUse,
                    message:
                        "it is still attached to 1 machine that the manifest does not manage; unassign it there, or "
                        + "declare that machine",
                    evidence: [id(.virtualMachine, "vm-etl-01", group: "rg-etl").description],
                    origin: place(28),
                    resourceID: identity("mi-batch-old")
                ),
                BlockedItem(
                    address: "vm/vm-2",
                    gate: .missingIdentity,
                    message:
                        "identity ID8 does not exist in resource group TestRG; declare it under identities",
                    evidence: [identity("ID8").description],
                    origin: place(37),
                    resourceID: id(.virtualMachine, "vm-2")
                ),
            ],
            warnings: [warning(PlanCode.dangling, "carries ID5 (TestRG), which no longer exists", "vm/vm-9")]
        )
    }

    private static var identityChanges: [Change] {
        [
            change(
                1,
                identity("ID1"),
                .createIdentity(location: "westeurope", tags: ["owner": "team-ledger", "env": "prod"]),
                line: 14
            ),
            change(
                2,
                identity("mi-api"),
                .updateIdentity(
                    location: "westus",
                    from: ["cost-center": "1042", "created-on": "monday", "createdBy": "x"],
                    to: ["cost-center": "2077", "created-on": "monday", "createdBy": "x", "tier": "gold"]
                ),
                line: 21
            ),
        ]
    }

    private static var machineChanges: [Change] {
        let policy = identity("Built-In-Identity-westus", group: "rg-policy")
        let (agent, ours) = (identity("id-ama", group: "rg-monitor"), identity("ID2"))
        let old = identity("OLD")
        return [
            patch(
                3,
                id(.virtualMachine, "vm-1"),
                .empty,
                MachineDelta(add: [identity("ID1")]),
                etag: nil,
                origin: place(33),
                dependsOn: ["c1"]
            ),
            patch(
                4,
                id(.virtualMachine, "vm-2"),
                block(system: true, [policy, agent, ours, old]),
                MachineDelta(
                    add: [identity("ID1")],
                    remove: [AttachedIdentity(spelling: old.description)]
                ),
                kept: [
                    KeptIdentity(kind: .system, id: nil, why: "system"),
                    KeptIdentity(kind: .user, id: policy.description, why: "azure-policy"),
                    KeptIdentity(kind: .user, id: agent.description, why: "unmanaged"),
                    KeptIdentity(kind: .user, id: ours.description, why: "declared"),
                ],
                removed: [RemovedIdentity(kind: .user, id: old.description, why: .doomed)],
                warnings: [
                    warning(PlanCode.provisioningState, "provisioning state is Updating", "vm/vm-2")
                ],
                etag: "W/\"datetime'2026-11-21'\"",
                origin: place(37),
                dependsOn: ["c1"]
            ),
            patch(
                5,
                id(.virtualMachine, "vm-3", group: "OtherRG"),
                block(system: true, [identity("ID6")]),
                MachineDelta(system: false),
                kept: [KeptIdentity(kind: .user, id: identity("ID6").description, why: "protected")],
                removed: [RemovedIdentity(kind: .system, id: nil, why: .system)],
                warnings: [
                    warning(
                        PlanCode.defaultIdentity,
                        "apps that name no client id get tokens of ID6 instead of the system-assigned identity",
                        "vm/vm-3"
                    )
                ],
                origin: place(45)
            ),
            patch(
                6,
                id(.virtualMachineScaleSet, "web"),
                block([identity("ID6")]),
                MachineDelta(system: true),
                kept: [KeptIdentity(kind: .user, id: identity("ID6").description, why: "ignored")],
                origin: place(52)
            ),
        ]
    }

    /// A VM that gains 130 identities and loses its system-assigned one: two requests.
    static var chunked: Plan {
        let ids = (1...130).map { identity("ID\($0 + 1000)") }
        return plan([
            patch(
                1,
                id(.virtualMachine, "big"),
                block(system: true),
                MachineDelta(system: false, add: ids),
                removed: [RemovedIdentity(kind: .system, id: nil, why: .system)]
            )
        ])
    }

    /// Names that try to rewrite the terminal.
    static var hostile: Plan {
        let evil = "/subscriptions/x/\u{1B}[2Jgone\u{202E}\u{9B}31m"
        return plan(
            [
                patch(
                    1,
                    id(.virtualMachine, "vm\u{1B}]0;owned\u{07}"),
                    IdentityBlock(
                        type: .known(system: false, user: true),
                        attached: [AttachedIdentity(spelling: evil)]
                    ),
                    MachineDelta(system: true),
                    kept: [KeptIdentity(kind: .user, id: evil, why: "unmanaged")],
                    etag: "\"\u{1B}[1A\"",
                    origin: SourceLocation(file: "a\u{1B}[31m.yaml", line: 3, column: 1)
                ),
                change(
                    2,
                    identity("mi"),
                    .updateIdentity(location: "westus", from: ["a\r": "\u{2028}"], to: ["a\r": "\n\u{E0001}"])
                ),
            ],
            blocked: [
                BlockedItem(
                    address: "vm/x\u{08}",
                    gate: .unreadable,
                    message: "a\u{1B}[0m; b",
                    evidence: ["\t"],
                    resourceID: id(.virtualMachine, "x\u{08}")
                )
            ],
            warnings: [warning(PlanCode.managedBy, "managed by \u{7F}", nil)]
        )
    }

    /// One block per gate and nothing else.
    static var everyGate: Plan {
        plan(
            [],
            blocked: Gate.allCases.map { gate in
                BlockedItem(
                    address: gate == .limits ? "limits" : "vm/at-\(gate.rawValue)",
                    gate: gate,
                    message: "what the gate \(gate.rawValue) found; what follows",
                    evidence: gate == .limits ? ["deletes: 11", "limit: 10"] : [],
                    origin: place(12),
                    resourceID: gate == .limits ? nil : id(.virtualMachine, "at-\(gate.rawValue)")
                )
            }
        )
    }

    /// A report with every status, on the plan of everything.
    static var report: Report {
        let changes = everything.changes
        return Report(
            outcomes: [
                ChangeOutcome(
                    change: changes[0],
                    status: .applied,
                    attempts: 1,
                    writes: 1,
                    duration: .milliseconds(1400),
                    httpStatus: 201
                ),
                ChangeOutcome(change: changes[1], status: .alreadyDone),
                ChangeOutcome(
                    change: changes[2],
                    status: .applied,
                    attempts: 2,
                    writes: 1,
                    duration: .seconds(125),
                    httpStatus: 200,
                    notes: ["a policy added Built-In-Identity-westus meanwhile; it stays"]
                ),
                ChangeOutcome(
                    change: changes[3],
                    status: .failed,
                    attempts: 3,
                    writes: 1,
                    duration: .milliseconds(61_040),
                    httpStatus: 409,
                    error: ReportError(
                        code: "OperationNotAllowed",
                        message: "VM is deallocating\u{1B}[31m",
                        requestID: "req-1",
                        correlationID: "corr-1",
                        remedy: "start the VM, then apply again"
                    )
                ),
                ChangeOutcome(
                    change: changes[4],
                    status: .stale,
                    error: ReportError(
                        code: "stale",
                        message: "live state changed since the plan: + TestRG/F attached"
                    )
                ),
                ChangeOutcome(
                    change: changes[5],
                    status: .blocked,
                    error: ReportError(code: "IDS2005", message: "the role Reader is missing")
                ),
                ChangeOutcome(
                    change: changes[6],
                    status: .notStarted,
                    error: ReportError(code: "dependency", message: "c4 failed")
                ),
            ],
            identities: [
                LiveIdentity(
                    id: identity("mi-api"),
                    location: "westus",
                    clientID: "client-2",
                    principalID: "principal-2",
                    tenantID: "tenant"
                ),
                LiveIdentity(
                    id: identity("ID1"),
                    location: "westeurope",
                    clientID: "client-1",
                    principalID: "principal-1",
                    tenantID: "tenant"
                ),
            ]
        )
    }

    static func reportDocument(_ report: Report, exitCode: Int) -> ReportDocument {
        ReportDocument(
            report: report,
            planDigest: document(everything).digest,
            toolVersion: "1.0.0",
            blocked: [everything.blocked[0]],
            diagnostics: [Diagnostic(.warning, code: "IDS9001", "the clock is off")],
            exitCode: exitCode
        )
    }
}
