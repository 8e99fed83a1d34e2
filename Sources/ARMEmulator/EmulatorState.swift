// The emulator: an in-memory ARM.
