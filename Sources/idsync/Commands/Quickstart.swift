import Foundation
import IdSyncCore

/// The quickstart example inside the binary, so that `idsync demo` needs no file; a test keeps it equal to
/// `examples/quickstart`.
enum Quickstart {
    /// The state as JSON.
    static var state: JSONValue {
        // The text is a constant that a test parses; an empty state is refused with a clear message.
        (try? JSONValue(parsing: Data(stateText.utf8))) ?? .null
    }

    /// `examples/quickstart/manifest.yaml`.
    static let manifestText = """
        # yaml-language-server: $schema=../../schemas/manifest.schema.json
        version: 1
        defaults:
          subscription: 80c696ff-5efa-4909-a64d-f1b616f423ca
          resourceGroup: TestRG
          location: westus
          tags: {owner: platform}

        identities:
          - name: app-reader
          - name: app-writer
            tags: {owner: platform, tier: gold}

        virtualMachines:
          - name: web-01
            userAssigned: [app-reader]
          - name: web-02
            systemAssigned: true
            userAssigned: [app-reader, app-writer]
          - name: batch-01
            userAssigned: [app-writer]
            remove: [TestRG/legacy]

        """

    /// `examples/quickstart/state.json`.
    static let stateText = """
        {
          "format": "idsync.emulator/1",
          "resourceGroups": [
            {
              "id": "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG",
              "location": "westus"
            }
          ],
          "identities": [
            {
              "id": "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app-reader",
              "location": "westus",
              "tags": {"created-by": "portal"}
            },
            {
              "id": "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/legacy",
              "location": "westus"
            },
            {
              "id": "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/Built-In-Identity-RG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Built-In-Identity-westus",
              "location": "westus"
            }
          ],
          "virtualMachines": [
            {
              "id": "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/Microsoft.Compute/virtualMachines/web-01",
              "location": "westus",
              "identity": {
                "type": "SystemAssigned, UserAssigned",
                "userAssignedIdentities": {
                  "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/Built-In-Identity-RG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Built-In-Identity-westus": {}
                }
              }
            },
            {
              "id": "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/Microsoft.Compute/virtualMachines/web-02",
              "location": "westus"
            },
            {
              "id": "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/Microsoft.Compute/virtualMachines/batch-01",
              "location": "westus",
              "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": {
                  "/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourceGroups/TestRG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/legacy": {}
                }
              }
            }
          ]
        }

        """
}
