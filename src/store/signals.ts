import { EventEmitter } from 'node:events'

/** Signals wake listeners: in this process at once, in others through the database. A signal may be lost. */
export interface Signals {
  signal(name: string): void
  onSignal(name: string, listener: () => void): () => void
  stop(): Promise<void>
}

/** Signals within this process. */
export const localSignals = (emitter = new EventEmitter().setMaxListeners(0)): Signals => ({
  signal: (name) => void emitter.emit(name),
  onSignal(name, listener) {
    emitter.on(name, listener)
    return () => void emitter.off(name, listener)
  },
  async stop() {
    emitter.removeAllListeners()
  },
})
