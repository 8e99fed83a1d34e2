package import Foundation
import IdSyncCore

/// What an answer says about the buckets of its request.
package struct PacingFeedback: Sendable, Equatable {
    /// The remaining tokens per bucket.
    package let remaining: [BucketKey: Int]
    /// The buckets to close, and for how long; empty unless the answer is a 429 in any disguise.
    package let frozen: [BucketKey]
    /// How long to close them.
    package let wait: Duration

    /// Reads an answer.
    ///
    /// A 429 closes only the bucket that it is about (F62): the one whose counter is at zero, else the one whose reach the
    /// text names ("because resource … has issued too many requests"), else the provider's for the subscription.
    package init(keys: [BucketKey], response: HTTPResponse, now: Date) {
        remaining = Self.remaining(keys: keys, response: response)
        guard ErrorClass(of: response) == .throttled else {
            frozen = []
            wait = .zero
            return
        }
        let text = String(decoding: response.body.prefix(16_384), as: UTF8.self)
        wait = RetryAfter.header(of: response, now: now) ?? RetryAfter.words(in: text) ?? .seconds(2)
        frozen = Self.culprits(keys: keys, text: Folding.fold(text), remaining: remaining)
    }

    private static func culprits(keys: [BucketKey], text: String, remaining: [BucketKey: Int]) -> [BucketKey]
    {
        let empty = keys.filter { remaining[$0].map { $0 <= 0 } ?? false }
        if !empty.isEmpty { return empty }
        let named = keys.filter { key in
            key.limit.reach != .principal
                && key.limit.headerNames.contains { text.contains(Folding.fold($0)) }
        }
        if !named.isEmpty { return named }
        let resource = keys.filter { $0.limit.reach == .resource }
        if text.contains("because resource"), !resource.isEmpty { return resource }
        let provider = keys.filter { $0.limit.reach == .provider && $0.scope != "tenant" }
        return provider.isEmpty ? keys.filter { $0.limit.reach == .principal } : provider
    }

    private static func remaining(keys: [BucketKey], response: HTTPResponse) -> [BucketKey: Int] {
        var counters: [String: Int] = [:]
        let prefix = "x-ms-ratelimit-remaining-"
        for (name, value) in response.headers {
            let name = Folding.fold(name)
            guard name.hasPrefix(prefix) else { continue }
            if name == prefix + "resource" {
                // One comma-separated header or several, `Microsoft.Compute/UpdateVMResource;11` each.
                for entry in value.split(separator: ",") {
                    let parts = entry.split(separator: ";")
                    guard parts.count == 2, let count = Int(parts[1].trimmingCharacters(in: .whitespaces)),
                        let label = parts[0].split(separator: "/").last
                    else { continue }
                    note(Folding.fold(String(label)), count, in: &counters)
                }
            } else if let count = Int(value.trimmingCharacters(in: .whitespaces)) {
                note(String(name.dropFirst(prefix.count)), count, in: &counters)
            }
        }
        var remaining: [BucketKey: Int] = [:]
        for key in keys {
            remaining[key] = key.limit.headerNames.compactMap { counters[Folding.fold($0)] }.min()
        }
        return remaining
    }

    /// No counter is below zero: taken at its word, one would close the bucket for longer than a clock can count.
    private static func note(_ label: String, _ count: Int, in counters: inout [String: Int]) {
        counters[label] = min(max(0, count), counters[label] ?? Int.max)
    }
}
