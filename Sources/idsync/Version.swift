/// The version of idsync.
enum Version {
    static let number = "0.1.0"
    static let userAgent = "idsync/\(number)"
}
