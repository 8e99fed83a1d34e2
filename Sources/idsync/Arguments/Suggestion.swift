import IdSyncCore

/// "Did you mean": the nearest known word, if one is near enough to be a typing mistake.
enum Suggestion {
    static func nearest(to word: String, in words: [String]) -> String? {
        EditDistance.nearest(to: word, in: words)
    }
}
