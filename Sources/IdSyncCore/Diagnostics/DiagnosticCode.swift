package import YAMLDocument

/// Every code that a diagnostic about the manifest can carry; codes are stable and never used again for another meaning.
package enum DiagnosticCode: String, Sendable, Hashable, CaseIterable {
    // Syntax: what the file is made of.
    case emptyDocument = "IDS1001"
    case invalidUTF8 = "IDS1002"
    case wrongEncoding = "IDS1003"
    case forbiddenCharacter = "IDS1004"
    case invalidYAML = "IDS1005"
    case invalidJSON = "IDS1006"
    case duplicateKey = "IDS1007"
    case alias = "IDS1008"
    case mergeKey = "IDS1009"
    case tag = "IDS1010"
    case severalDocuments = "IDS1011"
    case keyNotScalar = "IDS1012"
    case tooLarge = "IDS1013"
    case tooDeep = "IDS1014"
    case tooMany = "IDS1015"
    case notText = "IDS1016"

    // Schema: which fields there are, and of which type.
    case wrongType = "IDS1101"
    case missingField = "IDS1102"
    case unknownKey = "IDS1103"
    case notSupportedYet = "IDS1104"
    case valueNotAllowed = "IDS1105"
    case noValue = "IDS1106"
    case sectionDiffers = "IDS1107"
    case noManifest = "IDS1108"
    case unreadableFile = "IDS1109"
    case declaresNothing = "IDS1110"

    // References and contradictions.
    case unknownIdentity = "IDS1201"
    case malformedReference = "IDS1202"
    case ambiguousName = "IDS1203"
    case duplicateIdentity = "IDS1204"
    case duplicateTarget = "IDS1205"
    case duplicateReference = "IDS1206"
    case assignedAndRemoved = "IDS1207"
    case removesProtected = "IDS1208"
    case deletesProtected = "IDS1209"
    case assignsAbsent = "IDS1210"
    case ignoreWithoutExclusive = "IDS1211"
    case removeWithExclusive = "IDS1212"
    case exclusiveWithoutList = "IDS1213"
    case noDefault = "IDS1214"
    case asksNothing = "IDS1215"

    // Names and limits of Azure (FACTS section 7).
    case identityName = "IDS1301"
    case longIdentityName = "IDS1302"
    case resourceGroup = "IDS1303"
    case machineName = "IDS1304"
    case subscription = "IDS1305"
    case location = "IDS1306"
    case tagCount = "IDS1307"
    case tagName = "IDS1308"
    case tagValue = "IDS1309"
    case duplicateTag = "IDS1310"
    case apiVersion = "IDS1311"
    case cloudURL = "IDS1312"
    case limit = "IDS1313"
    case pattern = "IDS1314"

    /// The code of a syntax problem.
    package init(_ kind: SyntaxProblem.Kind) {
        self =
            switch kind {
            case .emptyDocument: .emptyDocument
            case .invalidUTF8: .invalidUTF8
            case .wrongEncoding: .wrongEncoding
            case .forbiddenCharacter: .forbiddenCharacter
            case .invalidYAML: .invalidYAML
            case .invalidJSON: .invalidJSON
            case .duplicateKey: .duplicateKey
            case .alias: .alias
            case .mergeKey: .mergeKey
            case .tag: .tag
            case .severalDocuments: .severalDocuments
            case .keyNotScalar: .keyNotScalar
            case .tooLarge: .tooLarge
            case .tooDeep: .tooDeep
            case .tooMany: .tooMany
            case .notText: .notText
            }
    }
}
