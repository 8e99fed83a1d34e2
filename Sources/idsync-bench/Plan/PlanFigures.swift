import IdSyncCore

/// The measurements of one fleet and how they are shown.
struct PlanFigures {
    static let subjects: [Measurement.Subject] = [.fetch, .follow, .plan, .command]
    private static let laps = ["manifest", "read", "plan", "json", "text"]

    let fleet: Fleet
    let runs: Int
    let requests: [String]
    private var documents: [Measurement.Subject: [JSONValue]] = [:]

    init(fleet: Fleet, runs: Int, requests: [String]) {
        self.fleet = fleet
        self.runs = runs
        self.requests = requests
    }

    mutating func add(_ subject: Measurement.Subject, _ document: JSONValue) {
        documents[subject, default: []].append(document)
    }

    /// Seconds from the first to the last lap.
    func total(_ subject: Measurement.Subject) -> Samples {
        samples(subject) { laps in laps.values.reduce(0) { $0 + ($1["seconds"]?.double ?? 0) } }
    }

    /// The peak of memory in bytes.
    func peak(_ subject: Measurement.Subject) -> Samples {
        samples(subject) { laps in laps.values.compactMap { $0["peak"]?.double }.max() ?? 0 }
    }

    private func seconds(_ subject: Measurement.Subject, _ lap: String) -> Samples {
        samples(subject) { $0[lap]?["seconds"]?.double ?? 0 }
    }

    private func samples(_ subject: Measurement.Subject, _ value: ([String: JSONValue]) -> Double) -> Samples
    {
        Samples(documents[subject, default: []].compactMap { $0["laps"]?.object }.map(value))
    }

    func report(to findings: inout Findings) {
        let bytes = documents[.fetch]?.first?["bytes"]?.double ?? 0
        findings.line(
            "plan of \(fleet.vms) VMs and \(fleet.identities) identities in \(fleet.groups) groups: "
                + "\(requests.count) requests (\(shape)), \(Digits.text(bytes / 1e6, 1)) MB of pages, "
                + "half of the VMs change; \(runs) runs, median (range)"
        )
        findings.table([["", "time", "to fetch", "to follow", "peak memory", "to fetch"]] + rows)
        let laps = Self.laps.map { "\($0) \(Digits.text(seconds(.command, $0).median, 3)) s" }
        findings.line("  of the whole command: " + laps.joined(separator: ", "))
        let peaks = ["start", "read", "plan"].map { lap in
            let peak = samples(.plan) { $0[lap]?["peak"]?.double ?? 0 }
            return "\(Digits.text(peak.median / 1_048_576, 1)) MiB"
        }
        findings.line(
            "  peak memory of reading and deciding: \(peaks[0]) with the desired state alone, \(peaks[1]) after reading, "
                + "\(peaks[2]) after deciding"
        )
        findings.set("plan\(fleet.vms)", json)
    }

    private var rows: [[String]] {
        let names: [Measurement.Subject: String] = [
            .fetch: "fetch the pages and discard them", .follow: "the same, following nextLink",
            .plan: "plan: read, decide", .command: "plan: manifest, read, decide, JSON, text",
        ]
        return Self.subjects.map { subject in
            let time = total(subject)
            let peak = peak(subject)
            return [
                names[subject] ?? subject.rawValue, time.text(3, "s"),
                Digits.ratio(time.median, total(.fetch).median),
                Digits.ratio(time.median, total(.follow).median),
                peak.text(1, "MiB", per: 1_048_576),
                Digits.ratio(peak.median, self.peak(.fetch).median),
            ]
        }
    }

    /// How many of the requests were lists of a subscription, lists of a group, and single resources.
    private var shape: String {
        let scopes = requests.map { url in
            let path = url.prefix { $0 != "?" }.split(separator: "/")
            // scheme, host, subscriptions, id, [resourceGroups, name,] providers, namespace, type[, name]
            return path.contains("resourceGroups") ? (path.count == 9 ? "group" : "single") : "subscription"
        }
        return ["subscription", "group", "single"].map { name in
            "\(scopes.count { $0 == name }) \(name)"
        }.joined(separator: ", ")
    }

    private var json: JSONValue {
        var members: [String: JSONValue] = [
            "vms": .integer(fleet.vms), "identities": .integer(fleet.identities),
            "groups": .integer(fleet.groups), "requests": .integer(requests.count), "runs": .integer(runs),
        ]
        for subject in Self.subjects {
            members[subject.rawValue] = ["seconds": total(subject).json, "peakBytes": peak(subject).json]
        }
        return .object(members)
    }
}
