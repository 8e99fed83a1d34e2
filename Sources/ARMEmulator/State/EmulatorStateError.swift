/// Why a state or fault file cannot be used.
package struct EmulatorStateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, the place in it (`virtualMachines[2].id`, or line and column) and what is wrong there.
    package let description: String

    /// Makes an error with its message.
    package init(_ description: String) { self.description = description }
}
