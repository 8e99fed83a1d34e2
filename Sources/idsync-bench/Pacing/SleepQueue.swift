/// Who sleeps until when; the one that wakes first comes first, of two at the same time the one that asked first.
struct SleepQueue {
    typealias Continuation = CheckedContinuation<Void, any Error>

    private struct Entry {
        let wake: Duration
        let number: Int
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var continuations: [Int: Continuation] = [:]
    private var lastNumber = 0

    /// A number for a new sleeper.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func push(_ number: Int, until wake: Duration, _ continuation: Continuation) {
        continuations[number] = continuation
        entries.append(Entry(wake: wake, number: number))
        var child = entries.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes a sleeper out before its time.
    mutating func remove(_ number: Int) -> Continuation? { continuations.removeValue(forKey: number) }

    /// Takes out the sleeper that wakes next; one that was removed moves no clock.
    mutating func pop() -> (wake: Duration, continuation: Continuation)? {
        while let entry = popEntry() {
            if let continuation = continuations.removeValue(forKey: entry.number) {
                return (entry.wake, continuation)
            }
        }
        return nil
    }

    private mutating func popEntry() -> Entry? {
        guard let first = entries.first else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < entries.count }
            guard let child = children.min(by: { isBefore($0, $1) }), isBefore(child, parent) else {
                return first
            }
            entries.swapAt(child, parent)
            parent = child
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (entries[left].wake, entries[left].number) < (entries[right].wake, entries[right].number)
    }
}
