import IdSyncCore

/// The JSON Schemas that the binary carries.
enum Schemas {
    static let names = ["manifest", "plan", "report"]

    static func text(_ name: String) -> String? {
        switch name {
        case "manifest": ManifestSchema.text
        case "plan": DocumentSchemas.plan
        case "report": DocumentSchemas.report
        default: nil
        }
    }
}
