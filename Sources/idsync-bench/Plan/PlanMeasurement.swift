import Foundation
import IdSyncAzure
import IdSyncCore

/// One plan in this process, from the fleet's manifest against the page server.
struct PlanMeasurement {
    private let fleet: Fleet
    private let port: Int
    private let parallelism: Int

    init(_ options: Options) {
        fleet = Fleet(
            vms: options.number(.vms, default: 10_000),
            perGroup: options.number(.perGroup, default: 250)
        )
        port = options.number(.port, default: 0)
        parallelism = options.number(.parallelism, default: 8)
    }

    /// Reads and plans.
    func plan() async throws(BenchError) -> JSONValue {
        let desired = fleet.desired
        var laps = Laps()
        // Takes no time; its peak is what the desired state alone needs.
        laps.lap("start")
        let plan = try await plan(desired, &laps).plan
        return document(laps, plan)
    }

    /// Loads the manifest, reads, plans, and makes the JSON document and the text.
    func command() async throws(BenchError) -> JSONValue {
        let documents = fleet.manifest.map { (name: $0.name, bytes: Data($0.text.utf8)) }
        var laps = Laps()
        let loaded = ManifestLoader.load(documents: documents)
        guard let desired = loaded.desired else {
            throw BenchError("the manifest is refused: \(loaded.diagnosticText.prefix(400))")
        }
        laps.lap("manifest")
        let (plan, live) = try await plan(desired, &laps)
        let document = PlanDocument(
            plan: plan,
            createdAt: Date(),
            toolVersion: "bench",
            manifest: ManifestDigest(
                files: documents.map { ManifestDigest.File(path: $0.name, contents: $0.bytes) }
            ),
            target: PlanTarget(cloud: "AzureCloud", resourceManager: Cloud.azureCloud.resourceManager)
        )
        let saved = Data(document.json.prettyText().utf8)
        laps.lap("json")
        let text = PlanText(document, counts: PlanCounts(desired: desired, live: live)).render()
        laps.lap("text")
        guard !saved.isEmpty, !text.isEmpty else { throw BenchError("the plan came out empty") }
        return self.document(laps, plan)
    }

    private func plan(_ desired: DesiredState, _ laps: inout Laps) async throws(BenchError) -> (
        plan: Plan, live: LiveState
    ) {
        let wire = URLSessionTransport(parallelism: parallelism)
        let client = try Stack.client(port: port, wire: wire, parallelism: parallelism)
        let reader = LiveStateReader(
            client: client,
            apiVersions: desired.apiVersions,
            parallelism: parallelism
        )
        let live = await reader.read(for: desired)
        laps.lap("read")
        let plan = Planner(desired: desired, live: live, policy: PlanPolicy()).plan()
        laps.lap("plan")
        try check(plan)
        return (plan, live)
    }

    /// A fast wrong plan would prove nothing.
    private func check(_ plan: Plan) throws(BenchError) {
        let wanted = (0..<fleet.vms).count { fleet.needsChange($0) }
        guard plan.changes.count == wanted, plan.blocked.isEmpty, plan.summary.assign == wanted else {
            throw BenchError(
                "the plan has \(plan.changes.count) changes and \(plan.blocked.count) blocks, expected "
                    + "\(wanted) and none; first: \(plan.blocked.first?.message ?? "")"
            )
        }
    }

    private func document(_ laps: Laps, _ plan: Plan) -> JSONValue {
        [
            "laps": laps.json, "requests": .integer(plan.reads), "changes": .integer(plan.changes.count),
            "warnings": .integer(plan.warnings.count),
        ]
    }
}
