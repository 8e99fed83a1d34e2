/// Resources by folded id, kept in id order so that a list page costs a binary search, not a sort.
struct ResourceTable<Value: Sendable & Equatable>: Sendable, Equatable {
    private var values: [String: Value] = [:]
    private var keys: [String] = []

    /// Makes an empty table.
    init() {}

    /// Makes a table in one go, sorting once; of equal keys the last wins.
    init(_ entries: [(key: String, value: Value)]) {
        values = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        keys = values.keys.sorted()
    }

    /// The resource with a folded id; assigning nil removes it.
    subscript(key: String) -> Value? {
        get { values[key] }
        set {
            let isNew = values[key] == nil
            values[key] = newValue
            let position = lowerBound(of: key)
            if newValue == nil {
                if !isNew { keys.remove(at: position) }
            } else if isNew {
                keys.insert(key, at: position)
            }
        }
    }

    /// Every value in id order.
    var all: [Value] { keys.compactMap { values[$0] } }

    /// How many there are.
    var count: Int { keys.count }

    /// Up to `limit` values whose id starts with `prefix` and comes after `cursor`, and the cursor of the next page.
    ///
    /// The cursor is an id, not an index, so a page boundary survives changes between two pages.
    func page(
        prefix: String,
        after cursor: String?,
        limit: Int,
        where isIncluded: (Value) -> Bool
    ) -> (values: [Value], next: String?) {
        var position = lowerBound(of: max(prefix, cursor ?? prefix))
        var found: [Value] = []
        var last: String?
        while position < keys.count, keys[position].hasPrefix(prefix) {
            defer { position += 1 }
            let key = keys[position]
            guard key != cursor, let value = values[key], isIncluded(value) else { continue }
            if found.count == limit { return (found, last) }
            found.append(value)
            last = key
        }
        return (found, nil)
    }

    private func lowerBound(of key: String) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
