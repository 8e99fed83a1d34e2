import ARMEmulator
import IdSyncAzure

/// The emulator on loopback with a latency: every answer is held back for that long, all connections side by side.
enum ApplyServer {
    /// Serves until standard input ends.
    static func serve(_ options: Options) throws(BenchError) {
        let fleet = Fleet(vms: options.number(.vms, default: 200), perGroup: 250)
        // An operation ends at its first poll, and the client may ask at once.
        let state = try EmulatedFleet.state(fleet, EmulatedFleet.Service(retryAfter: 0))
        let router = EmulatorRouter(state: state)
        let delay = Duration.milliseconds(options.number(.latency, default: 0))
        do throws(LoopbackError) {
            let server = try LoopbackServer(replying: { request in
                var reply = router.reply(to: request)
                reply.delay += delay
                return reply
            })
            ServerProcess.announce(server.port)
            server.stop()
        } catch {
            throw BenchError(error.description)
        }
    }
}
