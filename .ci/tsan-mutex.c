/* Tells ThreadSanitizer what `Synchronization.Mutex` does when it has to wait (Linux).
 *
 * Taking and leaving a free mutex are atomic operations in the caller's own code, which the sanitizer sees. With a thread
 * waiting they are calls into libswiftSynchronization.so, which is not built with the sanitizer: it misses the order that
 * they make and reports a race between any two critical sections. Preloaded, these functions stand before the real ones
 * and report that order; a race that no mutex prevents is still found.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

/* Of the sanitizer's runtime; absent in programs without it, which inherit the preload. */
void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void idsync_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool idsync_try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void idsync_unlock(SELF) __asm__(UNLOCK);

SWIFT void idsync_lock(uint32_t thread, SELF) {
    SWIFT void (*real)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    real(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT bool idsync_try_lock(SELF) {
    SWIFT bool (*real)(SELF) = dlsym(RTLD_NEXT, TRY_LOCK);
    bool is_locked = real(self);
    if (is_locked && __tsan_acquire) __tsan_acquire(self);
    return is_locked;
}

SWIFT void idsync_unlock(SELF) {
    SWIFT void (*real)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(self);
    real(self);
}
