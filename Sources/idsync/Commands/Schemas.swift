import IdSyncCore

/// The JSON Schemas that the binary carries.
enum Schemas {
    static let names = ["manifest", "plan", "report"]

    static func text(_ name: String) -> String? {
        switch name {
        case "manifest": ManifestSchema.text
        case "plan": String(decoding: PackageResources.plan_schema_json, as: UTF8.self)
        case "report": String(decoding: PackageResources.report_schema_json, as: UTF8.self)
        default: nil
        }
    }
}
