import fs from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** What WASI calls EIO. PostgreSQL takes it as lost data, and stops rather than going on. */
const INPUT_OUTPUT_ERROR = 29

interface NodeFsModule {
  NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } }
}

/**
 * A PgliteFs is a folder in which PGlite keeps its database and brings it to the disk. Emscripten's own ignores every fsync, so that a power
 * cut could take what a commit had promised. It calls this one for `fsync` alone: the server must run with wal_sync_method=fsync.
 */
export class PgliteFs extends NodeFS {
  override async init(...[pglite, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pglite, options)
    const addSync = (module: unknown): void => {
      ;(module as NodeFsModule).NODEFS.stream_ops.fsync = ({ nfd }) => {
        try {
          fs.fdatasyncSync(nfd)
          return 0
        } catch {
          return INPUT_OUTPUT_ERROR
        }
      }
    }
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...[emscriptenOpts.preRun ?? []].flat(), addSync] } }
  }
}
