import Foundation

/// Managed identity on Azure Arc: the agent proves that the caller is privileged by a file only root can read.
extension ManagedIdentityCredential {
    /// The largest key file, in bytes (FACTS section 9, msal).
    private static let keySizeLimit = 4_096

    /// Answers the agent's challenge with the content of the key file that it names.
    ///
    /// - Throws: `CredentialError` when there is no challenge, or one that names another file.
    func arcToken(endpoint: ConfiguredText) async throws(CredentialError) -> AccessToken {
        var request = try request(
            endpoint,
            .secureOrLoopback,
            apiVersion: "2020-06-01",
            headers: [("Metadata", "true")]
        )
        let challenge = try await sender.send(request, .local)
        guard challenge.status == 401 else {
            throw CredentialError(
                "the Arc agent answered HTTP \(challenge.status) instead of its 401 challenge"
            )
        }
        let key = try key(challenge.header("WWW-Authenticate"))
        request.headers.append(
            ("Authorization", "Basic " + (try Checked.headerValue(key, from: "the Arc agent's key file")))
        )
        let response = try await sender.send(request, .local)
        return try token(from: response, to: request, hiding: [key], mustEcho: true)
    }

    /// The key that a challenge `Basic realm=<file>` points to.
    ///
    /// A service that only pretends to be the agent could name any file and so be sent its content: the file
    /// must be a `.key` in the agent's own folder, also after symbolic links are resolved.
    private func key(_ challenge: String?) throws(CredentialError) -> Secret {
        guard let challenge, let match = challenge.wholeMatch(of: /\s*(?i:basic)\s+(?i:realm)=(.+?)\s*/)
        else {
            throw CredentialError("the Arc agent's 401 has no `Basic realm=` challenge")
        }
        let path = match.output.1.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        let name = path.split(separator: "/").last ?? ""
        guard path == "\(arcKeyFolder)/\(name)", name.hasSuffix(".key"), name != ".key",
            files.resolved(path) == "\(files.resolved(arcKeyFolder))/\(name)"
        else {
            throw CredentialError("the Arc agent's challenge names a file that is not \(arcKeyFolder)/*.key")
        }
        let data = try files.read(path, limit: Self.keySizeLimit)
        return Secret(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
