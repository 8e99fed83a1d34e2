/// A value that must never be shown; its description is `<redacted>` and it is not `Encodable`.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String

    /// Wraps a secret value.
    package init(_ value: String) { self.value = value }

    /// The value itself; call it only where the secret goes onto the wire.
    package func reveal() -> String { value }

    /// Always `<redacted>`.
    package var description: String { "<redacted>" }

    /// Always `<redacted>`.
    package var debugDescription: String { "<redacted>" }

    /// A mirror without children, so that `dump` shows nothing either.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
