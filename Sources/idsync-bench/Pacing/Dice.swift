import Synchronization

/// Random numbers that a seed repeats exactly (SplitMix64), for whoever asks in whatever order the simulation has.
final class Dice: Sendable {
    private let state: Mutex<UInt64>

    init(seed: Int) { state = Mutex(UInt64(truncatingIfNeeded: seed)) }

    /// A number from 0 up to 1.
    func unit() -> Double {
        let bits = state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        return Double(bits >> 11) / 9_007_199_254_740_992
    }
}
