import Foundation

/// Why a file operation failed, in a few words; what Foundation says is long and names neither cause nor path.
package enum FileReason {
    /// The reason within an error of a file operation.
    package static func text(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
        case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file"
        case .fileWriteOutOfSpace: return "no space left"
        case .fileWriteVolumeReadOnly: return "read-only file system"
        default: break
        }
        let posix = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
        switch posix.domain == NSPOSIXErrorDomain ? Int32(posix.code) : 0 {
        case EACCES, EPERM: return "permission denied"
        case ENOENT: return "no such file or directory"
        case EISDIR: return "it is a directory"
        case ENOTDIR: return "a part of the path is not a directory"
        case EROFS: return "read-only file system"
        case ENOSPC: return "no space left"
        default: return (error as NSError).localizedDescription
        }
    }
}
