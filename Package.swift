// swift-tools-version: 6.2
import PackageDescription

/// Strict settings that every Swift target shares.
///
/// ExistentialAny is SE-0335, MemberImportVisibility SE-0444, InternalImportsByDefault SE-0409,
/// NonisolatedNonsendingByDefault SE-0461, strictMemorySafety SE-0458, treatAllWarnings SE-0480.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Tests get the same settings less strict memory safety: `#expect` expands to code that it would flag.
let strictTests: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "idsync",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "idsync", targets: ["idsync"])
    ],
    targets: [
        .systemLibrary(
            name: "CYaml",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
        ),
        .target(name: "YAMLDocument", dependencies: ["CYaml"], swiftSettings: strict),
        .target(name: "IdSyncCore", dependencies: ["YAMLDocument"], swiftSettings: strict),
        .target(name: "IdSyncAzure", dependencies: ["IdSyncCore"], swiftSettings: strict),
        .target(name: "ARMEmulator", dependencies: ["IdSyncCore", "IdSyncAzure"], swiftSettings: strict),
        .executableTarget(
            name: "idsync",
            dependencies: ["YAMLDocument", "IdSyncCore", "IdSyncAzure", "ARMEmulator"],
            // Links to the files in schemas and examples, so that there is one copy of each.
            resources: [
                .embedInCode("Resources/plan.schema.json"),
                .embedInCode("Resources/report.schema.json"),
                .embedInCode("Resources/quickstart.yaml"),
                .embedInCode("Resources/quickstart.json"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "idsync-bench",
            dependencies: ["YAMLDocument", "IdSyncCore", "IdSyncAzure", "ARMEmulator"],
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            dependencies: ["YAMLDocument", "IdSyncCore", "IdSyncAzure", "ARMEmulator"],
            path: "Tests/TestSupport",
            swiftSettings: strictTests
        ),
        .testTarget(
            name: "YAMLDocumentTests",
            dependencies: ["YAMLDocument", "TestSupport"],
            swiftSettings: strictTests
        ),
        .testTarget(
            name: "IdSyncCoreTests",
            dependencies: ["IdSyncCore", "YAMLDocument", "TestSupport"],
            exclude: ["Fixtures", "Snapshots"],
            swiftSettings: strictTests
        ),
        .testTarget(
            name: "IdSyncAzureTests",
            dependencies: ["IdSyncAzure", "IdSyncCore", "YAMLDocument", "ARMEmulator", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: strictTests
        ),
        .testTarget(
            name: "ARMEmulatorTests",
            dependencies: ["ARMEmulator", "IdSyncAzure", "IdSyncCore", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: strictTests
        ),
        .testTarget(
            name: "idsyncTests",
            dependencies: [
                "idsync", "ARMEmulator", "IdSyncAzure", "IdSyncCore", "YAMLDocument", "TestSupport",
            ],
            exclude: ["Fixtures"],
            swiftSettings: strictTests
        ),
    ]
)
