import Foundation

/// The largest resident memory of this process so far.
enum PeakMemory {
    /// The peak in bytes.
    ///
    /// On Linux `VmHWM`, which starts anew with the program; `ru_maxrss` would include the parent before the exec.
    static func bytes() -> Int {
        #if os(Linux)
            guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
                let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
            else { return 0 }
            return kibibytes * 1_024
        #else
            var usage = rusage()
            return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : 0
        #endif
    }
}
