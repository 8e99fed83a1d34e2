import Foundation

/// A value that the environment configures, directly or as the path of a file, with the variable's name.
struct ConfiguredText: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        case value(Secret)
        case file(path: String)
    }

    /// The variable that holds the value or the path.
    let variable: String
    let content: Content

    /// The largest file that is read, in bytes; tokens are a few KiB.
    static let sizeLimit = 65_536

    /// The value, read from its file now if it has one: files rotate (FACTS section 9).
    ///
    /// - Throws: `CredentialError` naming the variable and the path.
    func read(_ files: any CredentialFiles) throws(CredentialError) -> Secret {
        switch content {
        case .value(let secret): return secret
        case .file(let path):
            let data: Data
            do throws(CredentialError) {
                data = try files.read(path, limit: Self.sizeLimit)
            } catch {
                throw error.of(variable)
            }
            let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard !text.isEmpty else { throw CredentialError("\(variable): the file \(path) is empty") }
            return Secret(text)
        }
    }

    /// The value as a tenant, client or connection id.
    ///
    /// - Throws: `CredentialError` naming the variable.
    func readIdentifier(_ files: any CredentialFiles) throws(CredentialError) -> String {
        try Checked.identifier(read(files), from: variable)
    }
}

/// The two families of variable names, each in the order that it is looked up.
enum VariableFamily {
    case azure
    case terraform

    /// Both families, this one first: an id is paired with the secret of its own family where it can be.
    var lookup: [VariableFamily] { self == .azure ? [.azure, .terraform] : [.terraform, .azure] }
    var prefix: String { self == .azure ? "AZURE" : "ARM" }
}

/// Reads variables: blank counts as absent, surrounding white space is dropped.
struct EnvironmentReader {
    let environment: [String: String]

    /// The first of the named variables that is set.
    func first(_ names: String...) -> ConfiguredText? {
        for name in names {
            if let text = text(name) { return ConfiguredText(variable: name, content: .value(Secret(text))) }
        }
        return nil
    }

    /// A variable that holds a path.
    func file(_ name: String) -> ConfiguredText? {
        text(name).map { ConfiguredText(variable: name, content: .file(path: $0)) }
    }

    /// The text of a variable, or nil when it is absent or blank.
    func text(_ name: String) -> String? {
        let text = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines)
        return text?.isEmpty == false ? text : nil
    }

    /// True when a switch such as `ARM_USE_OIDC` says no.
    func isOff(_ name: String) -> Bool { ["false", "0"].contains(text(name)?.lowercased()) }

    /// The tenant id, the given family first.
    func tenant(_ family: VariableFamily) -> ConfiguredText? {
        for family in family.lookup {
            if let found = first("\(family.prefix)_TENANT_ID") { return found }
        }
        return nil
    }

    /// The client id, the given family first; Terraform's may be in a file.
    func client(_ family: VariableFamily) -> ConfiguredText? {
        for family in family.lookup {
            if let found = first("\(family.prefix)_CLIENT_ID") { return found }
            if family == .terraform, let found = file("ARM_CLIENT_ID_FILE_PATH") { return found }
        }
        return nil
    }
}
