/// Runs a closure over items with at most `limit` in flight; results come in the order of the items.
///
/// The one place where idsync starts concurrent work, used by the reader and the executor alike.
package func boundedMap<Item: Sendable, Output: Sendable>(
    _ items: [Item],
    limit: Int,
    _ body: @escaping @Sendable (Item) async -> Output
) async -> [Output] {
    await withTaskGroup(of: (Int, Output).self) { group in
        var outputs = [Output?](repeating: nil, count: items.count)
        var next = 0
        func startOne() {
            guard next < items.count else { return }
            let index = next
            let item = items[index]
            next += 1
            group.addTask { (index, await body(item)) }
        }
        for _ in 0..<max(1, limit) { startOne() }
        while let (index, output) = await group.next() {
            outputs[index] = output
            startOne()
        }
        return outputs.compactMap { $0 }
    }
}
